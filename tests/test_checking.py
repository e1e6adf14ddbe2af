"""`check` judges policy by policy, keeps what it found, and finds the same as judging the whole project at once."""

from __future__ import annotations

import datetime
import multiprocessing
import os
import random
import shutil
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks import synthetic
from clausebook import (
    assemble,
    blocks,
    checking,
    comparison,
    evidence,
    glossary,
    ledger,
    lints,
    load,
    occurrences,
    outcome,
    parity,
    processes,
    project,
    requirements,
    typography,
    yamltree,
)
from clausebook.cache import Cache
from clausebook.checking import Means
from clausebook.document import Document
from clausebook.errors import Place, Problem
from clausebook.model import Library, Memory
from clausebook.outcome import Outcome
from clausebook.piecework import Card, Piece
from clausebook.tree import Folder
from tests import small

ROOT = Path(__file__).parent.parent
PLUGIN = "- clausebook\n"
DAY = datetime.date(2026, 6, 1)
NONE = Means(Cache.open(None))


def run(root: Path, means: Means = NONE, day: datetime.date = DAY) -> Outcome:
    return checking.run(Folder(root), Folder(root), checking.settings(root).settings, day, means)


def whole(root: Path) -> Outcome:
    """Judge a project at once, as the site does, and say of it what `check` does."""
    opened = project.judged(project.open(root), root, DAY)
    tallies = {policy: requirements.tally(verdicts) for policy, verdicts in opened.verdicts.items()}
    sizes = len(opened.library.policies), len(opened.library.clauses)
    return Outcome(opened.problems, opened.findings, *sizes, opened.waived, tallies)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a site of four synthetic policies."""
    root = tmp_path_factory.mktemp("sites") / "site"
    synthetic.site(root, 8, 3)
    return root


@pytest.fixture
def site(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "site")


@pytest.fixture
def store(tmp_path: Path) -> Cache:
    return Cache.open(tmp_path / "cache")


@pytest.fixture
def assembled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list of policies assembled from now on."""
    found: list[str] = []
    real = assemble.document

    def noted(library: Library, policy: str, known: assemble.Known | None = None) -> tuple[Document, list[Problem]]:
        found.append(policy)
        return real(library, policy, known)

    monkeypatch.setattr(assemble, "document", noted)
    return found


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def clause(root: Path, name: str) -> Path:
    return next((root / "clauses").rglob(f"{name}.yml"))


# The same as all at once.


def test_the_repository() -> None:
    assert run(ROOT) == whole(ROOT)


def test_synthetic_policies(made: Path) -> None:
    assert run(made) == whole(made)
    assert run(made).findings


def spoilt_clause(root: Path) -> None:
    change(clause(root, "rights-fees-and-refusal"), "id:", "idd:")


def spoilt_assembly(root: Path) -> None:
    change(root / "policies" / "policy-0001" / "policy.yml", "numbering", "numbring")


def unknown_rule(root: Path) -> None:
    change(root / "mkdocs.yml", PLUGIN, "- clausebook: {levels: {no-such-rule: error}}\n")


def spoilt_ledger(root: Path) -> None:
    (root / "policies" / "policy-0002" / "releases").mkdir()
    (root / "policies" / "policy-0002" / "releases" / "1.0.0.json").write_text("{}", encoding="utf-8")


@pytest.mark.parametrize("spoil", [spoilt_clause, spoilt_assembly, unknown_rule, spoilt_ledger])
def test_what_is_wrong(site: Path, store: Cache, spoil: Callable[[Path], None]) -> None:
    spoil(site)
    assert run(site) == whole(site) == run(site, Means(store)) == run(site, Means(store))
    assert run(site).errors


# Kept.


def test_kept_results_are_not_worked_out_again(made: Path, store: Cache, assembled: list[str]) -> None:
    first = run(made, Means(store))
    assert (len(assembled), first) == (4, run(made))
    assembled.clear()
    assert run(made, Means(store)) == first
    assert assembled == []


