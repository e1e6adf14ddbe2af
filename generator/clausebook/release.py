"""What is frozen: versions, releases and what authors note for the next one. Records only.

A release has two hashes. Its fingerprint covers what the policy means (text, facts, dates, the release before it), so that it
says whether two copies hold the same policy; its seal covers the whole file, so that nothing beside the text can be changed
either. The next release names both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from clausebook import alike
from clausebook.contract import SectionExport
from clausebook.facts import Day, Flag, LocaleId, Slug, Strict, Text, Title, Whole
from clausebook.model import Doc, Waiver

SCHEMA = 1
VERSION = r"(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})(\+([a-z]{2,3}(?:-[A-Za-z]{2,8})?)\.([1-9]\d{0,3}))?"

VersionLabel = Annotated[str, StringConstraints(pattern=f"^{VERSION}$")]
Sha256 = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
ChangeId = Annotated[str, StringConstraints(pattern="^[0-9a-f]{12}$")]
Words = dict[LocaleId, str]
Level = Literal["material", "substantive", "editorial", "translation", "internal", "unclassified"]
Direction = Literal["worse", "better", "neutral"]
Practice = Literal["changed", "description", "none"]


@dataclass(frozen=True, order=True)
class Version:
    """A version's place among others: numbers, then the count of translation revisions of that text; `locale` is the language revised."""

    major: int
    minor: int
    patch: int
    revision: int = 0
    locale: str = ""

    @classmethod
    def parse(cls, label: str) -> Version | None:
        """Return the version a label such as `2.1.0` or `2.1.0+en.1` names, or None."""
        match = re.fullmatch(VERSION, label, re.ASCII)
        if match is None:
            return None
        major, minor, patch, _, locale, revision = match.groups()
        return cls(int(major), int(minor), int(patch), int(revision or 0), locale or "")

    def __str__(self) -> str:
        base = f"{self.major}.{self.minor}.{self.patch}"
        return f"{base}+{self.locale}.{self.revision}" if self.revision else base


def address(label: str) -> str:
    """Return a version as it stands in an address: some hosts read a plus sign as a space."""
    return label.replace("+", "-")


class Link(Strict):
    """The release before: its version, fingerprint and seal."""

    version: VersionLabel
    fingerprint: Sha256
    seal: Sha256


class FrozenTerm(Strict):
    """A term of the vocabulary as it stood."""

    scheme: Slug
    name: dict[LocaleId, Title]
    short: dict[LocaleId, Title] | None = None
    group: Slug | None = None
    broader: Slug | None = None
    sensitive: Literal["none", "context", "law", "stated"] = "none"
    dpv: Text | None = None
    article: Text | None = None


class FrozenGroup(Strict):
    """A heading of a scheme of the vocabulary as it stood."""

    id: Slug
    scheme: Slug
    name: dict[LocaleId, Title]


class FrozenPolicy(Strict):
    """A policy as it stood, without its sections, which the document holds assembled."""

    title: dict[LocaleId, Title]
    locales: Annotated[list[LocaleId], Field(min_length=1)]
    jurisdictions: list[Slug] = []
    sample: Flag = False
    doc: Doc = Doc()
    numbering: Slug = "chapters"
    sensitive: list[Slug] = []
    profile: dict[str, dict[str, Any]] = {}
    names: dict[Slug, dict[LocaleId, Title]] = {}


class FrozenDocument(Strict):
    """A document as it stood: the policy, every section with text by block and facts, every term it names."""

    policy: FrozenPolicy
    sections: list[SectionExport]
    terms: dict[Slug, Annotated[FrozenTerm, alike.once()]]
    groups: list[FrozenGroup] = []


class VerdictRecord(Strict):
    """What a release's changes amount to. `base` is the version they are counted from; notice is in days."""

    base: VersionLabel | None = None
    level: Level
    direction: Direction
    bump: Literal["major", "minor", "patch", "revision", "none"]
    notice_days: Whole
    notice: list[Slug] = []
    reconsent: list[Slug] = []


class ChangeRecord(Strict):
    """One judged change with the sentence readers were told. `clauses` are anchors of this release, `was` those of its base."""

    id: ChangeId
    kind: Slug
    level: Level
    direction: Direction
    practice: Practice
    clauses: list[Slug] = []
    was: list[Slug] = []
    sentence: Words
    why: Words | None = None
    by: Title | None = None


class FindingRecord(Strict):
    """A finding that stood when the version was released."""

    rule: Slug
    level: Literal["error", "warning", "info"]
    clause: Slug | None = None
    words: Title | None = None


class Exception_(Strict):
    """A refusal of the gate that was set aside: which, why, by whom."""

    gate: Literal["findings", "notice", "translation"]
    reason: Text
    by: Title


class Approval(Strict):
    """A person's consent to the changes of a release, by their common fingerprint."""

    role: Slug
    by: Title
    on: Day
    changes: Annotated[str, StringConstraints(pattern="^[0-9a-f]{12,64}$")]


class Made(Strict):
    """What made the file: the package's version and a hash of the site's templates."""

    clausebook: Title
    templates: Sha256


class Record(Strict):
    """How a release came about: the verdict, each change in words, findings, waivers, reasons, approvals."""

    verdict: VerdictRecord
    summary: dict[LocaleId, Text] | None = None
    changes: list[ChangeRecord] = []
    findings: list[FindingRecord] = []
    waivers: list[Waiver] = []
    exceptions: list[Exception_] = []
    approvals: list[Approval] = []
    made: Made


class Release(Strict):
    """A frozen version: one file of the ledger. `number` counts the releases of a policy from 1."""

    schema_: Literal[1] = Field(alias="schema")
    policy: Slug
    version: VersionLabel
    number: Annotated[Whole, Field(ge=1)]
    previous: Link | None
    corrects: VersionLabel | None = None
    published: Day
    effective: Day
    document: FrozenDocument
    record: Record
    fingerprint: Sha256
    seal: Sha256

    @property
    def order(self) -> Version:
        """Return the version's place among others."""
        found = Version.parse(self.version)
        assert found is not None  # the pattern of the field has seen to it
        return found


class Attested(Strict):
    """A person's word on one change, named by its id, which no longer fits once the text moves.

    `level` classifies a change of text without facts, or re-levels any change; `practice: description` claims that only the
    description was wrong. Both need a reason, which readers are shown; a lower level needs a second person.
    """

    change: ChangeId
    level: Level | None = None
    kind: Slug | None = None
    practice: Practice | None = None
    reason: dict[LocaleId, Text]
    by: Title
    second: Title | None = None


class Notes(Strict):
    """What authors note for the next release of a policy: why, classified changes, refusals set aside, approvals.

    `version` is the release they are for; once it is in the ledger, they count no more.
    """

    version: VersionLabel
    summary: dict[LocaleId, Text] | None = None
    changes: list[Attested] = []
    exceptions: list[Exception_] = []
    approvals: list[Approval] = []
