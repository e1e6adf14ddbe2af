"""Reports as text: what `where`, `show`, `explain`, `verify` and `translate` print."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from clausebook import listing, messages, redline, sentences
from clausebook import progress as progress_
from clausebook.blocks import Block, Run
from clausebook.detectors import Example, Rule
from clausebook.document import Document
from clausebook.errors import Problem, visible
from clausebook.law import Need, Pack, Requirement
from clausebook.ledger import Ledger
from clausebook.model import Clause, ClauseText, Library, Loaded, Settings
from clausebook.progress import Counts, Progress
from clausebook.project import Placement, Project
from clausebook.rulebook import Kind, Rulebook
from clausebook.translation import Translation


def placements(found: Sequence[Placement], project: Project, clause: str) -> str:
    """Return where a clause is used: a line a place."""
    if not found:
        return f"{clause}: used by no policy"
    lines = [f"{p.policy}: {' > '.join(p.sections)} {p.number} ({p.place})".replace("  ", " ") for p in found]
    policies = len({p.policy for p in found})
    return "\n".join([*lines, f"{clause}: {len(found)} places in {policies} of {len(project.library.policies)} policies"])


def placements_json(found: Sequence[Placement]) -> str:
    """Return where a clause is used, as JSON."""
    items = [
        {"policy": p.policy, "sections": list(p.sections), "anchor": p.anchor, "number": p.number, "place": str(p.place)} for p in found
    ]
    return json.dumps({"version": 1, "places": items}, ensure_ascii=False, indent=2)


def ledgers(found: Sequence[Ledger], locale: str) -> str:
    """Return what stands at the end of each chain: a line a policy."""
    return "\n".join(_ledger(ledger, locale) for ledger in found)


def _ledger(ledger: Ledger, locale: str) -> str:
    head, count = ledger.head, len(ledger.releases)
    if head is None:
        return messages.say("ledger-empty", locale, policy=ledger.policy)
    values = {"version": head.version, "fingerprint": head.fingerprint, "s": "" if count == 1 else "s"}
    return messages.say("ledger-line", locale, policy=ledger.policy, count=count, **values)


def ledgers_json(found: Sequence[Ledger], problems: Sequence[Problem], locale: str, root: Path) -> str:
    """Return the end of each chain and the problems found, as JSON."""
    items = [{"policy": ledger.policy, "releases": len(ledger.releases), "newest": _head(ledger)} for ledger in found]
    return json.dumps({**json.loads(listing.as_json(problems, locale, root)), "ledgers": items}, ensure_ascii=False, indent=2)


def _head(ledger: Ledger) -> dict[str, Any] | None:
    return ledger.head.model_dump(include={"version", "number", "fingerprint", "seal"}) if ledger.head else None


def text(document: Document, locale: str, only: str | None) -> str:
    """Return a document as plain text, block by block."""
    lines: list[str] = []
    for part in document.walk():
        entries = [e for e in part.entries if only in (None, e.clause, e.anchor)]
        if entries or only is None:
            lines += ["", f"# {_headed(part, locale)}"]
        for entry in entries:
            lines += ["", f"[{entry.anchor}] {_headed(entry, locale)}"]
            for block, marker in zip(entry.blocks.get(locale, ()), entry.markers.get(locale, ()), strict=True):
                sign = marker or ("-" if block.kind == "bullet" else "")
                lines.append("  " * block.depth + f"{sign} {block.text}".strip())
    return visible("\n".join(lines).strip())


def _headed(item: Any, locale: str) -> str:
    label = item.number.labels[locale] if item.number else ""
    return f"{label} {item.titles.get(locale, '')}".strip()


def text_json(document: Document, locale: str, only: str | None) -> str:
    """Return a document's texts as JSON: a title and a body for each clause."""
    items: list[dict[str, str]] = []
    for entry in document.entries():
        if only in (None, entry.clause, entry.anchor):
            for kind, words in (("title", entry.titles.get(locale, "")), ("body", entry.text(locale))):
                items.append({"clause": entry.clause, "as": entry.anchor, "part": kind, "text": words})
    return json.dumps(items, ensure_ascii=False, indent=2)


def rule_line(row: Requirement | Rule, locale: str) -> str:
    """Return one rule as a line of the list of rules."""
    return f"{row.id}: {_pick(row.summary, locale)}"


