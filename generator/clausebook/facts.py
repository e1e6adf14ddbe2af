"""The typed facts a clause carries beside its text.

Field by field this is the project's fact model: what is collected, used, shared, kept, promised. A value may
be given outright or taken from a parameter or the profile with `{from: name}`, so that one clause can serve
policies whose practice differs.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
)
from pydantic_core import PydanticCustomError

from clausebook.days import DAY

SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
NAME = r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$"
DURATION = re.compile(
    r"^P(?:(?P<years>\d{1,3})Y|(?P<months>\d{1,3})M|(?P<weeks>\d{1,3})W|(?P<days>\d{1,4})D(?: (?P<kind>working|calendar))?"
    r"|T(?P<hours>\d{1,4})H|T(?P<minutes>\d{1,4})M)$"
)

Slug = Annotated[str, StringConstraints(pattern=SLUG, max_length=80)]
LocaleId = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z]{2,8})?$")]
MAX_TITLE, MAX_TEXT = 300, 4000
Title = Annotated[str, StringConstraints(min_length=1, max_length=MAX_TITLE)]


class Strict(BaseModel):
    """A frozen record that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True)
class Scheme:
    """Marks a field whose text is the id of a term of the named scheme."""

    name: str


class From(Strict):
    """A value taken from a parameter (`name`) or from the profile (`group.name`)."""

    from_: Annotated[str, StringConstraints(pattern=NAME)] = Field(alias="from")


def _kind_of_value(value: Any) -> str:
    is_from = isinstance(value, From) or (isinstance(value, dict) and "from" in value)
    return "@from" if is_from else "@value"


T = TypeVar("T")
Given = Annotated[
    Annotated[T, Tag("@value")] | Annotated[From, Tag("@from")],
    Discriminator(_kind_of_value),
]


def _flag(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise PydanticCustomError("flag", "expected true or false")


def _whole(value: Any) -> Any:
    if isinstance(value, int):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"\d{1,9}", value):
        raise PydanticCustomError("int_parsing", "expected a whole number")
    return int(value)


def _duration(value: str) -> str:
    if not DURATION.match(value):
        raise PydanticCustomError("duration", "expected a duration")
    return value


def _day(value: Any) -> Any:
    try:
        if not isinstance(value, str):
            return value
        return datetime.date.fromisoformat(value if DAY.fullmatch(value) else "")
    except ValueError:
        raise PydanticCustomError("date", "expected a date") from None


def _localised(value: Any) -> Any:
    if isinstance(value, str | dict) and value:
        return value
    raise PydanticCustomError("localised", "expected text for each locale")


Flag = Annotated[bool, BeforeValidator(_flag)]
Day = Annotated[datetime.date, BeforeValidator(_day)]
Duration = Annotated[str, AfterValidator(_duration)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=MAX_TEXT)]
Localised = Annotated[
    Annotated[Text, Tag("@text")] | Annotated[dict[LocaleId, Text], Tag("@locales")],
    Discriminator(lambda value: "@locales" if isinstance(value, dict) else "@text"),
    BeforeValidator(_localised),
]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s<>\"]+$", max_length=2000)]
Whole = Annotated[int, BeforeValidator(_whole)]
Days = Annotated[Whole, Field(ge=0, le=3660)]

Data = Annotated[Slug, Scheme("data")]
Subject = Annotated[Slug, Scheme("subjects")]
Function = Annotated[Slug, Scheme("functions")]
Purpose = Annotated[Slug, Scheme("purposes")]
Basis = Annotated[Slug, Scheme("bases")]
Method = Annotated[Slug, Scheme("methods")]
Recipient = Annotated[Slug, Scheme("recipients")]
Right = Annotated[Slug, Scheme("rights")]
Location = Annotated[Slug, Scheme("locations")]
Mechanism = Annotated[Slug, Scheme("mechanisms")]
IncidentContent = Annotated[Slug, Scheme("incident-contents")]
Channel = Annotated[Slug, Scheme("channels")]
Exception_ = Annotated[Slug, Scheme("exceptions")]
Criterion = Annotated[Slug, Scheme("criteria")]
Permission = Annotated[Slug, Scheme("permissions")]
Measure = Annotated[Slug, Scheme("measures")]
Law = Annotated[Slug, Scheme("laws")]
CessationAction = Annotated[Slug, Scheme("cessation-actions")]

Necessity = Literal["core", "conditional", "optional"]
Modality = Literal["will", "may", "never"]
Consent = Literal["explicit", "consent", "separate", "none", "required-by-law"]
Element = Literal["purpose", "method", "kind", "retention"]
Article9 = Literal[
    "explicit-consent", "employment", "vital-interests", "members", "made-public", "legal-claims", "public-interest", "health", "research"
]


