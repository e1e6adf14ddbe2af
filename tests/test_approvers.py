"""Reviews of a code host as approvals: whose word counts, for which commit, until when; and what a stranger sends in."""

from __future__ import annotations

import datetime
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from clausebook import approvers, chain, cli, freeze, git, ledger, messages, project, reports, review
from clausebook.errors import UserError
from clausebook.freeze import Wish
from clausebook.reports import NO_LINKS
from clausebook.reviewed import Report, Sides
from tests import small
from tests.repositories import committed, made, run, written

EVENTS = Path(__file__).parent / "events"
DAY = datetime.date(2026, 11, 22)
SETTINGS = """site_name: x
plugins:
  - clausebook:
      changes:
        approvals: {material: [legal, product]}
        approvers:
          wang-li: {roles: [legal], name: 王丽, id: 1001}
          sam: {roles: [product, legal]}
          kim: {roles: [design]}
"""
FACTS = "facts:\n  retention:\n    - {scope: ip, period: P3M}\n"
KEPT = small.text("我们保存{{ facts.retention.period | duration }}。", "We keep it for {{ facts.retention.period | duration }}.", FACTS)
FILES = {"mkdocs.yml": SETTINGS, **small.files({"kept": KEPT}, head=small.HEAD + "sample: true\n")}
CLAUSE = "clauses/m/kept.yml"
LONGER, EVEN_LONGER = FILES[CLAUSE].replace("P3M", "P6M"), FILES[CLAUSE].replace("P3M", "P1Y")
THEN: dict[str, Any] = {"submitted_at": "2026-11-22T02:00:00Z", "id": 9}
WANG, SAM = ("wang-li", 1001), ("sam", 1002)


@dataclass
class Site:
    """A repository with a release on main and an edit on a branch; commits by what they are."""

    root: Path
    commits: dict[str, str]

    def reviewed(self, data: Any, head: str = "edit") -> Report:
        base, tree = git.commit(self.root, "main"), git.commit(self.root, head)
        settings = project.settings(base)
        heard = approvers.hear("reviews.json", json.dumps(data).encode(), self.root, settings)
        sides = Sides(base, tree, "base", "head", tuple(git.edits(base, tree)), settings, heard=heard)
        return review.report(sides, DAY, "en")

    def needs(self, data: Any, head: str = "edit") -> tuple[str, ...]:
        (row,) = self.reviewed(data, head).policies
        return row.needs

    def refused(self, data: Any) -> list[str]:
        found = self.reviewed(data)
        return [one.code for one in (*found.sides.heard.refused, *(one for row in found.policies for one in row.fallen))]

    def said(self, who: tuple[str, int], commit: str = "edit", **more: Any) -> dict[str, Any]:
        return said(who, self.commits[commit], **more)


def said(who: tuple[str, int], commit: str, **more: Any) -> dict[str, Any]:
    """Return a review as the host lists it, made of a recorded one."""
    found: dict[str, Any] = json.loads((EVENTS / "pull_request_review.json").read_text(encoding="utf-8"))["review"]
    user = {**found["user"], "login": who[0], "id": who[1], **more.pop("user", {})}
    return {**found, "user": user, "commit_id": commit, "state": "APPROVED", "submitted_at": "2026-11-22T01:00:00Z", **more}


def event(name: str, who: tuple[str, int], commit: str, **more: Any) -> dict[str, Any]:
    """Return the recorded event of a review by somebody, of a pull request by Codertocat."""
    found: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    user = {**found["review"]["user"], "login": who[0], "id": who[1]}
    return {**found, "review": {**found["review"], "user": user, "commit_id": commit, **more}}


