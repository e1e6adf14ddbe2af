"""A small library held in memory: what the upper layers are tested on where the real clauses would be too many."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clausebook import ledger, project, snapshot
from clausebook.document import Document, Entry, Side
from clausebook.errors import Problem
from clausebook.ledger import Ledger
from clausebook.model import Settings
from clausebook.project import Project
from clausebook.release import ChangeRecord, Release
from clausebook.tree import Kind, inside

VOCABULARY = {
    "data": """scheme: data
terms:
  - {id: name, name: {zh: 姓名, en: name}}
  - {id: phone, name: {zh: 手机号码, en: phone number}}
  - {id: face, name: {zh: 人脸特征, en: facial features}, sensitive: law}
  - {id: ip, name: {zh: IP 地址, en: IP address}, sensitive: context}
""",
    "subjects": "scheme: subjects\nterms:\n  - {id: user, name: {zh: 用户, en: user}}\n",
    "functions": "scheme: functions\nterms:\n  - {id: sign-in, name: {zh: 登录, en: signing in}}\n",
    "purposes": "scheme: purposes\nterms:\n  - {id: identify, name: {zh: 识别身份, en: identification}}\n"
    "  - {id: secure, name: {zh: 保障安全, en: security}}\n",
    "recipients": "scheme: recipients\nterms:\n  - {id: carrier, name: {zh: 运营商, en: carrier}}\n"
    "  - {id: court, name: {zh: 法院, en: court}}\n",
    "locations": "scheme: locations\nterms:\n  - {id: mainland, name: {zh: 中国境内, en: mainland China}}\n",
    "rights": "scheme: rights\nterms:\n  - {id: erase, name: {zh: 删除, en: erasure}}\n",
    "channels": "scheme: channels\nterms:\n  - {id: e-mail, name: {zh: 电子邮件, en: e-mail}}\n",
    "laws": "scheme: laws\nterms:\n"
    "  - {id: pipl, name: {zh: 个人信息保护法, en: Personal Information Protection Law}, short: {zh: 个保法, en: PIPL}}\n"
    "  - {id: civil-code, name: {zh: 民法典, en: Civil Code}}\n",
}

HEAD = """id: p
title: {zh: 政策, en: Policy}
locales: [zh, en]
"""
PROFILE = "profile:\n  operator: {name: {zh: 某公司, en: Some Company}, email: a@b.example, beta: false}\n"


@dataclass(frozen=True)
class Files:
    """A tree of files in memory, listed in the order in which they were given."""

    texts: Mapping[str, str]

    def files(self, folder: str, problems: list[Problem]) -> list[str]:
        """List the files below a folder."""
        return [path for path in self.texts if path.startswith(f"{folder}/")]

    def entries(self, folder: str) -> list[tuple[str, Kind]]:
        """List what stands directly in a folder."""
        return inside(folder, dict.fromkeys(self.texts, "file"))

    def read(self, path: str, limit: int) -> bytes:
        """Return at most `limit + 1` bytes of a file."""
        return self.texts[path].encode()[: limit + 1]

    def exists(self, path: str) -> bool:
        """Tell whether there is a file or folder at path."""
        return path in self.texts or any(name.startswith(f"{path}/") for name in self.texts)


def files(clauses: Mapping[str, str], sections: str = "", head: str = HEAD, profile: str = PROFILE) -> dict[str, str]:
    """Return the files of a library: each clause without its `id` line (so its own first line is line 2), one policy `p`."""
    found = {f"clauses/vocabulary/{scheme}.yml": text for scheme, text in VOCABULARY.items()}
    found |= {f"clauses/m/{clause}.yml": f"id: {clause}\n{text}" for clause, text in clauses.items()}
    listed = sections or f"sections:\n  - {{id: s, title: {{zh: 章, en: Chapter}}, clauses: [{', '.join(clauses)}]}}\n"
    return {**found, "policies/p/policy.yml": head + profile + listed}


def opened(texts: Mapping[str, str]) -> Project:
    """Open the project the files make."""
    return project.open(Path("nowhere"), Files(texts), Settings())


def document(clauses: Mapping[str, str], sections: str = "", head: str = HEAD, profile: str = PROFILE) -> Document:
    """Assemble policy `p` of a library without problems."""
    return opened(files(clauses, sections, head, profile)).sound().documents["p"]


def entry(made: Document, anchor: str) -> Entry:
    """Return the clause at an anchor."""
    return next(e for e in made.entries() if e.anchor == anchor)


def text(zh: str, en: str, more: str = "") -> str:
    """Return a clause with the given bodies; `more` stands before the text (params, facts)."""

    def body(words: str) -> str:
        return "".join(f"      {line}\n" if line else "\n" for line in words.split("\n"))

    return f"{more}text:\n  zh:\n    title: 条\n    body: |\n{body(zh)}  en:\n    title: Clause\n    body: |\n{body(en)}"


# Releases.

CHANGED = ChangeRecord(
    id="0" * 12, kind="data-added", level="material", direction="worse", practice="changed", clauses=["a"],
    sentence={"zh": "新增收集：手机号码。", "en": "Now collects: phone number."},
)  # fmt: skip


WORST = {"level": "material", "direction": "worse", "bump": "major", "notice_days": 30}


def change(sentence: str, **values: Any) -> ChangeRecord:
    """Return a change that says `sentence`, otherwise as `CHANGED`."""
    ident = hashlib.sha256(sentence.encode()).hexdigest()[:12]
    return CHANGED.model_copy(update={"id": ident, "sentence": {"zh": f"{sentence}。", "en": f"{sentence}."}, **values})


@dataclass(frozen=True)
class Made:
    """A release in the making: its document, dates and what its record says."""

    version: str
    side: Side
    published: str
    effective: str
    changes: tuple[ChangeRecord, ...] = ()
    verdict: Mapping[str, Any] = field(default_factory=dict)
    corrects: str = ""
    record: Mapping[str, Any] = field(default_factory=dict)


def released(*made: Made) -> Ledger:
    """Return the ledger of releases, each after the one before it."""
    found = chain(*made)
    return Ledger(found[0]["policy"], tuple(Release.model_validate(data) for data in found))


def chain(*made: Made) -> list[dict[str, Any]]:
    """Return sealed releases as their files hold them, each after the one before it."""
    found: list[dict[str, Any]] = []
    for number, one in enumerate(made, 1):
        last = found[-1] if found else None
        verdict = {"base": last["version"] if last else None, **WORST, **one.verdict}
        record = {"verdict": verdict, "changes": [c.model_dump(mode="json", exclude_none=True) for c in one.changes]}
        found.append(
            ledger.sealed(
                {
                    "schema": 1,
                    "policy": one.side.document.policy.id,
                    "version": one.version,
                    "number": number,
                    "previous": {key: last[key] for key in ("version", "fingerprint", "seal")} if last else None,
                    "corrects": one.corrects or None,
                    "published": one.published,
                    "effective": one.effective,
                    "document": snapshot.of(one.side),
                    "record": {**record, "made": {"clausebook": "0", "templates": "0" * 64}, **one.record},
                }
            )
        )
    return found
