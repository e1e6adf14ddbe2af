"""What a library is made of: clauses, policies, vocabulary, settings. Records only; nothing here reads or prints."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Annotated, Any, Generic, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from clausebook.errors import Place
from clausebook.facts import Day, Days, Facts, Flag, LocaleId, Slug, Strict, Text, Title

RESERVED_IDS = frozenset(
    {"changes", "lists", "draft", "since", "bilingual", "coverage", "assets", "search", "guide", "con", "nul", "aux", "prn"}
    | {f"{device}{n}" for device in ("com", "lpt") for n in range(1, 10)}
)

ParamType = Literal[
    "text", "texts", "flag", "number", "duration", "date", "choice", "choices", "term", "terms", "url", "email", "clause", "clauses"
]
ParamName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=80)]
MISSING = "@missing"


class Param(Strict):
    """What a policy may set for a clause. Without `default` it must be set; `default: null` leaves it empty."""

    type: ParamType
    of: Slug | None = None
    values: list[Slug] = []
    default: Any = MISSING
    note: Text | None = None

    @property
    def required(self) -> bool:
        """Tell whether a policy must set the parameter."""
        return isinstance(self.default, str) and self.default == MISSING

    @model_validator(mode="after")
    def _complete(self) -> Param:
        if self.type in ("term", "terms") and not self.of:
            raise PydanticCustomError("param_of", "a term needs its scheme")
        if self.type in ("choice", "choices") and not self.values:
            raise PydanticCustomError("param_values", "a choice needs its values")
        return self


Print = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}$")]


class Attested(Strict):
    """Who found that a translation still holds, for which source text, and why. It counts while the translation names that text."""

    source: Print
    by: Text
    reason: Text | None = None


class ClauseText(Strict):
    """One language of a clause. `translates` and `facts` are the fingerprints of the source text and the facts it was made from."""

    title: Title
    translates: Print | None = None
    facts: Print | None = None
    attested: Attested | None = None
    machine_draft: Flag = False
    body: Annotated[str, StringConstraints(min_length=1, max_length=65536)]


def _unreserved(value: str) -> str:
    if value in RESERVED_IDS:
        raise PydanticCustomError("reserved", "reserved name")
    return value


Id = Annotated[Slug, AfterValidator(_unreserved)]


class TextWaiver(Strict):
    """A reasoned exception, by somebody, until a day."""

    reason: Text
    by: Text
    until: Day


class Clause(Strict):
    """A reusable authored unit: parameters, facts once, text in each locale. `waived` are translations that may be behind or lacking."""

    id: Id
    params: dict[ParamName, Param] = {}
    facts: Facts = Facts()
    text: dict[LocaleId, ClauseText] = Field(min_length=1)
    waived: dict[LocaleId, TextWaiver] = {}


class ClauseUse(Strict):
    """A clause placed in a policy; `as` names a second placement, `when` is a condition on the profile."""

    id: Slug
    as_: Slug | None = Field(default=None, alias="as")
    when: Text | None = None
    numbered: Flag = True
    params: dict[ParamName, Any] = {}

    @property
    def anchor(self) -> str:
        """Return the id the placement has on the page."""
        return self.as_ or self.id


def _use(value: Any) -> Any:
    return {"id": value} if isinstance(value, str) else value


Use = Annotated[ClauseUse, BeforeValidator(_use, json_schema_input_type=Slug | ClauseUse)]


class Section(Strict):
    """An ordered part of a policy: clauses first, then sections below it."""

    id: Slug
    title: Annotated[dict[LocaleId, Title], Field(min_length=1)]
    numbered: Flag = True
    part: Flag = False
    numbering: Slug | None = None
    clauses: list[Use] = []
    sections: list[Section] = []


ProfileValue = Any


class Waiver(TextWaiver):
    """A reasoned exception to a rule, by somebody, until a day."""

    rule: Slug


class Doc(Strict):
    """What a policy's product is, where no fact says it: how many people, which customers, an app, run from abroad."""

    scale: Literal["small", "normal", "large", "platform"] = "normal"
    customer: list[Literal["consumer", "enterprise", "state-organ"]] = []
    app: Flag = False
    offshore: Flag = False


class Policy(Strict):
    """A published document: which clauses, in which order, with which values."""

    id: Id
    title: Annotated[dict[LocaleId, Title], Field(min_length=1)]
    locales: Annotated[list[LocaleId], Field(min_length=1)]
    jurisdictions: list[Slug] = []
    sample: Flag = False
    doc: Doc = Doc()
    numbering: Slug = "chapters"
    sensitive: list[Slug] = []
    profile: dict[ParamName, dict[ParamName, ProfileValue]] = {}
    names: dict[Slug, dict[LocaleId, Title]] = {}
    waivers: list[Waiver] = []
    sections: Annotated[list[Section], Field(min_length=1)]

    @property
    def source(self) -> str:
        """Return the locale that prevails and is translated from."""
        return self.locales[0]

    def titled(self, locale: str) -> str:
        """Return the title in a locale, or in the source where there is none."""
        return self.title.get(locale) or self.title[self.source]