def released(folder: Path) -> Path:
    """Make a repository whose one policy has been released."""
    root = made(folder, FILES)
    found = freeze.plan(project.open(root).sound(), root, "p", Wish(datetime.date(2026, 3, 1)), datetime.date(2026, 3, 1))
    assert found.refusals == ()
    ledger.append(root, "policies", chain.sealed(found.data))
    committed(root)
    return root


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    root = released(tmp_path_factory.mktemp("approvers") / "site")
    commits = {"main": committed(root)}
    run(root, "checkout", "--quiet", "-b", "edit")
    written(root, {CLAUSE: EVEN_LONGER})
    commits["first"] = committed(root)
    written(root, {CLAUSE: LONGER})
    commits["edit"] = committed(root)
    run(root, "checkout", "--quiet", "main")
    written(root, {"README.md": "x"})
    commits["main"] = committed(root)
    run(root, "checkout", "--quiet", "-b", "rebased", "edit")
    run(root, "rebase", "--quiet", "main")
    commits["rebased"] = run(root, "rev-parse", "HEAD")
    written(root, {CLAUSE: LONGER.replace("title", "titel", 1)})
    commits["broken"] = committed(root)
    run(root, "reset", "--quiet", "--hard", "HEAD^")
    run(root, "checkout", "--quiet", "main")
    return Site(root, commits)


def test_without_reviews_all_are_missing(site: Site) -> None:
    assert site.needs([]) == ("legal", "product")


def test_two_people_approve_and_stand_in_the_report(site: Site) -> None:
    found = site.reviewed([site.said(WANG), site.said(SAM)])
    (row,) = found.policies
    assert (row.needs, row.approved) == ((), (("legal", "王丽"), ("product", "sam")))
    assert "approved by legal (王丽), product (sam)" in review_text(found)


def test_one_person_stands_for_one_role_and_gives_way_to_who_has_no_other(site: Site) -> None:
    assert site.needs([site.said(SAM)]) == ("product",)
    assert site.needs([site.said(SAM), site.said(WANG)]) == ()


def test_an_approval_outlives_a_rebase(site: Site) -> None:
    assert site.commits["edit"] != site.commits["rebased"]
    assert site.needs([site.said(WANG), site.said(SAM)], "rebased") == ()


def test_an_approval_of_an_older_commit_falls_when_the_change_moved(site: Site) -> None:
    given = [site.said(WANG, "first"), site.said(SAM)]
    assert site.needs(given) == ("product",)  # one of the two is left, who stands for one role only
    assert site.refused(given) == ["approval-moved"]
    assert site.refused([*given, site.said(WANG, **THEN)]) == []
    assert "王丽 (legal) approved changes" in review_text(site.reviewed(given))


@pytest.mark.parametrize(
    ("given", "needs", "refused"),
    [
        # whose word it is
        ([(("eve", 9), {})], ("legal", "product"), ["approval-stranger"]),
        ([(("Wang-Li", 1001), {})], ("product",), []),  # the host does not tell names apart by case
        ([(("wang-li", 6666), {})], ("legal", "product"), ["approval-account"]),  # the name was given up and taken by another
        ([(("wang_li", 1001), {})], ("legal", "product"), ["approval-stranger"]),
        ([(("sam", 5), {"user": {"type": "Bot"}})], ("legal", "product"), ["approval-stranger"]),
        ([(("sam[bot]", 5), {})], ("legal", "product"), ["approval-stranger"]),
        ([(("kim", 7), {})], ("legal", "product"), []),  # has a role, but none these changes need
        ([(WANG, {"user": {"login": "wang-li", "name": "王丽"}, "author_association": "NONE"})], ("product",), []),
        # what the word is
        ([(WANG, {"state": "COMMENTED"})], ("legal", "product"), []),
        ([(WANG, {"state": "CHANGES_REQUESTED"})], ("legal", "product"), []),
        ([(WANG, {"state": "DISMISSED"})], ("legal", "product"), []),
        ([(WANG, {"state": "PENDING", "submitted_at": None})], ("legal", "product"), []),
        ([(WANG, {"state": "COMMENTED", "body": "/approve APPROVED approved: legal"})], ("legal", "product"), []),
        # the last word counts
        ([(WANG, {}), (WANG, {"state": "CHANGES_REQUESTED", **THEN})], ("legal", "product"), []),
        ([(WANG, {}), (WANG, {"state": "DISMISSED", **THEN})], ("legal", "product"), []),
        ([(WANG, {}), (WANG, {"state": "COMMENTED", **THEN})], ("product",), []),
        ([(WANG, THEN), (WANG, {"state": "CHANGES_REQUESTED"})], ("product",), []),  # whatever the order of the list
        # to which commit
        ([(WANG, {"commit_id": "0" * 40})], ("legal", "product"), ["approval-commit"]),
        ([(WANG, {"commit_id": None})], ("legal", "product"), []),
    ],
)  # fmt: skip
def test_whose_word_counts(site: Site, given: list[tuple[Any, Any]], needs: tuple[str, ...], refused: list[str]) -> None:
    data = [site.said(who, **more) for who, more in given]
    assert site.needs(data) == needs
    assert site.refused(data) == refused