def test_releases_are_not_proved_again(site: Path, store: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    spoilt_ledger(site)
    first = run(site, Means(store))
    proved: Counter[str] = Counter()
    monkeypatch.setattr(ledger, "read_all", counting(ledger.read_all, "read_all", proved))
    assert (run(site, Means(store)), proved.total()) == (first, 0)
    file = site / "policies" / "policy-0002" / "releases" / "1.0.0.json"
    file.write_text("[]", encoding="utf-8")
    assert run(site, Means(store)) != first
    assert proved.total() == 1


USED = "rights-fees-and-refusal"


def uses(root: Path, name: str) -> set[str]:
    return {file.parent.name for file in (root / "policies").glob("*/policy.yml") if f"id: {name}\n" in file.read_text(encoding="utf-8")}


EVERY = {f"policy-000{n}" for n in range(1, 5)}
EDITS: dict[str, tuple[Callable[[Path], Any], Callable[[Path], set[str]]]] = {
    "clause": (lambda r: change(clause(r, USED), "极不现实", "100% 不现实"), lambda r: uses(r, USED)),
    "policy": (lambda r: change(r / "policies/policy-0003/policy.yml", "zh: ", "zh: 新"), lambda _: {"policy-0003"}),
    "vocabulary": (lambda r: change(r / "clauses/vocabulary/laws.yml", "scheme: laws", "# law\nscheme: laws"), lambda _: EVERY),
    "glossary": (lambda r: change(r / "clauses/vocabulary/glossary.yml", "terms:", "# words\nterms:"), lambda _: EVERY),
    "settings": (lambda r: change(r / "mkdocs.yml", PLUGIN, "- clausebook: {drafts: true}\n"), lambda _: EVERY),
    "unused": (lambda r: (r / "clauses/common/new.yml").write_text("id: new\n" + small.text("甲", "A"), encoding="utf-8"), lambda _: set()),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_reaches_what_rests_on_it(site: Path, store: Cache, assembled: list[str], edit: str) -> None:
    """A policy is judged again when something it follows from has changed, and only then."""
    run(site, Means(store))
    make, reached = EDITS[edit]
    make(site)
    assembled.clear()
    found = run(site, Means(store))
    assert set(assembled) == reached(site)
    assert found == run(site)


def test_another_day(site: Path, store: Cache, assembled: list[str]) -> None:
    run(site, Means(store))
    assembled.clear()
    later = datetime.date(2036, 6, 1)
    assert run(site, Means(store), later) == run(site, NONE, later)
    assert set(assembled) == EVERY


def test_a_pack_of_the_site(site: Path, store: Cache, assembled: list[str]) -> None:
    pack = (ROOT / "generator/clausebook/packs/cn-app.yml").read_text(encoding="utf-8")
    (site / "own").mkdir()
    for kept, rows in (("own.yml", pack), ("own.yml", pack.replace("level: warning", "level: info"))):
        (site / "own" / kept).write_text(rows.replace("pack: cn-app", "pack: own-app").replace("- id: ", "- id: own-"), encoding="utf-8")
        if "packs: [own]" not in (site / "mkdocs.yml").read_text(encoding="utf-8"):
            change(site / "mkdocs.yml", PLUGIN, "- clausebook: {packs: [own]}\n")
        assembled.clear()
        found = run(site, Means(store))
        assert set(assembled) == EVERY
        assert found == run(site)


def test_altered_entries_are_worked_out_again(made: Path, tmp_path: Path, store: Cache) -> None:
    first = run(made, Means(store))
    for path in (tmp_path / "cache").iterdir():
        content = bytearray(path.read_bytes())
        content[random.Random(path.name).randrange(len(content))] ^= 4
        path.write_bytes(content)
    assert run(made, Means(store)) == first


# In several processes.


@pytest.fixture
def forking(monkeypatch: pytest.MonkeyPatch) -> None:
    if not processes.can_fork():
        pytest.skip("processes cannot be forked here")
    monkeypatch.setattr(checking, "_WORTH", 1)
    monkeypatch.setattr(checking, "_SHORT", 1)


@pytest.mark.usefixtures("forking")
def test_processes_find_the_same(made: Path, store: Cache, assembled: list[str]) -> None:
    assert run(made, Means(store, 2)) == run(made, Means(store, 2)) == run(made)
    assert set(assembled) == EVERY  # by the last run alone: the others judged elsewhere, or not at all


def policy(root: Path, number: int) -> Path:
    return root / f"policies/policy-{number:04}/policy.yml"


def same_id(root: Path) -> None:
    change(policy(root, 3), "id: policy-0003", "id: policy-0001")


def lost_names(root: Path) -> None:
    """Take a name that clauses print out of the profile of two policies, which one problem names together."""
    for number in (1, 3):
        change(policy(root, number), "    legal_name:", "    other_name:")


def no_policies(root: Path) -> None:
    policy(root, 2).write_bytes(b"\xff\xfe")
    policy(root, 4).write_text("- a\n", encoding="utf-8")


def other_waivers(root: Path) -> None:
    change(policy(root, 1), "rule: lint-no-dates", "rule: no-such-rule")
    change(policy(root, 4), "rule: lint-no-dates", "rule: nor-this-one")


def other_languages(root: Path) -> None:
    change(policy(root, 2), "- zh\n- en\n", "- en\n- zh\n")
    change(policy(root, 3), "- zh\n- en\n", "- zh\n")


def behind(root: Path) -> None:
    change(clause(root, USED), "translates:", "translates: 00000000 #")


def unknown_in_a_clause(root: Path) -> None:
    change(clause(root, USED), "极不现实", "{{ no.such }}")


TOGETHER = [same_id, lost_names, no_policies, other_waivers, other_languages, behind, unknown_in_a_clause]


@pytest.mark.usefixtures("forking")
@pytest.mark.parametrize("spoil", TOGETHER)
def test_what_concerns_several_policies(site: Path, store: Cache, spoil: Callable[[Path], None]) -> None:
    """It is found where policies are read apart as where they are read together, in whichever process, and again from what was kept."""
    sound = run(site, Means(store))
    spoil(site)
    found = whole(site)
    assert found != sound
    assert found == run(site) == run(site, Means(NONE.store, 2))
    assert found == run(site, Means(store, 2)) == run(site, Means(store, 2)) == run(site, Means(store))


def test_nothing_is_rendered_while_a_clause_holds_what_is_refused(site: Path, assembled: list[str]) -> None:
    """What the clause language refuses may have no bounds; so nothing of such a library is rendered, whoever uses the clause."""
    change(clause(site, USED), "极不现实", "{% for x in y %}{{ x }}{% endfor %}")
    assert run(site).errors
    assert assembled == []


def test_what_does_not_fit_does_not_keep_others_from_being_kept(site: Path, store: Cache, assembled: list[str]) -> None:
    """Policies are judged before it is known whether all fit together; what was found of the others stands."""
    text = policy(site, 3).read_text(encoding="utf-8")
    same_id(site)
    assert run(site, Means(store)).errors
    policy(site, 3).write_text(text, encoding="utf-8")
    assembled.clear()
    assert run(site, Means(store)) == run(site)
    assert assembled[:1] == ["policy-0003"]


@pytest.mark.parametrize("workers", [1, 2, 3, 8])
@pytest.mark.parametrize("count", [1, 2, 7, 64, 100])
def test_shares(count: int, workers: int) -> None:
    """Every file is handed out once: a long share of files of about one size to each process, then few at a time."""
    sizes = {f"{number:03}": number * 7 % 50 for number in range(count)}
    shares = checking._shares(sizes, workers)
    assert sorted(file for share in shares for file in share) == sorted(sizes)
    assert all(shares)
    assert all(len(share) <= checking._SHORT for share in shares[workers:])
    if count > 8 * workers:
        weights = [sum(sizes[file] for file in share) for share in shares[:workers]]
        assert max(weights) < 1.3 * min(weights)
        assert all(max(sizes[file] for file in one) <= min(sizes[file] for file in two) for one, two in pairwise(shares[:workers]))


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Have an interrupt interrupt: whoever runs tests in the background may have told processes to ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("forking", "interruptible")
def test_an_interrupted_check_does_not_wait_for_long_shares() -> None:
    def done(path: str) -> Piece:
        time.sleep(0.2)
        return Piece(Card(path, [], Place(path)))

    files = {f"{number}.yml": b"x" for number in range(200)}  # 17 seconds of each process are handed out at once
    work: Any = SimpleNamespace(apart=SimpleNamespace(files=files))
    interrupt = threading.Timer(1, os.kill, (os.getpid(), signal.SIGINT))
    started = time.monotonic()
    interrupt.start()
    with pytest.raises(KeyboardInterrupt):
        list(checking._shared(work, done, list(files), 2))
    assert time.monotonic() - started < 10


def dying(policies: list[str]) -> list[bytes]:
    """Judge policies in a process that is killed over one of them."""
    if multiprocessing.parent_process() is not None and any("policy-0003" in file for file in policies):
        os._exit(9)
    return SHARE(policies)


SHARE = checking._share


@pytest.mark.usefixtures("forking")
def test_a_process_that_dies(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a process that was stopped owed is worked out here."""
    monkeypatch.setattr(checking, "_share", dying)
    assert run(made, Means(Cache.open(None), 2)) == run(made)


# Once for all that share it. These counts do not depend on the machine.


COUNTED: tuple[tuple[Any, str], ...] = (
    (assemble._Assembly, "_made"), (assemble._Assembly, "_blocks"), (assemble._Assembly, "_facts"), (lints._Case, "_unfounded"),
    (lints._Case, "_unstated"), (occurrences, "holding"), (requirements, "_asked"), (requirements, "_lacks"), (evidence, "held"),
    (parity._Case, "_compared"), (comparison.Pair, "groups"), (glossary._Words, "of_blocks"), (typography, "_of_blocks"),
)  # fmt: skip
CACHED = (
    blocks.parse, blocks._same, blocks._parsed, blocks._settled, occurrences.held, occurrences.matches, occurrences.longer,
    comparison.differences,
)  # fmt: skip
MEMORIES = ((parity, "_sides"), (comparison, "_blocks"))


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count how often each piece of work is done."""
    found: Counter[str] = Counter()
    for owner, name in COUNTED:
        monkeypatch.setattr(owner, name, counting(getattr(owner, name), name, found))
    monkeypatch.setattr(yamltree, "read", counting(yamltree.read, "read", found))
    return found


def counting(real: Callable[..., Any], name: str, found: Counter[str]) -> Callable[..., Any]:
    def call(*given: Any, **more: Any) -> Any:
        found[name] += 1
        return real(*given, **more)

    return call


def work(root: Path, counts: Counter[str]) -> Counter[str]:
    """Return how often each piece of work is done for a tree of which nothing is known."""
    counts.clear()
    load._parsed.cache_clear()
    for one in CACHED:
        one.cache_clear()
    for owner, name in MEMORIES:
        setattr(owner, name, Memory())
    run(root)
    return counts + Counter({one.__name__: one.cache_info().misses for one in CACHED})


def test_what_policies_share_is_done_once(tmp_path: Path, counts: Counter[str]) -> None:
    """Twenty policies that differ in nothing but their id take the work of one, but for reading and placing them."""
    synthetic.site(tmp_path / "site", 2, 3)
    policies = tmp_path / "site" / "policies"
    one = work(tmp_path / "site", counts)
    text = (policies / "policy-0001" / "policy.yml").read_text(encoding="utf-8")
    for n in range(2, 21):
        (policies / f"policy-{n:04}").mkdir()
        (policies / f"policy-{n:04}" / "policy.yml").write_text(text.replace("policy-0001", f"policy-{n:04}"), encoding="utf-8")
    twenty = work(tmp_path / "site", counts)
    assert twenty.pop("read") == one.pop("read") + 19
    assert min(one.values()) > 0
    assert twenty == one


def test_what_is_told_apart_is_done_for_each(tmp_path: Path, counts: Counter[str]) -> None:
    """Policies of different names share what does not name them: three in four of their texts."""
    synthetic.site(tmp_path / "site", 40, 3)
    done = work(tmp_path / "site", counts)
    placed = sum(file.read_text(encoding="utf-8").count("- id: ") for file in (tmp_path / "site" / "policies").glob("*/policy.yml"))
    assert done["_blocks"] < placed  # of twice as many: each clause is there in two languages
    assert done["_facts"] < placed / 4


# As data.


def test_results_as_data(made: Path) -> None:
    found = run(made)
    assert outcome.load(outcome.dump(found)) == found
