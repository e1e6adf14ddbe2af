"""Of which kind each change of words and outline is: texts, titles, sections, names, profile, and the policy's own record."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from clausebook.diff import IDENTITY, Change, Comparison, Item, State, Values
from clausebook.rulebook import Rulebook
from clausebook.steps import Found, Step, flag, source_text, turned, values
from clausebook.weights import is_punctuation_only, touched_text

_N = r"第（?[一二三四五六七八九十百零〇\d]+）?"
_ARTICLE = re.compile(rf"{_N}条(?:{_N}款)?(?:{_N}项)?|\bArticles? \d+(?:\(\w+\))*")
_OPERATOR = ("name", "legal_name", "short_name")

POLICY: dict[str, Step] = {
    "locales": values("translation-added", "translation-removed"),
    "prevails": turned("prevailing-language-changed"),
    "jurisdictions": turned("jurisdiction-changed"),
    "customer": values("scope-widened", "scope-narrowed"),
    "app": flag("scope-widened", "scope-narrowed"),
    "title": turned("title-changed"),
}
PROFILE = {"product": "product-renamed", "term": "term-renamed", "policy": "title-changed", "operator": "contact-changed"}


def policy(comparison: Comparison) -> Iterator[Found]:
    """Yield what each change of the policy's own record and of its profile is."""
    source = comparison.new.document.policy.source
    for change in comparison.changes:
        if change.kind == "policy":
            for name in change.fields:
                translated = name == "title" and _same_source(change, name, source)
                step = turned("translation-only") if translated else POLICY.get(name, turned("setting-changed"))
                yield from step(change, name)
        elif change.kind == "profile" and (kind := _profile(change, comparison)):
            unused = kind == "setting-changed" and not _shown(change, comparison)
            yield Found(kind, (change,), "unused" if unused else "", "value", change.before("value"), change.after("value"))


def _profile(change: Change, comparison: Comparison) -> str:
    """Return what a change of a profile value is; nothing where a fact holds the value and its change says it all."""
    group, name = change.key
    if _in_facts(change, comparison):
        return ""
    if change.action == "changed" and _same_source(change, "value", comparison.new.document.policy.source):
        return "translation-only"
    if not _shown(change, comparison):
        return "setting-changed"
    if (group, name) == ("site", "url"):
        return "url-updated"
    return "controller-changed" if group == "operator" and name in _OPERATOR else PROFILE.get(group, "setting-changed")


def _same_source(change: Change, name: str, source: str) -> bool:
    old, new = ([source_text(value, source) for value in side(name)] for side in (change.before, change.after))
    return old == new


def _leaves(found: Values, locale: str) -> list[str]:
    """Return the texts of a profile value in one locale."""
    data = [json.loads(value) if value[:1] in "{[" and value else value for value in found]
    return [text for value in data for text in _texts(value, locale) if len(text) > 1 and text not in ("true", "false", "None")]


def _texts(value: Any, locale: str) -> Iterator[str]:
    if isinstance(value, dict):
        yield from _texts(value.get(locale, ""), locale)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, locale)
    else:
        yield str(value)


def _shown(change: Change, comparison: Comparison) -> bool:
    """Tell whether a profile value stands in the text of either side."""
    sides = ((change.before("value"), comparison.was), (change.after("value"), comparison.now))
    source = comparison.new.document.policy.source
    return any(leaf in text for found, state in sides for leaf in _leaves(found, source) for text in _all_texts(state, source))


def _all_texts(state: State, locale: str) -> Iterator[str]:
    return (plain(item) for (kind, key), item in state.items() if kind == "text" and key[1] == locale)


def _in_facts(change: Change, comparison: Comparison) -> bool:
    """Tell whether a changed fact holds the value of a changed profile entry."""
    source = comparison.new.document.policy.source
    leaves = {*_leaves(change.before("value"), source), *_leaves(change.after("value"), source)}
    facts = (c for c in comparison.changes if c.kind in IDENTITY)
    held = {source_text(v, source) for c in facts for name in c.fields for v in (*c.before(name), *c.after(name))}
    return bool(leaves & held)