class Fact(Strict):
    """What every fact has: a local name the body can use, and the condition under which it holds."""

    key: Slug | None = None
    when: Text | None = None


class Sensitivity(Strict):
    """Why sensitive information is necessary and how it affects the person (PIPL art. 30); `ground` is that of GDPR art. 9(2)."""

    necessity: Given[Localised] | None = None
    impact: Given[Localised] | None = None
    separate_consent: Given[Flag] | None = None
    ground: Given[Article9] | None = None


class Collects(Fact):
    """Personal information collected."""

    data: Given[list[Data]]
    subject: Given[Subject]
    function: Given[Function] | None = None
    purposes: Given[list[Purpose]] = []
    legal_basis: Given[Basis] | None = None
    method: Given[Method] | None = None
    source: Given[Recipient] | None = None
    necessity: Given[Necessity] | None = None
    if_refused: Given[Literal["service-unavailable", "feature-only", "no-effect"]] | None = None
    modality: Given[Literal["will", "may"]] | None = None
    handler: Given[Literal["operator", "organisation"]] = "operator"
    stored: Given[Location] | None = None
    sensitive: Sensitivity | None = None
    interest: Given[Localised] | None = None
    retention_ref: Slug | None = None


class Uses(Fact):
    """A use of information already held."""

    purposes: Given[list[Purpose]]
    data: Given[list[Data]] = []
    modality: Given[Modality] | None = None
    condition: Given[Localised] | None = None


class Sdk(Strict):
    """A software development kit embedded by a third party."""

    package: Text
    version: Text | None = None
    operator: Given[Localised]


class Shares(Fact):
    """Information provided to somebody else, or a promise not to. `sale` is what California law calls it."""

    recipient: Given[Recipient]
    relation: Given[Literal["entrusted", "independent", "joint", "merger", "authority", "public", "sdk", "prohibited"]]
    data: Given[list[Data]] = []
    purposes: Given[list[Purpose]] = []
    method: Given[Method] | None = None
    consent: Given[Consent] | None = None
    necessity: Given[Necessity] | None = None
    modality: Given[Modality] | None = None
    condition: Given[Localised] | None = None
    recipient_contact: Given[Localised] | None = None
    rules_url: Given[Url] | None = None
    reconsent: Given[Flag] | None = None
    sale: Given[Literal["sold", "shared", "neither"]] | None = None
    sdk: Sdk | None = None


class Transfers(Fact):
    """Information sent abroad."""

    recipient: Given[Recipient] | None = None
    country: Given[Localised] | None = None
    purposes: Given[list[Purpose]] = []
    data: Given[list[Data]] = []
    method: Given[Method] | None = None
    mechanism: Given[Mechanism] | None = None
    safeguards: Given[list[Measure]] = []
    condition: Given[Localised] | None = None
    contact: Given[Localised] | None = None
    rights_route: Given[Localised] | None = None
    copy_route: Given[Localised] | None = None
    consent: Given[Consent] | None = None
    modality: Given[Modality] | None = None


class Retention(Fact):
    """How long information is kept and what happens then."""

    scope: Given[Data]
    period: Given[Duration] | None = None
    floor: Given[Duration] | None = None
    method: Given[Localised] | None = None
    law: Given[Law] | None = None
    end_action: (
        Given[Literal["delete", "anonymise", "delete-or-anonymise", "stop-except-store", "retain-by-law", "isolate-in-backup"]] | None
    ) = None


class Storage(Fact):
    """Where information is stored."""

    location: Given[Location]
    scope: Given[Data] | None = None
    exception: Given[Localised] | None = None


class Rights(Fact):
    """A right of the person and how to use it."""

    right: Given[Right]
    how: Given[Localised] | None = None
    where: Given[Localised] | None = None
    response_days: Given[Days] | None = None
    fee: Given[Literal["free", "may-charge", "none-stated"]] | None = None
    limits: Given[Localised] | None = None
    via: Given[Literal["self", "admin", "operator", "guardian"]] | None = None


class Threshold(Strict):
    """An age limit: `lt` under, `le` at or under."""

    op: Literal["lt", "le"]
    age: Given[Annotated[Whole, Field(ge=1, le=30)]]


class Minors(Fact):
    """Rules for minors."""

    threshold: Threshold | None = None
    guardian_consent: Given[Literal["required", "advised"]] | None = None
    limits: Given[Localised] | None = None
    special_rules_url: Given[Url] | None = None
    officer: Given[Localised] | None = None
    refusal: Given[Localised] | None = None