class Term(Strict):
    """An entry of the vocabulary. Names are written as used in mid-sentence."""

    id: Slug
    name: dict[LocaleId, Title]
    short: dict[LocaleId, Title] | None = None
    group: Slug | None = None
    broader: Slug | None = None
    sensitive: Literal["none", "context", "law", "stated"] = "none"
    dpv: Text | None = None
    article: Text | None = None
    note: Text | None = None


class Group(Strict):
    """A heading under which a list sorts its terms."""

    id: Slug
    name: dict[LocaleId, Title]


class Vocabulary(Strict):
    """One scheme of terms."""

    scheme: Slug
    groups: list[Group] = []
    terms: list[Term]


class GlossaryTerm(Strict):
    """A word and its one form in each language.

    `spellings` write the same word otherwise, so that one may stand for the other; `forbidden` words are other words, which
    an author must replace. `defined` names the clause that defines the word: a policy that uses it must then define it.
    """

    id: Slug
    preferred: Annotated[dict[LocaleId, Title], Field(min_length=1)]
    spellings: dict[LocaleId, list[Title]] = {}
    forbidden: dict[LocaleId, list[Title]] = {}
    jurisdiction: Slug | None = None
    defined: Slug | None = None
    law: Slug | None = None
    article: Text | None = None
    note: dict[LocaleId, Text] = {}


class Glossary(Strict):
    """The words that are written in one way only."""

    terms: list[GlossaryTerm]


class LocaleSetting(Strict):
    """A language the site is published in. `machine_draft` says on every page that a machine made its texts, names and titles too."""

    name: Title
    lang: Annotated[str, StringConstraints(pattern=r"^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*$")] | None = None
    machine_draft: Flag = False


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise PydanticCustomError("time_zone", "not a time zone") from None
    return value


TimeZone = Annotated[str, AfterValidator(_zone)]
Folder = Annotated[Text, AfterValidator(lambda path: PurePosixPath(path).as_posix())]


class NoticeDays(Strict):
    """Days between publication and effect, by the level of a release."""

    material: Days = 30
    substantive: Days = 7
    editorial: Days = 0
    translation: Days = 0


class Approver(Strict):
    """What a person at the code host may approve. `id` is the account's number, which nobody can take over with the name."""

    roles: Annotated[list[Slug], Field(min_length=1)]
    name: Title | None = None
    id: Annotated[int, Field(ge=1, lt=2**53)] | None = None