@pytest.mark.parametrize("commit", ["main", "broken"])
def test_a_commit_without_the_change_or_that_cannot_be_read_approves_nothing(site: Site, commit: str) -> None:
    assert site.needs([site.said(WANG, commit)]) == ("legal", "product")


def test_an_event_of_one_review(site: Site) -> None:
    edit = site.commits["edit"]
    assert site.needs(event("pull_request_review", WANG, edit, state="approved", submitted_at="2026-11-22T01:00:00Z")) == ("product",)
    assert site.needs(event("pull_request_review", WANG, edit)) == ("legal", "product")  # recorded as a comment
    assert site.needs(event("pull_request_review_dismissed", WANG, edit)) == ("legal", "product")


def test_nobody_approves_their_own(site: Site) -> None:
    data = event("pull_request_review", SAM, site.commits["edit"], state="approved", submitted_at="2026-11-22T01:00:00Z")
    data["pull_request"]["user"]["id"] = SAM[1]
    assert (site.needs(data), site.refused(data)) == (("legal", "product"), ["approval-own"])


# What is sent in is not trusted.


def refused(raw: bytes, root: Path) -> list[str]:
    with pytest.raises(UserError) as caught:
        approvers.hear("reviews.json", raw, root, project.settings(root))
    return [messages.tell(found) for found in caught.value.problems]


BAD: dict[str, Callable[[dict[str, Any]], Any]] = {
    "text": lambda one: "x", "number": lambda one: 7, "a list of lists": lambda one: [[one]], "a list of text": lambda one: ["x"],
    "state": lambda one: [{**one, "state": "APPROVED_BY_ALL"}], "no state": lambda one: [{key: one[key] for key in one if key != "state"}],
    "commit": lambda one: [{**one, "commit_id": "--upload-pack=x"}], "branch": lambda one: [{**one, "commit_id": "main"}],
    "short commit": lambda one: [{**one, "commit_id": one["commit_id"][:12]}],
    "login with markup": lambda one: [{**one, "user": {**one["user"], "login": "wang-li\n::error::x"}}],
    "look-alike login": lambda one: [{**one, "user": {**one["user"], "login": "wаng-li"}}],  # a Cyrillic а
    "long login": lambda one: [{**one, "user": {**one["user"], "login": "a" * 100}}],
    "id as text": lambda one: [{**one, "user": {**one["user"], "id": "1001"}}],
    "id as yes": lambda one: [{**one, "user": {**one["user"], "id": True}}],
    "no date": lambda one: [{**one, "submitted_at": "yesterday"}],
    "no time zone": lambda one: [{**one, "submitted_at": "2026-11-22T01:00:00"}],
    "too many": lambda one: [one] * 1001, "review and text": lambda one: {"review": "x"},
}  # fmt: skip


@pytest.mark.parametrize("bad", BAD)
def test_what_is_no_review_is_refused_in_one_line_each(site: Site, bad: str) -> None:
    told = refused(json.dumps(BAD[bad](site.said(WANG))).encode(), site.root)
    assert told
    assert all("this is not a review" in line and "\n" not in line and "\x1b" not in line for line in told)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 200_000,
        b'{"reviews": [], "reviews": []}',
        b"[NaN]",
        b"9" * 5000,
        b'{"a":' * 5000,
        b"x" * ((8 << 20) + 1),
    ],
    ids=["empty", "open", "not UTF-8", "deep", "twice", "NaN", "long number", "deep mapping", "large"],
)
def test_what_is_no_json_is_refused(site: Site, raw: bytes) -> None:
    (told,) = refused(raw, site.root)
    assert "(pass on" in told


