"""What `release` and `diff` print: the plan of a release, comparisons in four forms, and that no text of a policy acts in any of them."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from clausebook import changelog, printing, project, rules
from clausebook.model import Settings
from clausebook.printing import Compared
from clausebook.release import Version
from tests import small
from tests.test_cli import Run, run, write  # noqa: F401  (the fixture `run`)

COLLECTS = "facts:\n  collects: [{{data: [{data}], subject: user, function: sign-in, purposes: [identify]}}]\n"
HOSTILE = "</td><script>alert(1)</script> @all [x](javascript:x) ![y](//e.example) `z` \u001b[31m ::error::"


def compared(old: str, new: str, title: str = "Policy") -> Compared:
    sides = [small.opened(small.files({"a": text})).sound().sides["p"] for text in (old, new)]
    report = changelog.report(sides[0], sides[1], project.rulebook(), Settings())
    return Compared("p", title, "1.0.0", "draft", report, str(rules.suggest(Version(1, 0, 0), report.verdict)))


NAME = small.text("我们收集您的姓名。", "We collect your name.", COLLECTS.format(data="name"))
PHONE = small.text("我们收集您的姓名、手机号码。", "We collect your name and phone number.", COLLECTS.format(data="name, phone"))


def test_text() -> None:
    assert printing.text([compared(NAME, PHONE)], "en").splitlines() == [
        "Policy: 1.0.0 -> draft",
        "material · less favourable to you · next version 2.0.0 · notice 30 days",
        f"material − Now collects: phone number (signing in; purpose: identification)  [data-added a; {ids(NAME, PHONE)[0]}]",
    ]
    assert printing.text([compared(NAME, NAME)], "zh") == "Policy：1.0.0 与 draft 没有差别"


def ids(old: str, new: str) -> list[str]:
    return [change.id for change in compared(old, new).report.changes]


def test_json_is_a_stable_contract() -> None:
    data = json.loads(printing.as_json([compared(NAME, PHONE)], "en"))
    assert (data["version"], list(data["policies"])) == (1, ["p"])
    found = data["policies"]["p"]
    assert list(found) == ["old", "new", "suggested", "verdict", "changes"]
    assert list(found["verdict"]) == ["level", "direction", "bump", "notice_days", "notice", "reconsent"]
    assert found["changes"][0]["sentence"] == {
        "zh": "新增收集：手机号码（登录；用途：识别身份）",
        "en": "Now collects: phone number (signing in; purpose: identification)",
    }


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on") or name == "href"]


def read(html: str) -> _Tags:
    reader = _Tags()
    reader.feed(html)
    return reader


def test_hostile_words_do_nothing_in_html() -> None:
    found = read(printing.html([compared(NAME, PHONE, HOSTILE)], "en"))
    assert found.tags == {"html", "head", "meta", "title", "style", "body", "h1", "p", "table", "tr", "td", "code"}
    assert found.handlers == []


def test_hostile_words_do_nothing_in_markdown() -> None:
    made = printing.markdown([compared(NAME, PHONE, HOSTILE)], "en")
    found = read(MarkdownIt("commonmark", {"html": True}).render(made))
    assert found.tags == {"h3", "p", "strong", "ul", "li", "code"}
    assert "@all" not in made
    assert "\x1b" not in made


def test_hostile_words_do_nothing_in_a_terminal() -> None:
    assert "\x1b" not in printing.text([compared(NAME, PHONE, HOSTILE)], "en")


# The commands, on real files.


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(tmp_path, {"mkdocs.yml": "plugins: [clausebook]\n", **small.files({"a": NAME})})


@pytest.fixture(autouse=True)
def fixed_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAUSEBOOK_AS_OF", "2026-03-01")


def releases(root: Path) -> list[str]:
    return sorted(path.name for path in root.glob("policies/p/releases/*"))


def test_a_draft_of_a_release_writes_nothing(run: Run, root: Path) -> None:  # noqa: F811
    ran = run("release", "p", "--draft")
    assert (ran.code, releases(root)) == (0, [])
    assert ran.lines[0] == "Policy  1.0.0  (first release)"
    assert ran.lines[-1].startswith(" would write policies/p/releases/1.0.0.json   fingerprint ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--yes",), "--yes: --yes needs --version too"),
        ((), "release: nobody can be asked here"),
        (("--published", "2026-02-30"), "--published: expected a date, got “2026-02-30”"),
    ],
)
def test_a_release_needs_to_be_meant(run: Run, root: Path, arguments: tuple[str, ...], said: str) -> None:  # noqa: F811
    ran = run("release", "p", *arguments)
    assert (ran.code, releases(root)) == (2, [])
    assert ran.err.startswith(said)


def test_release_and_diff(run: Run, root: Path) -> None:  # noqa: F811
    assert run("release", "p", "--yes", "--version", "1.0.0").code == 0
    assert releases(root) == ["1.0.0.json"]
    refused = run("release", "p", "--yes", "--version", "1.0.1")
    assert (refused.code, releases(root)) == (1, ["1.0.0.json"])
    assert refused.lines[0] == "Policy  1.0.0  (unchanged since)"
    assert run("diff", "1.0.0").out == "Policy: nothing differs between 1.0.0 and draft\n"
    write(root, {"clauses/m/a.yml": f"id: a\n{PHONE}"})
    assert run("diff", "1.0.0", "--fail-on", "material").code == 1
    assert run("diff", "1.0.0", "draft", "--policy", "p", "--fail-on", "never").code == 0
    assert run("release", "p", "--draft").lines[0] == "Policy  1.0.0 -> 2.0.0  (MAJOR, because of 1 material change)"
    missing = run("diff", "9.9.9")
    assert (missing.code, missing.err.startswith("diff: “9.9.9” is no released version of p")) == (2, True)