def rules(packs: Sequence[Pack], checks: Sequence[Rule], locale: str) -> str:
    """Return every rule as Markdown: a table a pack, and one of the wording checks."""
    words = messages.catalogue(locale)["page"]
    tables = []
    for pack in packs:
        names = {i.id: _pick(i.short, locale) for i in pack.instruments}
        cited = {row.id: "; ".join(f"{names[c.instrument]} {c.article}" for c in row.cite) for row in pack.rows}
        tables.append(_table(f"{_pick(pack.title, locale)} {{#{pack.pack}}}", pack.rows, cited, locale))
    sources = {check.id: _pick(check.source, locale) for check in checks}
    tables.append(_table(f"{words['title-checks']} {{#wording}}", checks, sources, locale))
    return "\n\n".join(tables)


def _table(title: str, rows: Sequence[Requirement | Rule], sources: Mapping[str, str], locale: str) -> str:
    words = messages.catalogue(locale)
    head = [words["page"][f"explain-{key}-label"] for key in ("rule", "asks", "source")] + [words["page"]["col-level"]]
    lines = [[f"`{row.id}`", _pick(row.summary, locale), sources[row.id], words["levels"][row.level]] for row in rows]
    cells = [head, ["---"] * len(head), *([cell.replace("|", "\\|") for cell in line] for line in lines)]
    return "\n".join([f"## {title}", "", *(f"| {' | '.join(line)} |" for line in cells)])


def rule(pack: Pack, row: Requirement, locale: str) -> str:
    """Return what a rule asks, its sources, its condition, its needs, how to mend and how to waive it."""
    words = messages.catalogue(locale)
    names = {i.id: i for i in pack.instruments}
    cites = [f"{_pick(names[c.instrument].name, locale)}, {c.article} ({words['coverage']['sure'][row.sure]})" for c in row.cite]
    parts = {
        "rule": f"{row.id} ({row.level}, {pack.pack})",
        "asks": _pick(row.summary, locale),
        "source": "; ".join(cites),
        "when": row.when,
        "needs": "; ".join(_need(need) for need in row.needs),
        "mend": _pick(row.mend, locale),
        "waive": words["page"]["explain-waive"].format(rule=row.id),
    }
    return "\n".join(f"{words['page']['explain-' + key + '-label']}: {text}" for key, text in parts.items())


def check(rule: Rule, locale: str) -> str:
    """Return what a wording check looks for, where that comes from, a text it hits and one it does not, how to mend and to waive it."""
    words = messages.catalogue(locale)
    parts = {
        "rule": f"{rule.id} ({rule.level})",
        "asks": _pick(rule.summary, locale),
        "source": _pick(rule.source, locale),
        "hit": _example(rule, rule.hit, locale),
        "miss": _example(rule, rule.miss, locale),
        "mend": _pick(rule.mend, locale),
        "waive": words["page"]["explain-waive"].format(rule=rule.id),
    }
    return "\n".join(f"{words['page']['explain-' + key + '-label']}: {text}" for key, text in parts.items())


def kind(found: Kind, book: Rulebook, settings: Settings, locale: str) -> str:
    """Return what a kind of change weighs, why, in which other cases, what undoes it and how a site sets another level."""
    say, words = messages.say, messages.catalogue(locale)["change-words"]
    level = settings.changes.levels.get(found.id, found.level)
    parts = [
        ("kind", f"{found.id} ({sentences.title(found.id, locale)})"),
        ("level", say(f"level-{level}", locale)),
        ("direction", say(f"direction-{found.direction}", locale)),
        ("practice", say(f"practice-{found.practice}", locale)),
        ("bump", words["bump"][book.levels[level].bump]),
        ("notice", words["comma"].join(words["notice"][channel] for channel in book.notice(found, level)) or words["consent"]["none"]),
        ("reconsent", words["consent"][found.reconsent]),
        *([("why", _pick(found.why, locale))] if found.why else []),
        *(("cases", _case(found.case(name), locale)) for name in found.variants),
        *(("promise", say("explain-promise", locale, criterion=name)) for name, kinds in book.criteria.items() if found.id in kinds),
        ("mirror", found.mirror or _pick(found.no_mirror or {"": ""}, locale)),
        ("relevel", say("explain-relevel", locale, kind=found.id)),
    ]
    return "\n".join(f"{say(f'explain-{key}-label', locale)}: {text}" for key, text in parts)


def _case(found: Kind, locale: str) -> str:
    comma = messages.catalogue(locale)["change-words"]["comma"]
    return str(comma.join([messages.say(f"level-{found.level}", locale), messages.say(f"direction-{found.direction}", locale)]))