class Automated(Fact):
    """Automated decisions, profiling, push or marketing."""

    kind: Given[Literal["push", "marketing", "decision", "profiling"]]
    opt_out: Given[Localised] | None = None
    logic: Given[Localised] | None = None
    effect: Given[Localised] | None = None
    explain: Given[Localised] | None = None
    delete_tags: Given[Localised] | None = None


class IncidentDeadline(Strict):
    """How soon individuals are told of an incident: within a time, or without one, immediately."""

    deadline: Given[Duration] | None = None
    bound: Literal["within", "no-later-than", "immediately"] | None = None


class Incident(Fact):
    """What is promised when personal information leaks."""

    to_individuals: IncidentDeadline | None = None
    to_authority: Given[Flag] | None = None
    authority_deadline: Given[Duration] | None = None
    to_guardians: Given[Flag] | None = None
    contents: Given[list[IncidentContent]] = []
    channels: Given[list[Channel]] = []
    law: Given[Law] | None = None
    plan: Given[Flag] | None = None
    fallback: Given[Localised] | None = None


class Exceptions(Fact):
    """A case in which no consent is needed."""

    exception: Given[Exception_]
    applies_to: Given[Literal["collection-and-use", "sharing-transfer-disclosure"]]
    directly: Given[Flag] | None = None
    legal_basis: Given[Basis] | None = None


class Changes(Fact):
    """What is promised about changes to the policy."""

    all: Given[list[Channel]] = []
    material: Given[list[Channel]] = []
    material_criteria: Given[list[Criterion]] = []
    notice_days: Given[Days] | None = None
    no_reduction: Given[Flag] | None = None
    consent: Given[Consent] | None = None
    reconsent: Given[list[Element]] = []
    place: Given[Localised] | None = None
    archive_url: Given[Url] | None = None


class Cookies(Fact):
    """A cookie or a similar technique."""

    name: Given[Localised]
    tech: Given[Literal["cookie", "pixel", "local-storage", "flash-cookie", "sdk-id"]]
    purposes: Given[list[Purpose]] = []
    data: Given[list[Data]] = []
    party: Given[Literal["first", "third"]] | None = None
    duration: Given[Duration] | None = None
    control: Given[Localised] | None = None


class Permissions(Fact):
    """A device permission that is asked for."""

    permission: Given[Permission]
    function: Given[Function]
    trigger: Given[Localised] | None = None
    frequency: Given[Localised] | None = None


class Contacts(Fact):
    """A way to reach the operator. `value` is one address or several."""

    role: Given[Literal["operator", "department", "complaints", "pi-officer", "dpo", "dispute-body", "eu-rep", "cn-rep"]]
    channel: Given[Channel]
    value: Given[Localised | list[Localised]]
    response_days: Given[Days] | None = None


class Security(Fact):
    """A security measure."""

    measure: Given[Measure]


class Cessation(Fact):
    """What happens when operations cease."""

    notice_days: Given[Days] | None = None
    notice: Given[Localised] | None = None
    actions: Given[list[CessationAction]] = []


class Defines(Fact):
    """A term the clause defines."""

    term: Given[Localised]
    basis: Given[Law] | None = None


class Duties(Fact):
    """A duty the text puts on users, organisations or partners. `agreement` is how a duty to agree is met."""

    on: Given[Annotated[Slug, Scheme("subjects")]]
    duty: Given[Localised]
    agreement: Given[Literal["explicit", "by-use"]] | None = None


class Links(Fact):
    """Where a published list or archive can be found."""

    kind: Literal["collected", "shared", "sdk", "permissions", "children-rules", "archive", "platform-rules", "responsibility-report"]
    url: Given[Url]


class Facts(Strict):
    """All facts of one clause, by kind, each kind in the order written."""

    collects: list[Collects] = []
    uses: list[Uses] = []
    shares: list[Shares] = []
    transfers: list[Transfers] = []
    retention: list[Retention] = []
    storage: list[Storage] = []
    rights: list[Rights] = []
    minors: list[Minors] = []
    automated: list[Automated] = []
    incident: list[Incident] = []
    exceptions: list[Exceptions] = []
    changes: list[Changes] = []
    cookies: list[Cookies] = []
    permissions: list[Permissions] = []
    contacts: list[Contacts] = []
    security: list[Security] = []
    cessation: list[Cessation] = []
    defines: list[Defines] = []
    duties: list[Duties] = []
    links: list[Links] = []


KINDS: tuple[str, ...] = tuple(Facts.model_fields)
