"""Synthetic policies: as many as a measurement needs, each taken after a real policy of this repository.

A synthetic policy has the sections of its model. By the seed it leaves out and reorders clauses, has another operator
and product, and other numbers and flags; the clauses themselves are the repository's, so most text is shared. A clause
that another refers to stays.
"""

from __future__ import annotations

import random
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from clausebook import language, load, project, resolve
from clausebook.model import Clause, Library, Policy
from clausebook.tree import Folder

ROOT = Path(__file__).resolve().parent.parent
COPIED = ("clauses", "templates", "docs", "mkdocs.yml")
LEFT_OUT = 0.15  # of the clauses nothing refers to
CHANGED = 0.5  # of the numbers and flags

_SYLLABLES = {"云": "yun", "海": "hai", "星": "xing", "河": "he", "远": "yuan", "方": "fang", "明": "ming", "川": "chuan"}


class _Dumper(yaml.CSafeDumper):
    """Writes a value again where it stands twice: policies hold no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


@dataclass(frozen=True)
class Model:
    """A real policy: its file as plain data, and the anchors other parts of it refer to."""

    data: dict[str, Any]
    needed: frozenset[str]


def site(target: Path, pages: int, seed: int, kept: frozenset[str] = frozenset()) -> None:
    """Make `target` a site of `pages` policy pages: half as many policies in two languages; for 0, the repository's own.

    No policy leaves out the clauses `kept`.
    """
    target.mkdir(exist_ok=True)
    for name in COPIED if pages else (*COPIED, "policies"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        copy(ROOT / name, target / name)
    for policy in policies(pages // 2, seed, kept):
        file = target / "policies" / policy["id"] / "policy.yml"
        file.parent.mkdir(parents=True)
        file.write_bytes(written(policy))


def written(policy: dict[str, Any]) -> bytes:
    """Return a policy as its file."""
    return yaml.dump(policy, Dumper=_Dumper, allow_unicode=True, sort_keys=False).encode()


def policies(count: int, seed: int, kept: frozenset[str] = frozenset()) -> Iterator[dict[str, Any]]:
    """Yield synthetic policies as plain data, the real ones taking turns as the model."""
    library = load.library(Folder(ROOT), project.settings(ROOT))[0]
    models = _models(library, kept)
    profile = _merged(model.data["profile"] for model in models)
    for number in range(count):
        model = models[number % len(models)]
        yield _Synthesis(library, model, random.Random(f"{seed}/{number}")).policy(f"policy-{number + 1:04}", profile)


def needed() -> frozenset[str]:
    """Return the clauses of the real policies that other parts refer to."""
    return frozenset().union(*(model.needed for model in _models(load.library(Folder(ROOT), project.settings(ROOT))[0], frozenset())))


def _models(library: Library, kept: frozenset[str]) -> list[Model]:
    return [_model(library, loaded.value, kept) for _, loaded in sorted(library.policies.items())]


def _model(library: Library, policy: Policy, kept: frozenset[str]) -> Model:
    data = yaml.load((ROOT / "policies" / policy.id / "policy.yml").read_text(encoding="utf-8"), yaml.CSafeLoader)
    needed = set(kept)
    for _, use in resolve.uses(policy):
        needed |= set(_texts(use.params))
        for text in library.clauses[use.id].value.text.values():
            needed |= {ref.parts[0] for ref in language.parse(text.body).refs}
    return Model(data, frozenset(needed))


def _texts(value: Any) -> Iterator[str]:
    """Yield every text in a value: an anchor a parameter names is among them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


def _merged(profiles: Iterator[dict[str, Any]]) -> dict[str, Any]:
    """Return all profiles in one, for a clause may name what only its own policy's profile has."""
    found: dict[str, Any] = {}
    for profile in profiles:
        for group, entries in profile.items():
            found[group] = {**found.get(group, {}), **entries}
    return found


class _Synthesis:
    """Makes one synthetic policy."""

    def __init__(self, library: Library, model: Model, chance: random.Random) -> None:
        self.library, self.model, self.chance = library, model, chance

    def policy(self, policy_id: str, profile: dict[str, Any]) -> dict[str, Any]:
        data = self.model.data
        zh, en = self.name()
        title = {"zh": f"{zh}{data['title']['zh']}", "en": f"{en} {data['title']['en']}"}
        mine = _merged(iter([profile, data["profile"], _profile(zh, en, title)]))
        sections = [self.section(section) for section in data["sections"]]
        return {**data, "id": policy_id, "title": title, "profile": mine, "sections": sections}

    def name(self) -> tuple[str, str]:
        """Return an invented name in both languages."""
        chosen = self.chance.sample(sorted(_SYLLABLES), 3)
        return "".join(chosen), "".join(_SYLLABLES[sign] for sign in chosen).capitalize()

    def section(self, section: dict[str, Any]) -> dict[str, Any]:
        uses = [use if isinstance(use, dict) else {"id": use} for use in section.get("clauses", [])]
        kept = [use for use in uses if self.stays(use)] or uses[:1]
        self.chance.shuffle(kept)
        below = [self.section(inner) for inner in section.get("sections", [])]
        return {**section, "clauses": [self.use(use) for use in kept], "sections": below}

    def stays(self, use: dict[str, Any]) -> bool:
        return self.chance.random() >= LEFT_OUT or use.get("as", use["id"]) in self.model.needed

    def use(self, use: dict[str, Any]) -> dict[str, Any]:
        params = {**use.get("params", {}), **dict(self.params(self.library.clauses[use["id"]].value))}
        return {**use, "params": params}

    def params(self, clause: Clause) -> Iterator[tuple[str, int | bool]]:
        for name, param in clause.params.items():
            if param.type in ("number", "flag") and self.chance.random() < CHANGED:
                yield name, self.chance.randint(1, 30) if param.type == "number" else self.chance.random() < 0.5


def _profile(zh: str, en: str, title: dict[str, str]) -> dict[str, Any]:
    return {
        "policy": {"title": title},
        "operator": {
            "legal_name": {"zh": f"{zh}网络服务有限公司", "en": f"{en} Network Service Co., Ltd."},
            "short_name": {"zh": zh, "en": en},
        },
        "product": {"name": {"zh": f"{zh}通", "en": f"{en} Connect"}, "short": {"zh": f"{zh}通", "en": f"{en} Connect"}},
    }


if __name__ == "__main__":
    site(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), frozenset(sys.argv[4:]))
