"""A synthetic site with an archive: policies with many released versions, as a platform has that publishes for its customers.

From each version to the next some numbers and flags of a few clauses change, and now and then a clause goes. Each
version is compared, judged and sealed by the package itself, so that the ledgers are what `clausebook release` would write;
only the gate, which asks people, is left out.
"""

from __future__ import annotations

import copy
import datetime
import random
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from synthetic import ROOT, needed, policies, written

from clausebook import __version__, assemble, chain, changelog, load, project, records, rules, snapshot, yamltree
from clausebook.document import Side
from clausebook.model import Library, Loaded, Policy
from clausebook.release import Made, Record, Release, VerdictRecord, Version
from clausebook.tree import Folder

VERSIONS = 20
EDITED = 3  # clauses whose numbers and flags change from one version to the next
GOES = 0.3  # how often a version takes a clause out
START = datetime.date(2020, 1, 1)
STEP = datetime.timedelta(days=120)
SETTINGS = """\
site_name: Benchmark
site_url: https://policies.example/
docs_dir: docs
theme: {name: material, language: zh, font: false, features: [toc.follow, navigation.sections, navigation.top]}
plugins: [search, clausebook]
extra: {generator: false}
"""
FIRST = VerdictRecord(base=None, level="material", direction="neutral", bump="major", notice_days=0)


def site(target: Path, count: int, seed: int, versions: int = VERSIONS) -> None:
    """Make `target` a site of so many policies, each with so many released versions; the draft is the last of them."""
    target.mkdir(parents=True, exist_ok=True)
    for name in ("clauses", "templates"):
        shutil.copytree(ROOT / name, target / name)
    (target / "docs").mkdir()
    (target / "mkdocs.yml").write_text(SETTINGS, encoding="utf-8")
    library, _ = load.library(Folder(target), project.settings(target))
    kept = needed()
    for number, policy in enumerate(policies(count, seed)):
        folder = target / "policies" / policy["id"]
        (folder / chain.RELEASES).mkdir(parents=True)
        for release, frozen in _History(library, policy, random.Random(f"{seed}/{number}/archive"), kept).releases(versions):
            (folder / chain.RELEASES / f"{release['version']}.json").write_bytes(chain.dump(release))
            (folder / "policy.yml").write_bytes(written(frozen))


class _History:
    """Makes the releases of one policy."""

    def __init__(self, library: Library, policy: dict[str, Any], chance: random.Random, kept: frozenset[str]) -> None:
        self.library, self.policy, self.chance, self.kept = library, policy, chance, kept
        self.settings = project.Settings()

    def releases(self, count: int) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """Yield the data of each release, sealed, with the policy it freezes."""
        before: Release | None = None
        day, policy = START, self.policy
        for number in range(1, count + 1):
            data = self.release(policy, before, number, day)
            yield data, policy
            path = f"policies/{self.policy['id']}/{chain.RELEASES}/{data['version']}.json"
            before, problems = chain.release(path, self.policy["id"], chain.dump(data))
            assert before is not None, problems
            policy, day = self.changed(policy), day + STEP

    def release(self, policy: dict[str, Any], before: Release | None, number: int, day: datetime.date) -> dict[str, Any]:
        side = self.side(policy)
        report = changelog.report(snapshot.opened(before), side, project.rulebook(), self.settings) if before else None
        verdict = changelog.recorded(before.version, report.verdict) if before and report else FIRST
        suggested = rules.suggest(before.order, report.verdict) if before and report else Version(1, 0, 0)
        record = Record(
            verdict=verdict, changes=list(report.changes) if report else [], made=Made(clausebook=__version__, templates="0" * 64)
        )
        return chain.sealed(
            {
                "schema": 1, "policy": policy["id"], "version": str(suggested), "number": number,
                "previous": chain.link(before) if before else None, "corrects": None,
                "published": day.isoformat(), "effective": (day + datetime.timedelta(days=verdict.notice_days)).isoformat(),
                "document": snapshot.of(side), "record": record.model_dump(mode="json", exclude_none=True),
            }
        )  # fmt: skip

    def side(self, policy: dict[str, Any]) -> Side:
        tree = yamltree.read("policy.yml", written(policy))
        made = records.make(Policy, tree)
        assert made is not None, tree.problems
        library = replace(self.library, policies={policy["id"]: Loaded(made, tree.source)})
        document, problems = assemble.document(library, policy["id"])
        assert not problems, problems
        return Side(document, library)

    def changed(self, policy: dict[str, Any]) -> dict[str, Any]:
        """Return the policy with other numbers and flags in a few clauses; it always differs in at least one."""
        made = copy.deepcopy(policy)
        uses = [use for section in made["sections"] for use in _uses(section)]
        open_ = [use for use in uses if self.numbers(use)]
        for use in self.chance.sample(open_, min(EDITED, len(open_))):
            use["params"] = {**use.get("params", {}), **{name: self.chance.randint(1, 30) for name in self.numbers(use)}}
        if self.chance.random() < GOES:
            clauses, use = self.chance.choice([*self.free(made)])
            clauses.remove(use)
        return made

    def free(self, above: dict[str, Any]) -> Iterator[tuple[list[dict[str, Any]], dict[str, Any]]]:
        """Yield every clause that may go, with the list it stands in: nothing refers to it, and it is not alone there."""
        for section in above["sections"]:
            clauses = section["clauses"]
            yield from ((clauses, use) for use in clauses if len(clauses) > 1 and use.get("as", use["id"]) not in self.kept)
            yield from self.free(section)

    def numbers(self, use: dict[str, Any]) -> list[str]:
        return [name for name, param in self.library.clauses[use["id"]].value.params.items() if param.type == "number"]


def _uses(section: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from section["clauses"]
    for inner in section["sections"]:
        yield from _uses(inner)


if __name__ == "__main__":
    site(Path(sys.argv[1]), *map(int, sys.argv[2:]))
