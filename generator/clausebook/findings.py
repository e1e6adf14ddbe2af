"""Verdicts and wording findings as problems: what is wrong, said at the place in the file where it would be mended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from clausebook.errors import Place, Problem, Severity, problem
from clausebook.lints import Finding
from clausebook.model import Library, Loaded, Policy, Settings
from clausebook.requirements import Missing, Verdict


def of_verdicts(verdicts: Iterable[Verdict], policy: Loaded[Policy], library: Library, settings: Settings) -> Iterator[Problem]:
    """Yield a finding for each gap, each partly met row and each waiver that has run out."""
    for verdict in verdicts:
        if verdict.outcome in ("gap", "partial"):
            level: Severity = settings.levels.get(verdict.row.id, verdict.row.level)
            yield replace(_finding(verdict, policy, library), severity=level)


def _finding(verdict: Verdict, policy: Loaded[Policy], library: Library) -> Problem:
    row = verdict.row
    said = {f"summary@{loc}": text for loc, text in row.summary.items()} | {f"mend@{loc}": text for loc, text in row.mend.items()}
    missing = "; ".join(dict.fromkeys(_said(m) for m in verdict.missing))
    code = "requirement-partial" if verdict.outcome == "partial" else "requirement-gap"
    return problem(_place(verdict, policy, library), code, rule=row.id, policy=policy.value.id, missing=missing, **said)


def of_lints(found: Iterable[Finding], settings: Settings) -> Iterator[Problem]:
    """Yield a problem for each finding of words; one that several policies share is told once, with all of them."""
    shared: dict[tuple[object, ...], list[Finding]] = {}
    for finding in found:
        key = (finding.rule.id, finding.place, finding.locale, finding.words, finding.better, finding.against, finding.theirs)
        shared.setdefault(key, []).append(finding)
    for alike in shared.values():
        first, rule = alike[0], alike[0].rule
        said = {f"summary@{loc}": text for loc, text in rule.summary.items()} | {f"mend@{loc}": text for loc, text in rule.mend.items()}
        values = {"policies": ", ".join(dict.fromkeys(f.policy for f in alike)), "words": first.words, "better": first.better}
        if first.against is not None:
            values |= {"against": str(first.against), "theirs": first.theirs}
        made = problem(first.place, _code(first), rule=rule.id, **values, **said)
        yield replace(made, severity=settings.levels.get(rule.id, rule.level))


def _code(found: Finding) -> str:
    """Return the sentence a finding is told by."""
    if found.against is not None and found.rule.detect.glossary:
        return "lint-later"
    if found.against is not None:
        return "parity-differs" if found.words and found.theirs else "parity-lacks" if found.theirs else "parity-adds"
    return "lint-better" if found.better else "lint-words" if found.words else "lint-found"


def _said(missing: Missing) -> str:
    names = ", ".join(missing.names)
    where = f" ({missing.entry.anchor})" if missing.entry else ""
    return f"{missing.kind}: {names}{where}" if names else f"{missing.kind}{where}"


def _place(verdict: Verdict, policy: Loaded[Policy], library: Library) -> Place:
    """Return the facts that fall short, or the policy that lacks the fact altogether."""
    for missing in verdict.missing:
        if missing.entry is not None:
            source = library.clauses[missing.entry.clause].source
            return source.key_place(("facts", missing.kind))
    return policy.source.place(("jurisdictions",))


def waivers(policy: Loaded[Policy]) -> list[tuple[str, Place]]:
    """Return the rules a policy waives, each with its place."""
    return [(waiver.rule, policy.source.place(("waivers", index, "rule"))) for index, waiver in enumerate(policy.value.waivers)]


def unknown(waived: Iterable[tuple[str, Place]], known: set[str]) -> Iterator[Problem]:
    """Yield an error for every waived rule that does not exist."""
    for rule, place in waived:
        if rule not in known:
            yield problem(place, "rule-unknown", rule=rule)


def unknown_rules(policy: Loaded[Policy], known: set[str]) -> Iterator[Problem]:
    """Yield an error for every waiver of a rule that does not exist."""
    yield from unknown(waivers(policy), known)