def terms(comparison: Comparison) -> Iterator[Found]:
    """Yield what each change of a term is that both sides name. One that came or went did so with its fact."""
    source = comparison.new.document.policy.source
    for change in comparison.changes:
        if change.kind == "term" and change.action == "changed":
            for name in change.fields:
                yield Found(*_term(change, name, source), name, change.before(name), change.after(name))


def _term(change: Change, name: str, source: str) -> tuple[str, tuple[Change, ...], str]:
    if name == "sensitive":
        return f"data-recategorised-{'sensitive' if change.after(name) == ('true',) else 'normal'}", (change,), ""
    if name != "name":
        return "setting-changed", (change,), "unused"
    if _same_source(change, name, source):
        return "translation-only", (change,), ""
    return "purpose-reworded-same-scope" if change.after("scheme") == ("purposes",) else "term-renamed", (change,), ""


# The outline.


def outline(comparison: Comparison) -> Iterator[Found]:
    """Yield what moved, and what headings say otherwise."""
    moved = set(comparison.moved)
    places = tuple(c for c in comparison.changes if c.kind == "order" or (c.kind in ("clause", "section") and c.key[0] in moved))
    if moved:
        yield Found("clause-moved-renumbered", places, "", "", comparison.moved, comparison.moved)
    source = comparison.new.document.policy.source
    for change in comparison.changes:
        if change.kind == "section" and "title" in change.fields:
            yield _heading(change, source)


def _heading(change: Change, source: str) -> Found:
    old, new = change.before("title"), change.after("title")
    if change.action != "changed":
        return Found("clause-moved-renumbered", (change,), "", "title", old, new)
    if _same_source(change, "title", source):
        return Found("translation-only", (change,), "", "title", old, new)
    light = is_punctuation_only(source_text(old[0], source), source_text(new[0], source), source)
    return Found("typo-punctuation" if light else "text-unclassified", (change,), "", "title", old, new)


# Texts.


def plain(item: Item) -> str:
    """Return title and text of an item, a line a block."""
    return "\n".join([*item.get("title"), *(_line(block) for block in _blocks(item))])


def _blocks(item: Item) -> list[Any]:
    found: list[Any] = json.loads(item.get("body")[0])
    return found


def _line(block: Any) -> str:
    return "".join(str(run[0]) for run in block[2])


def texts(comparison: Comparison, book: Rulebook, explained: set[str]) -> Iterator[Found]:
    """Yield what each change of a text is that no change of a fact, a name or the profile explains."""
    source = comparison.new.document.policy.source
    changes = {change.key: change for change in comparison.changes if change.kind == "text"}
    grouped: set[str] = set()
    for group in groups(comparison):
        grouped |= group
        yield from _group(group, changes, comparison, explained)
    for (anchor, locale), change in changes.items():
        if locale != source:
            yield from _translation(change, changes.get((anchor, source)), source)
        elif anchor not in explained | grouped and not _renamed(change, comparison):
            kind, variant = _edit(change, comparison, book)
            yield Found(kind, (change,), variant)


def _translation(change: Change, of_source: Change | None, source: str) -> Iterator[Found]:
    """Yield what a change of a translation is where the source text stayed; else it follows that."""
    if of_source is not None and (of_source.action == change.action or change.action == "changed"):
        return
    kind = {"added": "translation-added", "removed": "translation-removed", "changed": "translation-only"}[change.action]
    if change.old and change.new and touched_text(plain(change.old), plain(change.new), change.key[1]):
        kind = "translation-correction-of-meaning"
    yield Found(kind, (change,))


def groups(comparison: Comparison) -> list[set[str]]:
    """Return the clauses that were split, joined or renamed: those gone and new that share facts or text, with others that do."""
    had, has = ({key[0] for kind, key in state if kind == "clause"} for state in (comparison.was, comparison.now))
    links = [{old, *new} for old, new in comparison.successors.items()]
    for place, item in comparison.now.items():
        before = comparison.was.get(place)
        if place[0] in IDENTITY and before and before.entries != item.entries:
            links.append({*before.entries, *item.entries})
    found: list[set[str]] = []
    for link in links:
        touching = [group for group in found if group & link]
        found = [group for group in found if not group & link] + [link.union(*touching)]
    return [group for group in found if group - had or group - has]


