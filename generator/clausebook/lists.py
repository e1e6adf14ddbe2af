"""The lists made from a document's facts: which there are, which facts belong to each, and what stands in each column.

Columns stand in the order in which the rule that asks for a list names them. Cells are data without language: `naming` says
them, exports write them. Every list has the same shape, so pages and files need to know none of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from clausebook.document import Document, Entry
from clausebook.facts import Collects, Fact, From, Shares, Transfers

Kind = Literal["term", "text", "choice", "duration", "floor", "days", "flag", "link"]


@dataclass(frozen=True)
class Item:
    """One value of a cell: what kind of value, the value, and for a choice the field whose words say it."""

    kind: Kind
    value: Any
    field: str = ""


Cell = tuple[Item, ...]
Make = Callable[[Any, Document], Cell]


@dataclass(frozen=True)
class Column:
    """A column: its key, which also names its heading, and how a fact fills it. An empty cell is a thing not stated."""

    key: str
    cell: Make


@dataclass(frozen=True)
class Row:
    """One line of a list: the fact, the clause that states it, and an id that stays as long as both do."""

    id: str
    entry: Entry
    fact: Any
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Listing:
    """One list: facts of one kind, those of them that belong, and the columns."""

    id: str
    kind: str
    columns: tuple[Column, ...]
    belongs: Callable[[Any, Document], bool]


def rows(document: Document, list_id: str) -> list[Row]:
    """Return the rows of a list in the order of the policy. A row keeps the number its fact has in its clause."""
    listing = LISTS[list_id]
    counts: Counter[str] = Counter()
    found = []
    for entry, fact in document.facts(listing.kind):
        counts[entry.anchor] += 1
        if listing.belongs(fact, document):
            cells = tuple(column.cell(fact, document) for column in listing.columns)
            found.append(Row(f"{entry.anchor}-{counts[entry.anchor]}", entry, fact, cells))
    return found


def address(policy: str, list_id: str, form: str, locale: str = "") -> str:
    """Return where a site keeps a list as a file. JSON holds every language and stands beside them; a workbook holds every list."""
    if form == "json":
        return f"{policy}/lists/{list_id}.json"
    return f"{locale}/{policy}/lists/{'lists' if form == 'xlsx' else list_id}.{form}"


def ids(value: list[str] | From) -> list[str]:
    """Return a fact's list of terms; in a document every `from` has been replaced."""
    assert isinstance(value, list)
    return value


def sensitive(fact: Collects, document: Document) -> list[str]:
    """Return the sensitive terms a collection names."""
    return [term for term in ids(fact.data) if term in document.sensitive]


# Ways to fill a cell from fields of a fact; a field path may lead into a record (`sensitive.impact`).


def _value(fact: Any, path: str) -> Any:
    for name in path.split("."):
        fact = getattr(fact, name, None)
    return fact


def _items(kind: Kind, *paths: str) -> Make:
    def make(fact: Fact, _document: Document) -> Cell:
        found: list[Item] = []
        for path in paths:
            value = _value(fact, path)
            values = value if isinstance(value, list) else [] if value is None else [value]
            found += [Item(kind, v, path.rsplit(".", 1)[-1] if kind == "choice" else "") for v in values]
        return tuple(found)

    return make


def _both(*makes: Make) -> Make:
    return lambda fact, document: tuple(item for make in makes for item in make(fact, document))


def _term(key: str, field: str = "") -> Column:
    return Column(key, _items("term", field or key.replace("-", "_")))


def _text(key: str, field: str = "") -> Column:
    return Column(key, _items("text", field or key.replace("-", "_")))


def _choice(key: str, *fields: str) -> Column:
    return Column(key, _items("choice", *(fields or (key.replace("-", "_"),))))


def _column(key: str, kind: Kind, field: str = "") -> Column:
    return Column(key, _items(kind, field or key.replace("-", "_")))


def _sensitive_data(fact: Collects, document: Document) -> Cell:
    """Name the sensitive terms; all of them where only the fact as a whole is called sensitive."""
    return tuple(Item("term", term) for term in sensitive(fact, document) or ids(fact.data))