class ChangeSettings(Strict):
    """What a site sets of its own about changes: levels by kind, days of notice, the fewest for a material change, who approves.

    `approvals` has the roles that must approve by level, `approvers` the people of the code host by their name there, in lower case.
    """

    levels: dict[Slug, Literal["material", "substantive", "editorial", "translation", "internal"]] = {}
    notice_days: NoticeDays = NoticeDays()
    least_notice: Days = 7
    approvals: dict[Literal["material", "unclassified", "substantive", "editorial", "translation"], list[Slug]] = {}
    approvers: dict[Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([-_][a-z0-9]+)*$", max_length=80)], Approver] = {}


Redlines = Literal["neighbours", "in-force", "all"]


class Settings(Strict):
    """The plugin's block of mkdocs.yml: where things are and which languages the site has."""

    clauses: Folder = "clauses"
    policies: Folder = "policies"
    templates: Folder = "templates"
    packs: list[Folder] = []
    drafts: Flag = False
    levels: dict[Slug, Literal["error", "warning", "info"]] = {}
    changes: ChangeSettings = ChangeSettings()
    coverage: Literal["preview", "published", "never"] = "preview"
    iri: Annotated[str, StringConstraints(pattern=r"^(https://[^\s<>\"{}|\\^`]+[/#]|urn:[a-z0-9-]+:([^\s<>\"{}|\\^`]+:)?)$")] = (
        "urn:clausebook:"
    )
    blocks: Literal["material", "always", "never"] = "material"
    as_of: Day | None = None
    time_zone: TimeZone = "Asia/Shanghai"
    redlines: Redlines = "all"
    locales: dict[LocaleId, LocaleSetting] = {
        "zh": LocaleSetting(name="中文", lang="zh-CN"),
        "en": LocaleSetting(name="English", lang="en"),
    }

    def lang(self, locale: str) -> str:
        """Return the BCP 47 tag a page of this locale declares."""
        return self.locales[locale].lang or locale

    def is_machine_draft(self, locale: str) -> bool:
        """Tell whether a machine made the texts of a locale."""
        return locale in self.locales and self.locales[locale].machine_draft


T = TypeVar("T")
V = TypeVar("V")
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Source:
    """Where the values of a loaded file stand, by path of keys and indexes: line and column (from 1) of each, and of its key."""

    path: str
    places: dict[Path, tuple[int, int]]
    keys: dict[Path, tuple[int, int]] = field(default_factory=dict)
    blocks: dict[Path, BlockText] = field(default_factory=dict)

    def place(self, path: Path) -> Place:
        """Return the place of the value at `path`, or of the nearest value around it."""
        while path and path not in self.places:
            path = path[:-1]
        return Place(self.path, *self.places.get(path, (1, 1)))

    def key_place(self, path: Path) -> Place:
        """Return the place of the key at the end of `path`."""
        return Place(self.path, *self.keys[path]) if path in self.keys else self.place(path)

    def below(self, path: Path) -> Source:
        """Return the places of one part of the file, by path from that part."""

        def cut(found: dict[Path, V]) -> dict[Path, V]:
            return {p[len(path) :]: value for p, value in found.items() if p[: len(path)] == path}

        return Source(self.path, cut(self.places), cut(self.keys), cut(self.blocks))

    def inside(self, path: Path, line: int, col: int) -> Place:
        """Return the place of line `line`, column `col` (from 1) of the text at `path`."""
        block = self.blocks.get(path)
        if block is None:
            return self.place(path)
        return Place(self.path, block.line + line - 1, block.indent + col)


@dataclass(frozen=True)
class BlockText:
    """A literal block scalar: the file line of its first line and how far it is indented."""

    line: int
    indent: int


@dataclass(frozen=True)
class Loaded(Generic[T]):
    """A record and where its parts stand in its file."""

    value: T
    source: Source


class Memory:
    """What has been worked out about parts of documents, so that it is once for all that share them.

    Parts are told apart by identity: assembly gives policies the same objects where a clause reads alike. What has not been asked for
    since `LIMIT` other things were worked out may be forgotten.
    """

    LIMIT = 100_000

    def __init__(self) -> None:
        self._found: dict[tuple[Hashable, ...], tuple[tuple[object, ...], Any]] = {}
        self._before = self._found

    def once(self, what: Hashable, parts: tuple[object, ...], make: Callable[[], T]) -> T:
        """Return what `make` gives for these parts; `what` names the work and all else that it depends on."""
        key = (what, *map(id, parts))
        found = self._found.get(key)
        if found is None:
            found = self._before.get(key) or (parts, make())  # holding the parts keeps their identities theirs
            if len(self._found) >= self.LIMIT:
                self._before, self._found = self._found, {}
            self._found[key] = found
        made: T = found[1]
        return made


@dataclass(frozen=True)
class Library:
    """All clauses, policies and vocabulary loaded from one tree.

    `notes` are what authors note of a policy's next release (`release.Notes`, of which this layer knows nothing); `broken` are
    the paths that could not be read.
    """

    clauses: dict[str, Loaded[Clause]]
    policies: dict[str, Loaded[Policy]]
    vocabularies: dict[str, Loaded[Vocabulary]]
    terms: dict[str, tuple[str, Term]]
    broken: frozenset[str] = frozenset()
    notes: dict[str, Loaded[Any]] = field(default_factory=dict)
    glossary: Loaded[Glossary] | None = None
    memory: Memory = field(default_factory=Memory, init=False, compare=False, repr=False)

    @property
    def knows_all_policies(self) -> bool:
        """Tell whether every policy could be read, so that nobody else can set what a clause names."""
        return not any(path.endswith("/policy.yml") for path in self.broken)

    def is_broken(self, name: str) -> bool:
        """Tell whether a file of this name could not be read: what it would hold is not missed a second time."""
        return any(path.rsplit("/", 1)[-1].split(".")[0] == name for path in self.broken)

    @property
    def knows_all_terms(self) -> bool:
        """Tell whether every vocabulary file could be read."""
        return not any("/vocabulary/" in path for path in self.broken)

    def covers(self, scope: str, term: str) -> bool:
        """Tell whether what is said of one data term holds for another: the same, a narrower one, or of all personal information."""
        seen: set[str] = set()
        while term not in seen:
            if scope in (term, "all-personal-information"):
                return True
            seen.add(term)
            term = self.terms[term][1].broader or term
        return False

    def scheme_of(self, term: str) -> str | None:
        """Return the scheme a term belongs to, or None."""
        found = self.terms.get(term)
        return found[0] if found else None