def _group(group: set[str], changes: dict[tuple[str, ...], Change], comparison: Comparison, explained: set[str]) -> Iterator[Found]:
    source = comparison.new.document.policy.source
    outline = tuple(c for c in comparison.changes if c.kind == "clause" and c.key[0] in group)
    texts = tuple(changes[key] for key in sorted(changes) if key[0] in group and key[1] == source)
    gone, fresh = ({c.key[0] for c in outline if c.action == action} for action in ("removed", "added"))
    renamed = len(gone) == len(fresh) == 1 and group == gone | fresh
    kind = "clause-moved-renumbered" if renamed else "clause-split-merged"
    yield Found(kind, outline, "", "", tuple(sorted(group - fresh)), tuple(sorted(group - gone)))
    if texts and not group & explained and _said(texts, "old") != _said(texts, "new"):
        yield Found("text-unclassified", texts)


def _said(changes: Iterable[Change], side: str) -> list[str]:
    """Return what some clauses say on one side, sentence by sentence, in whatever order."""
    items = (getattr(change, side) for change in changes)
    lines = (_line(block) for item in items if item for block in _blocks(item))
    return sorted(part for line in lines for part in re.split(r"(?<=[。；.;])\s*", line) if part)


def _renamed(change: Change, comparison: Comparison) -> bool:
    """Tell whether a text differs only in names of terms and values of the profile that changed."""
    if change.old is None or change.new is None:
        return False
    source = comparison.new.document.policy.source
    text = plain(change.old)
    for other in comparison.changes:
        if other.kind in ("term", "profile") and other.action == "changed":
            name = "name" if other.kind == "term" else "value"
            for old, new in zip(_leaves(other.before(name), source), _leaves(other.after(name), source), strict=False):
                text = text.replace(old, new)
    return text != plain(change.old) and text == plain(change.new)


def _edit(change: Change, comparison: Comparison, book: Rulebook) -> tuple[str, str]:
    """Return the kind of an edit of a text, and the case of it."""
    if change.old is None or change.new is None:
        return _liability(change, comparison, book) or ("text-unclassified", "")
    source = comparison.new.document.policy.source
    old, new = plain(change.old), plain(change.new)
    if old == new:
        return _dressed(change.old, change.new)
    if _ARTICLE.sub("§", old) == _ARTICLE.sub("§", new):
        return "law-citation-updated", ""
    if is_punctuation_only(old, new, source) and _shape(change.old) == _shape(change.new):
        return "typo-punctuation", ""
    defines = any(kind == "defines" and change.key[0] in item.entries for (kind, _), item in comparison.now.items())
    return ("definition-changed", "") if defines else _liability(change, comparison, book) or ("text-unclassified", "")


def _dressed(old: Item, new: Item) -> tuple[str, str]:
    """Return what an edit is that changes no word: of looks, of addresses, or of the shape of lists."""
    if _shape(old) != _shape(new):
        return "text-unclassified", ""
    links = [_links(item) for item in (old, new)]
    if links[0] != links[1]:
        hosts = [[urlsplit(link).netloc for link in found] for found in links]
        return "url-updated", "" if hosts[0] == hosts[1] else "host"
    lost = any(was and not now for was, now in zip(_bold(old), _bold(new), strict=True))
    return "emphasis-changed", "unbold" if lost else ""


def _links(item: Item) -> list[str]:
    return list(dict.fromkeys(str(run[3]) for block in _blocks(item) for run in block[2] if len(run) > 3 and run[3]))


def _bold(item: Item) -> list[bool]:
    """Return of every character whether it is bold."""
    return [bool(run[1]) for block in _blocks(item) for run in block[2] for _ in str(run[0])]


def _shape(item: Item) -> list[Any]:
    return [block[:2] for block in _blocks(item)]


def _liability(change: Change, comparison: Comparison, book: Rulebook) -> tuple[str, str] | None:
    """Tell whether the lines that differ speak of liability, in the words of the source language."""
    words = book.liability.get(comparison.new.document.policy.source)
    old, new = (set(plain(item).split("\n")) if item else set() for item in (change.old, change.new))
    return ("liability-limit-changed", "") if words and any(re.search(words, line) for line in old ^ new) else None
