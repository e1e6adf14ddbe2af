"""Of which kind each change of a fact is: a table of small functions by kind of fact and field, and the pairs that belong together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from clausebook.diff import IDENTITY, Change, Comparison, Item, Key, Values
from clausebook.rulebook import Rulebook
from clausebook.steps import (
    Found,
    Step,
    bound,
    cited,
    days,
    deadline,
    flag,
    limited,
    link,
    period,
    ranked,
    source_text,
    stated,
    strictness,
    turned,
    values,
)
from clausebook.weights import is_punctuation_only

Whole = Callable[[Change, Comparison, Rulebook], Iterator[Found]]

_PURPOSES = values("purpose-added", "purpose-removed")
_NECESSITY = ranked(("optional", "conditional", "core"), "data-optional-to-core", "data-core-to-optional", "core")
_CONSENT = strictness("consent-grade-raised", "consent-grade-lowered")
_ROUTE = stated("right-procedure-easier", "right-procedure-harder", "right-procedure-changed")
_ANSWER = days("response-deadline-lengthened", "response-deadline-shortened", long_is_worse=True)
_RULES = turned("minors-rules-changed")
_INCIDENT = stated("incident-promise-improved", "incident-promise-weakened", "incident-promise-changed")
_GIVEN = values("incident-promise-improved", "incident-promise-weakened")
_PROMISED = flag("incident-promise-improved", "incident-promise-weakened")
_NOTICE = values("change-policy-improved", "change-policy-changed")

# Of which kind a change of each field is. A field that is not named is of the kind its fact has in `OTHERWISE`.
FIELDS: dict[str, dict[str, Step]] = {
    "collects": {
        "purposes": _PURPOSES,
        "legal_basis": turned("legal-basis-changed"),
        "method": turned("collection-method-changed"),
        "source": turned("source-changed"),
        "necessity": _NECESSITY,
        "if_refused": ranked(("no-effect", "feature-only", "service-unavailable"), "refusal-harder", "refusal-easier", "no-effect"),
        "handler": turned("handler-changed"),
        "stored": turned("storage-location-changed"),
        "sensitive.separate_consent": flag("consent-grade-raised", "consent-grade-lowered"),
        "sensitive.ground": turned("legal-basis-changed"),
    },
    "uses": {"data": _PURPOSES},
    "shares": {
        "data": values("recipient-data-widened", "recipient-data-narrowed"),
        "purposes": _PURPOSES,
        "method": turned("sharing-method-changed"),
        "consent": _CONSENT,
        "necessity": _NECESSITY,
        "reconsent": flag("consent-grade-raised", "consent-grade-lowered"),
        "rules_url": link("sharing-detail-changed", "sharing-detail-changed"),
        "sale": ranked(("neither", "shared", "sold"), "sale-started", "sale-stopped", "neither"),
        "sdk.version": turned("sdk-version-changed"),
        "sdk.operator": turned("recipient-replaced"),
    },
    "transfers": {
        "recipient": values("transfer-widened", "transfer-narrowed"),
        "data": values("transfer-widened", "transfer-narrowed"),
        "purposes": values("transfer-widened", "transfer-narrowed"),
        "mechanism": turned("transfer-mechanism-changed"),
        "safeguards": values("security-measure-added", "security-measure-weakened"),
        "consent": _CONSENT,
        "rights_route": _ROUTE,
        "copy_route": _ROUTE,
    },
    "retention": {
        "period": period("retention-lengthened", "retention-shortened", ("retention-restated", "")),
        "floor": period("retention-lengthened", "retention-shortened", ("retention-restated", "")),
        "method": turned("retention-restated"),
        "law": cited,
        "end_action": turned("retention-end-action-changed"),
    },
    "rights": {
        "how": _ROUTE,
        "where": _ROUTE,
        "response_days": _ANSWER,
        "fee": ranked(("free", "none-stated", "may-charge"), "right-procedure-harder", "right-procedure-easier", "none-stated"),
        "limits": limited,
        "via": _ROUTE,
    },
    "minors": {
        "threshold.op": turned("age-threshold-changed"),
        "threshold.age": turned("age-threshold-changed"),
        "guardian_consent": ranked(("required", "advised", "none"), "consent-grade-lowered", "consent-grade-raised", "none"),
        "special_rules_url": link("minors-rules-added", "minors-rules-changed"),
    },
    "automated": {
        "opt_out": stated("automated-optout-added", "automated-optout-removed", "right-procedure-changed"),
        "explain": _ROUTE,
        "delete_tags": _ROUTE,
    },
    "incident": {
        "to_individuals.deadline": deadline,
        "to_individuals.bound": bound,
        "to_authority": _PROMISED,
        "authority_deadline": deadline,
        "to_guardians": _PROMISED,
        "contents": _GIVEN,
        "channels": _GIVEN,
        "law": cited,
        "plan": _PROMISED,
    },
    "exceptions": {"legal_basis": turned("legal-basis-changed")},
    "changes": {
        "all": _NOTICE,
        "material": _NOTICE,
        "material_criteria": _NOTICE,
        "notice_days": days("change-policy-changed", "change-policy-improved", long_is_worse=False),
        "no_reduction": flag("change-policy-improved", "change-policy-changed"),
        "consent": strictness("change-policy-improved", "change-policy-changed"),
        "reconsent": _NOTICE,
        "archive_url": link("change-policy-improved", "change-policy-changed"),
    },
    "cookies": {
        "purposes": _PURPOSES,
        "data": values("cookie-widened", "cookie-narrowed"),
        "party": ranked(("first", "third"), "cookie-widened", "cookie-narrowed", "first"),
        "duration": period("retention-lengthened", "retention-shortened", ("retention-restated", "")),
        "control": _ROUTE,
    },
    "contacts": {"response_days": _ANSWER},
    "cessation": {
        "notice_days": days("cessation-promise-weakened", "cessation-promise-improved", long_is_worse=False),
        "actions": values("cessation-promise-improved", "cessation-promise-weakened"),
    },
    "defines": {"basis": cited},
    "duties": {"agreement": ranked(("explicit", "by-use"), "consent-grade-lowered", "consent-grade-raised", "explicit")},
    "links": {"url": link("link-added", "link-removed")},
}

# What is only told: to state it for the first time tells people more, to state it no longer tells them less.
TOLD: dict[str, frozenset[str]] = {
    "collects": frozenset(
        {"legal_basis", "method", "if_refused", "necessity", "modality", "stored", "interest", "retention_ref"}
        | {"sensitive.necessity", "sensitive.impact", "sensitive.ground"}
    ),
    "uses": frozenset({"condition", "modality"}),
    "shares": frozenset({"method", "condition", "necessity", "modality", "recipient_contact", "rules_url", "sdk.version"}),
    "transfers": frozenset({"recipient", "mechanism", "method", "condition", "contact", "modality"}),
    "retention": frozenset({"end_action"}),
    "minors": frozenset({"threshold.op", "threshold.age", "limits", "officer", "refusal", "special_rules_url"}),
    "automated": frozenset({"logic", "effect"}),
    "exceptions": frozenset({"legal_basis"}),
    "cookies": frozenset({"duration"}),
    "permissions": frozenset({"trigger", "frequency"}),
}

# Whatever else a fact says.
OTHERWISE: dict[str, Step] = {
    "collects": turned("collection-detail-changed"),
    "uses": turned("use-detail-changed"),
    "shares": turned("sharing-detail-changed"),
    "transfers": turned("transfer-detail-changed"),
    "retention": turned("retention-restated"),
    "storage": turned("storage-location-changed"),
    "rights": turned("right-procedure-changed"),
    "minors": _RULES,
    "automated": turned("automated-detail-changed"),
    "incident": _INCIDENT,
    "exceptions": turned("exception-detail-changed"),
    "changes": stated("change-policy-improved", "change-policy-changed", "change-policy-changed"),
    "cookies": turned("cookie-widened"),
    "permissions": turned("permission-detail-changed"),
    "contacts": turned("contact-changed"),
    "security": turned("security-measure-weakened"),
    "cessation": stated("cessation-promise-improved", "cessation-promise-weakened", "cessation-promise-changed"),
    "defines": turned("definition-changed"),
    "duties": turned("duty-added"),
    "links": turned("link-added"),
}

# A fact of each kind that is new, and one that is gone.
WHOLE: dict[str, tuple[str, str]] = {
    "retention": ("retention-added", "retention-removed"),
    "storage": ("storage-added", "storage-removed"),
    "rights": ("right-added", "right-removed"),
    "minors": ("minors-rules-added", "minors-rules-removed"),
    "automated": ("automated-use-added", "automated-use-removed"),
    "incident": ("incident-promise-improved", "incident-promise-weakened"),
    "exceptions": ("consent-exception-added", "consent-exception-removed"),
    "changes": ("change-policy-improved", "change-policy-changed"),
    "permissions": ("permission-added", "permission-removed"),
    "contacts": ("contact-added", "contact-removed"),
    "security": ("security-measure-added", "security-measure-weakened"),
    "cessation": ("cessation-promise-improved", "cessation-promise-weakened"),
    "defines": ("definition-added", "definition-removed"),
    "duties": ("duty-added", "duty-removed"),
    "links": ("link-added", "link-removed"),
    "transfers": ("transfer-added", "transfer-removed"),
    "uses": ("purpose-added", "purpose-removed"),
}
RELATIONS = {"entrusted": "processor-added", "public": "public-disclosure-added"}


def facts(comparison: Comparison, book: Rulebook) -> Iterator[Found]:
    """Yield what every change of a fact is."""
    changes = [change for change in comparison.changes if change.kind in IDENTITY]
    paired: set[tuple[str, Key]] = set()
    for old, new, kind in _pairs(changes, comparison):
        paired |= {(old.kind, old.key), (new.kind, new.key)}
        differs = int(kind == "recipient-relation-changed")
        values = [change.key[differs : differs + 1] for change in (old, new)]
        yield Found(kind, (old, new), "", IDENTITY[old.kind][differs], *values)
        yield from _beside(old, new, comparison, book)
    for change in changes:
        if (change.kind, change.key) not in paired:
            yield from one(change, comparison, book)


def _beside(old: Change, new: Change, comparison: Comparison, book: Rulebook) -> Iterator[Found]:
    """Yield what else differs between a thing and what stands in its place."""
    if old.old and new.new and old.old.fields != new.new.fields:
        was = Item(new.kind, new.key, old.old.fields, old.old.entries)
        yield from (f for f in one(Change(new.kind, new.key, was, new.new), comparison, book) if f.field not in ("data", "purposes"))


def one(change: Change, comparison: Comparison, book: Rulebook) -> Iterator[Found]:
    """Yield what one change of a fact is."""
    if change.action != "changed":
        yield from _SPECIAL.get(change.kind, _whole)(change, comparison, book)
        return
    for name in change.fields:
        yield from _reworded(change, name, comparison) or _told(change, name, comparison) or _field(change, name, book)


def _whole(change: Change, comparison: Comparison, book: Rulebook) -> Iterator[Found]:
    added, removed = WHOLE[change.kind]
    if _never(change.new or change.old):
        added, removed = "promise-added", "promise-removed"
    yield Found(added if change.old is None else removed, (change,))


def _never(item: Item | None) -> bool:
    return item is not None and (item.get("modality") == ("never",) or item.key[1:2] == ("prohibited",))


def _reworded(change: Change, name: str, comparison: Comparison) -> list[Found]:
    """Return what a change of words alone is: of the translation, or of punctuation."""
    old, new, source = change.before(name), change.after(name), comparison.new.document.policy.source
    if len(old) != len(new) or not any(value.startswith("{") for value in (*old, *new)):
        return []
    was, now = ([source_text(value, source) for value in found] for found in (old, new))
    if was == now:
        return [Found("translation-only", (change,), "", name, old, new)]
    light = all(a == b or is_punctuation_only(a, b, source) for a, b in zip(was, now, strict=True))
    return [Found("typo-punctuation", (change,), "", name, old, new)] if light else []


def _told(change: Change, name: str, comparison: Comparison) -> list[Found]:
    """Return what it is to state, for the first time or no longer, something that is only told."""
    old, new = change.before(name), change.after(name)
    told = name in TOLD.get(change.kind, ()) or (name == "purposes" and set(new) <= _purposes(comparison))
    if not told or (old and new) or "never" in (*old, *new) or (name == "purposes" and old):
        return []
    return [Found("detail-withdrawn" if old else "detail-stated", (change,), "", name, old, new)]


def _purposes(comparison: Comparison) -> set[str]:
    """Return every purpose that the old document states of anything."""
    stated = {value for item in comparison.was.values() if item.kind in IDENTITY for value in item.get("purposes")}
    return stated | {key[0] for kind, key in comparison.was if kind == "uses"}


def _field(change: Change, name: str, book: Rulebook) -> Iterator[Found]:
    if name == "modality" and "never" in (*change.before(name), *change.after(name)):
        now = _never(change.new)
        yield Found("promise-added" if now else "promise-removed", (change,), "", name, change.before(name), change.after(name))
        return
    for found in FIELDS.get(change.kind, {}).get(name, OTHERWISE[change.kind])(change, name):
        yield from _narrowed(found, change, book)


def _narrowed(found: Found, change: Change, book: Rulebook) -> Iterator[Found]:
    """Yield a find as the kind that its values make it."""
    mainland = book.terms["mainland"]
    if found.kind == "purpose-added":
        yield from _trained(found, book)
    elif found.kind == "storage-location-changed" and any(v in mainland for v in found.old) and not any(v in mainland for v in found.new):
        yield _as("transfer-added", found)
    elif found.kind == "contact-changed" and change.key[0] in ("pi-officer", "dpo"):
        yield _as("officer-changed", found)
    elif change.kind == "retention" and found.field in ("period", "method"):
        yield from _period_or_method(found, change)
    else:
        yield found


def _as(kind: str, found: Found) -> Found:
    return Found(kind, found.changes, found.variant, found.field, found.old, found.new)


def _trained(found: Found, book: Rulebook) -> Iterator[Found]:
    """Yield new purposes, those of training models apart."""
    training = book.terms["training"]
    if found.field != "purposes":
        yield _as("purpose-ai-training-added" if found.changes[0].key[0] in training else "purpose-added", found)
        return
    fresh = [value for value in found.new if value not in found.old]
    for kind, taught in (("purpose-ai-training-added", True), ("purpose-added", False)):
        if named := tuple(value for value in fresh if (value in training) is taught):
            yield Found(kind, found.changes, "", "purposes", found.old, (*found.old, *named))


def _period_or_method(found: Found, change: Change) -> Iterator[Found]:
    """Yield a find as it is where a period or a method stands on both sides; else one came, went, or gave way to the other."""
    had, has = (next((name for name in ("period", "method") if side(name)), "") for side in (change.before, change.after))
    if not had or not has:
        yield _as("retention-added" if has else "retention-removed", found)
    elif had == has:
        yield found
    elif found.field == "period":
        yield Found(f"retention-{had}-to-{has}", (change,), "", "period", change.before(had), change.after(has))


# Facts whose arrival or going depends on what else the documents say.


def _collects(change: Change, comparison: Comparison, book: Rulebook) -> Iterator[Found]:
    data, _, subject = change.key
    came = Found("purpose-added", (change,), "", "purposes", (), change.after("purposes"))
    elsewhere = comparison.was if change.old is None else comparison.now
    held = any(kind == "collects" and key[0] == data and key[2] == subject for kind, key in elsewhere)
    if change.new is None:
        yield Found("purpose-removed" if held else "data-removed", (change,))
    elif held:
        yield from _trained(came, book) if came.new else [came]
    else:
        yield Found("data-sensitive-added" if data in comparison.new.document.sensitive else "data-added", (change,))
        yield from (found for found in _trained(came, book) if found.kind == "purpose-ai-training-added")


def _uses(change: Change, comparison: Comparison, book: Rulebook) -> Iterator[Found]:
    for found in _whole(change, comparison, book):
        training = found.kind == "purpose-added" and change.key[0] in book.terms["training"]
        yield _as("purpose-ai-training-added", found) if training else found


def _shares(change: Change, comparison: Comparison, book: Rulebook) -> Iterator[Found]:
    relation = change.key[1]
    if _never(change.new or change.old):
        yield Found("promise-added" if change.old is None else "promise-removed", (change,))
    elif change.old is None:
        yield Found(RELATIONS.get(relation, "recipient-added"), (change,))
    else:
        yield Found("public-disclosure-removed" if relation == "public" else "recipient-removed", (change,))


def _cookies(change: Change, comparison: Comparison, book: Rulebook) -> Iterator[Found]:
    purposes = change.after("purposes")
    if change.old is not None:
        yield Found("cookie-removed", (change,))
    elif purposes and all(value in book.terms["essential"] for value in purposes):
        yield Found("cookie-added-essential", (change,))
    else:
        yield Found("cookie-added-nonessential", (change,), "eu" if "eu" in comparison.new.document.policy.jurisdictions else "")


_SPECIAL: dict[str, Whole] = {"collects": _collects, "uses": _uses, "shares": _shares, "cookies": _cookies}


# Two changes that are one: something gone and something in its place.


def _pairs(changes: Iterable[Change], comparison: Comparison) -> Iterator[tuple[Change, Change, str]]:
    gone = [change for change in changes if change.action == "removed"]
    fresh = [change for change in changes if change.action == "added"]
    for old in gone:
        for new in fresh:
            kind = _PAIRS.get(old.kind, _no_pair)(old, new, comparison) if old.kind == new.kind else ""
            if kind:
                fresh.remove(new)
                yield old, new, kind
                break


def _no_pair(old: Change, new: Change, comparison: Comparison) -> str:
    return ""


def _replaced(old: Change, new: Change, comparison: Comparison) -> str:
    """One recipient in place of another for the same purposes and overlapping data, or the same one in another role."""
    if _never(old.old) or _never(new.new):
        return ""
    same = set(new.after("purposes")) <= set(old.before("purposes")) and _covered(new.after("data"), old.before("data"), comparison)
    if not same or "public" in (old.key[1], new.key[1]):
        return ""
    if old.key[0] == new.key[0] and old.key[1] != new.key[1]:
        return "recipient-relation-changed"
    if old.key[1] != new.key[1]:
        return ""
    return "processor-replaced" if old.key[1] == "entrusted" else "recipient-replaced"


def _covered(new: Values, old: Values, comparison: Comparison) -> bool:
    """Tell whether everything the new recipient gets is something the old one got."""
    library = comparison.new.library
    return bool(new) == bool(old) and all(
        any(value == held or (value in library.terms and library.covers(held, value)) for held in old) for value in new
    )


def _narrower(old: Change, new: Change, comparison: Comparison) -> str:
    """One kind of information in place of a wider or narrower one, for the same function, person and purposes."""
    if old.key[1:] != new.key[1:] or old.before("purposes") != new.after("purposes"):
        return ""
    library, sensitive = comparison.new.library, comparison.new.document.sensitive
    known = old.key[0] in library.terms and new.key[0] in library.terms
    if known and library.covers(old.key[0], new.key[0]) and new.key[0] not in sensitive:
        return "data-detail-narrowed"
    return "data-detail-widened" if known and library.covers(new.key[0], old.key[0]) and new.key[0] not in sensitive else ""


_PAIRS: dict[str, Callable[[Change, Change, Comparison], str]] = {"shares": _replaced, "collects": _narrower}