# Which facts belong.


def _all(_fact: Fact, _document: Document) -> bool:
    return True


def _provided(fact: Shares, _document: Document) -> bool:
    """Promises not to provide are in no list."""
    return fact.relation != "prohibited" and fact.modality != "never"


def _sdk(fact: Shares, document: Document) -> bool:
    return _provided(fact, document) and (fact.relation == "sdk" or fact.sdk is not None)


def _sent(fact: Transfers, _document: Document) -> bool:
    return fact.modality != "never"


def _is_sensitive(fact: Collects, document: Document) -> bool:
    return fact.sensitive is not None or bool(sensitive(fact, document))


_COLLECTED = (
    _term("function"),
    _term("purposes"),
    _term("method"),
    _term("data"),
    _choice("necessity", "necessity", "if_refused"),
    _choice("handler"),
)
_SHARED = (
    _term("recipient"),
    _choice("relation"),
    _term("data"),
    _term("purposes"),
    _term("provided-method", "method"),
    _text("contact", "recipient_contact"),
    _column("rules", "link", "rules_url"),
    Column("condition", _both(_items("choice", "consent"), _items("text", "condition"))),
)
_SDK = (
    _text("sdk", "sdk.package"),
    _text("sdk-version", "sdk.version"),
    _text("sdk-operator", "sdk.operator"),
    _term("recipient"),
    _term("data"),
    _term("purposes"),
    _term("provided-method", "method"),
    _text("contact", "recipient_contact"),
    _column("rules", "link", "rules_url"),
)
_PERMISSIONS = (_term("permission"), _term("function"), _text("trigger"), _text("frequency"))
_COOKIES = (
    _text("cookie", "name"),
    _choice("tech"),
    _term("purposes"),
    _term("data"),
    _choice("party"),
    _column("duration", "duration"),
    _text("control"),
)
_RETENTION = (
    _term("data", "scope"),
    Column("period", _both(_items("duration", "period"), _items("floor", "floor"))),
    _text("period-method", "method"),
    _choice("end", "end_action"),
    _term("law"),
)
_TRANSFERS = (
    _term("recipient"),
    _text("contact", "contact"),
    _term("purposes"),
    _term("provided-method", "method"),
    _term("data"),
    _text("rights-route"),
    _text("country"),
    _term("mechanism"),
    _term("safeguards"),
    Column("condition", _both(_items("choice", "consent"), _items("text", "condition"))),
)
_SENSITIVE = (
    Column("sensitive-data", _sensitive_data),
    _term("function"),
    _term("purposes"),
    _text("sensitive-necessity", "sensitive.necessity"),
    _text("impact", "sensitive.impact"),
    _column("separate-consent", "flag", "sensitive.separate_consent"),
)
_RIGHTS = (
    _term("right"),
    Column("route", _items("text", "how", "where")),
    _choice("via"),
    _column("deadline", "days", "response_days"),
    _choice("fee"),
    _text("limits"),
)
_AUTOMATED = (_choice("automated", "kind"), _text("logic"), _text("effect"), _text("opt-out"), _text("explain"), _text("delete-tags"))

_TABLE = (
    Listing("collected", "collects", _COLLECTED, _all),
    Listing("shared", "shares", _SHARED, _provided),
    Listing("sdk", "shares", _SDK, _sdk),
    Listing("permissions", "permissions", _PERMISSIONS, _all),
    Listing("cookies", "cookies", _COOKIES, _all),
    Listing("retention", "retention", _RETENTION, _all),
    Listing("transfers", "transfers", _TRANSFERS, _sent),
    Listing("sensitive", "collects", _SENSITIVE, _is_sensitive),
    Listing("rights", "rights", _RIGHTS, _all),
    Listing("automated", "automated", _AUTOMATED, _all),
)
LISTS: dict[str, Listing] = {listing.id: listing for listing in _TABLE}

__all__ = ["LISTS", "Cell", "Column", "Item", "Listing", "Row", "address", "ids", "rows", "sensitive"]