def kinds(book: Rulebook, locale: str) -> str:
    """Return every kind of change as a table in Markdown."""
    say, words = messages.say, messages.catalogue(locale)["change-words"]
    head = [say(f"explain-{key}-label", locale) for key in ("kind", "rule", "level", "direction", "reconsent")]
    rows = [
        [
            sentences.title(found.id, locale),
            f"`{found.id}`",
            say(f"level-{found.level}", locale),
            say(f"direction-{found.direction}", locale),
            words["consent"][found.reconsent],
        ]
        for found in book.kinds
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows])


def _example(rule: Rule, example: Example, locale: str) -> str:
    """Return an example in the reader's language; in all of them where it is their difference that counts."""
    text = " | ".join(example.text.values()) if rule.detect.parity else _pick(example.text, locale)
    facts = f" {json.dumps({'facts': example.facts}, ensure_ascii=False)}" if example.facts else ""
    return f"{text}{facts}"


def _pick(text: dict[str, str], locale: str) -> str:
    return text.get(locale) or next(iter(text.values()))


def _need(need: Need) -> str:
    """Return a need as compact YAML, the form in which it stands in the pack."""
    return json.dumps(need.model_dump(exclude_defaults=True), ensure_ascii=False)


def progress(found: Progress, library: Library) -> str:
    """Return how far the translations are: counts, then a line for each that is not simply current."""
    lines = [*_counts("policy", found.policies), *_counts("module", found.modules)]
    for one in found.translations:
        if one.state != "current":
            lines.append(f"{progress_.place(library, one)}: {one.locale}: {one.state}{_said(library.clauses[one.clause].value, one)}")
    return "\n".join(lines)


def _counts(word: str, counts: Counts) -> list[str]:
    rows = [(name, locale, states) for name, group in counts.items() for locale, states in group.items()]
    return [f"{word} {name}: {locale}: {', '.join(f'{n} {state}' for state, n in states.items())}" for name, locale, states in rows]


def _said(clause: Clause, found: Translation) -> str:
    """Return who has waived or attested a translation, and why."""
    waived, text = clause.waived.get(found.locale), clause.text.get(found.locale)
    if found.state == "waived" and waived:
        return f" ({found.without}) by {waived.by} until {waived.until}: {waived.reason}"
    if found.state == "attested" and text and text.attested:
        return f" by {text.attested.by}: {text.attested.reason or ''}"
    return ""


def progress_json(found: Progress, library: Library) -> str:
    """Return how far the translations are as JSON: a stable contract, version 1."""
    items = [_translation(library.clauses[one.clause], one) for one in found.translations]
    data = {"version": 1, "policies": found.policies, "modules": found.modules, "translations": items}
    return json.dumps(data, ensure_ascii=False, indent=2)


def _translation(loaded: Loaded[Clause], found: Translation) -> dict[str, Any]:
    place, text = loaded.source.place(("text", found.locale)), loaded.value.text.get(found.locale)
    waived = loaded.value.waived.get(found.locale) if found.state == "waived" else None
    attested = text.attested if text and found.state == "attested" else None
    return {
        "clause": found.clause, "locale": found.locale, "source": found.source, "state": found.state, "without": found.without,
        "path": place.path, "line": place.line,
        "waived": waived.model_dump(mode="json") if waived else None,
        "attested": attested.model_dump(mode="json") if attested else None,
    }  # fmt: skip


def translation(found: Translation, loaded: Loaded[Clause], origin: ClauseText | None) -> str:
    """Return where a translation stands and how its source text has changed since it was made."""
    place, text = loaded.source.place(("text", found.locale)), loaded.value.text[found.source]
    lines = [f"{place}: {found.clause}: {found.locale}: {found.state}{_said(loaded.value, found)}"]
    if found.without == "missing":
        return "\n".join(lines)
    if origin is None:
        lines.append(f"the {found.source} text it was made from is not known to git; this is the text of today:")
        return "\n".join([*lines, text.title, "", text.body.rstrip()])
    lines.append(f"the {found.source} text since it was translated:")
    return "\n".join([*lines, *_redline(origin, text, found.source)])


def _redline(old: ClauseText, new: ClauseText, locale: str) -> list[str]:
    """Return the redline of a source text as it is written, line by line."""
    before, after = ([Block("paragraph", 0, (Run(line),)) for line in _written(text)] for text in (old, new))
    return redline.to_text(redline.compare(before, after, locale)).split("\n")


def _written(text: ClauseText) -> list[str]:
    return [text.title, *(line for line in text.body.split("\n") if line.strip())]