def test_a_crowd_of_strangers_is_one_line(site: Site) -> None:
    crowd = [site.said((f"eve-{at}", 5000 + at)) for at in range(900)]
    found = site.reviewed(crowd)
    (told,) = [messages.tell(one) for one in found.sides.heard.refused]
    assert "eve-0, eve-1, eve-10, eve-100, eve-101 (+895)" in told


def test_as_many_reviews_as_there_may_be(site: Site) -> None:
    many = [site.said((f"eve-{at}", 5000 + at)) for at in range(approvers.MAX_REVIEWS - 1)]
    assert site.needs([*many, site.said(WANG)]) == ("product",)
    assert "1001" in refused(json.dumps([*many, site.said(WANG), site.said(SAM)]).encode(), site.root)[0]


def test_as_many_commits_as_there_may_be(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    given = [site.said(WANG), site.said(SAM, "rebased")]
    monkeypatch.setattr(approvers, "MAX_COMMITS", 2)
    assert site.needs(given) == ()
    monkeypatch.setattr(approvers, "MAX_COMMITS", 1)
    assert (site.needs(given), site.refused(given)) == (("product",), ["approval-commit"])


def test_the_words_of_a_review_are_never_read(site: Site) -> None:
    body = "</details><script> @everyone \u202e \x1b[31m ::error:: " + "x" * 60_000
    assert site.needs([site.said(WANG, body=body), site.said(("eve", 9), state="COMMENTED", body=body)]) == ("product",)


# Through the command line.


def called(site: Site, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.chdir(site.root)
    monkeypatch.setattr(sys, "argv", ["clausebook", "--lang", "en", "--as-of", "2026-11-22", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.run()
    return int(ended.value.code or 0)


def review_text(found: Report) -> str:
    told = {form: reports.FORMATS[form](found, "en", NO_LINKS) for form in ("text", "markdown", "html", "json")}
    assert all("王丽" in one for one in told.values())
    return told["text"]


def test_review_and_release_take_the_host_s_word(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "reviews.json"
    asked = ["--reviews", str(file)]
    file.write_text(json.dumps([site.said(WANG), site.said(SAM, "first")]), encoding="utf-8")
    assert called(site, monkeypatch, "review", "--base", "main", "--head", "edit", "--format", "json", *asked) == 0
    (row,) = json.loads(capsys.readouterr().out)["policies"]
    assert (row["approved"], row["needs"]) == ([{"role": "legal", "by": "王丽"}], ["product"])

    run(site.root, "checkout", "--quiet", "--detach", "rebased")
    try:
        assert called(site, monkeypatch, "release", "p", "--draft", *asked) == 1
        ran = capsys.readouterr()
        assert "product has not approved" in ran.out
        assert "sam (product) approved changes" in ran.err
        file.write_text(json.dumps([site.said(WANG), site.said(SAM)]), encoding="utf-8")
        assert called(site, monkeypatch, "release", "p", "--version", "2.0.0", "--yes", *asked) == 0
        record = json.loads((site.root / "policies/p/releases/2.0.0.json").read_text(encoding="utf-8"))["record"]
        given = [(one["role"], one["by"], one["on"]) for one in record["approvals"]]
        assert given == [("legal", "王丽", "2026-11-22"), ("product", "sam", "2026-11-22"), ("legal", "sam", "2026-11-22")]
        assert len({one["changes"] for one in record["approvals"]}) == 1
    finally:
        run(site.root, "clean", "--quiet", "-fd")
        run(site.root, "checkout", "--quiet", "main")


def test_a_file_that_is_not_there(site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert called(site, monkeypatch, "release", "p", "--draft", "--reviews", "nowhere.json") == 2
    assert capsys.readouterr().err.startswith("nowhere.json: this file cannot be read")
