"""Problems as text, each form compared with what it should be to the character."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from clausebook import listing
from clausebook.errors import Place, Problem, problem, warning

FILE = "clauses/m/a.yml"
CONTENT = "id: b\r\ntext:\n  zh: {title: 条款，甲乙ab, boddy: x}\n\tx: \x1b[31mred 😀 y\n"

PROBLEMS: list[Problem] = [
    problem(Place(FILE, 1, 5), "clause-id-file", id="b", name="a"),
    problem(Place(FILE, 3, 24), "key-unknown-near", key="boddy", near="body"),
    warning(Place(FILE, 3, 15), "param-unused", name="x, y: 100%"),
    problem(Place(FILE, 4, 10), "character-control", what="x"),
    problem(Place(FILE, 99, 1), "file-empty"),
    problem(Place("clauses/no such/新.yml", 2, 3), "file-empty"),
    problem(Place("policies"), "folder-missing"),
]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    file = tmp_path / FILE
    file.parent.mkdir(parents=True)
    file.write_bytes(b"\xef\xbb\xbf" + CONTENT.encode())
    return tmp_path


# The sign stands below the character meant: a Han or full-width character takes two columns, what is written out takes its length.
FULL = """\
clauses/m/a.yml:1:5: the id is “b” but the file is called “a” (make them equal)
    1 | id: b
      |     ^
clauses/m/a.yml:3:24: nothing is called “boddy” here (did you mean “body”?)
    3 |   zh: {title: 条款，甲乙ab, boddy: x}
      |                             ^
clauses/m/a.yml:3:15: warning: the parameter “x, y: 100%” is not used in this clause (use it or delete it)
    3 |   zh: {title: 条款，甲乙ab, boddy: x}
      |               ^
clauses/m/a.yml:4:10: x is a control character (delete it)
    4 | \\x09x: \\x1b[31mred 😀 y
      |                ^
clauses/m/a.yml:99:1: this file is empty (write a clause, a policy or a list of terms, or delete it)
clauses/no such/新.yml:2:3: this file is empty (write a clause, a policy or a list of terms, or delete it)
policies: there is no such folder (create it, or name another in the settings)"""


def test_full(root: Path) -> None:
    assert listing.full(PROBLEMS, "en", root) == FULL


def test_full_in_chinese(root: Path) -> None:
    assert listing.full(PROBLEMS[:1], "zh", root).splitlines() == [
        "clauses/m/a.yml:1:5: id 是“b”，文件名却是“a”（请改为一致）",
        "    1 | id: b",
        "      |     ^",
    ]


def test_full_follows_no_link(root: Path) -> None:
    (root / "secret").write_text("secret\n", encoding="utf-8")
    (root / "clauses/m/link.yml").symlink_to(root / "secret")
    assert "secret" not in listing.full([problem(Place("clauses/m/link.yml", 1, 1), "file-link")], "en", root)


def test_full_does_not_show_what_is_not_text(root: Path) -> None:
    (root / "clauses/m/b.yml").write_bytes("id: 条款".encode("gb18030"))
    found = problem(Place("clauses/m/b.yml", 1, 1), "file-not-utf8", byte=5, like="GB18030")
    assert listing.full([found], "en", root).splitlines() == [
        "clauses/m/b.yml:1:1: this file is not UTF-8; byte 5 looks like GB18030 (save it as UTF-8)"
    ]


def test_full_cuts_long_lines(root: Path) -> None:
    (root / "clauses/m/b.yml").write_text("x" * 500, encoding="utf-8")
    lines = listing.full([problem(Place("clauses/m/b.yml", 1, 400), "file-empty")], "en", root).splitlines()
    assert [len(line) for line in lines[1:]] == [168, 169]


@pytest.mark.parametrize(
    ("text", "columns"), [("", 0), ("ab", 2), ("条款", 4), ("（A）", 5), ("Ａ", 2), ("“”", 2), ("é", 1), ("😀", 2), ("ｶ", 1)]
)
def test_width(text: str, columns: int) -> None:
    assert listing.width(text) == columns


def test_concise(root: Path) -> None:
    assert listing.concise(PROBLEMS, "en", root).splitlines() == [line for line in FULL.splitlines() if not line.startswith("   ")]


def test_json(root: Path) -> None:
    made = json.loads(listing.as_json(PROBLEMS[1:3], "zh", root))
    assert made == {
        "version": 1,
        "problems": [
            {
                "path": FILE, "line": 3, "column": 24, "severity": "error", "code": "key-unknown-near",
                "message": "此处没有名为“boddy”的键（是否为“body”？）",
            },
            {
                "path": FILE, "line": 3, "column": 15, "severity": "warning", "code": "param-unused",
                "message": "本条款没有用到参数“x, y: 100%”（请使用或者删除）",
            },
        ],
    }  # fmt: skip


def test_github(root: Path) -> None:
    assert listing.github([*PROBLEMS[1:3], PROBLEMS[6]], "en", root).splitlines() == [
        "::error file=clauses/m/a.yml,line=3,col=24,title=key-unknown-near::nothing is called “boddy” here (did you mean “body”?)",
        "::warning file=clauses/m/a.yml,line=3,col=15,title=param-unused::"
        "the parameter “x, y: 100%25” is not used in this clause (use it or delete it)",
        "::error file=policies,line=1,col=1,title=folder-missing::there is no such folder (create it, or name another in the settings)",
    ]


def test_github_escapes_what_would_end_a_property_or_a_line(root: Path) -> None:
    found = Problem(Place("a,b:c%d.yml", 1, 1), "yaml-syntax", (("what", "x\n::error::y"),))
    assert listing.github([found], "en", root) == (
        "::error file=a%2Cb%3Ac%25d.yml,line=1,col=1,title=yaml-syntax::"
        "this is not valid YAML: x%0A::error::y (check indentation, quotes and colons)"
    )


def test_sarif(root: Path) -> None:
    made = json.loads(listing.sarif([PROBLEMS[2], PROBLEMS[5], PROBLEMS[6]], "en", root))
    empty = "this file is empty (write a clause, a policy or a list of terms, or delete it)"

    def result(code: str, level: str, text: str, uri: str, line: int, column: int) -> dict[str, object]:
        region = {"startLine": line, "startColumn": column}
        place = {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}
        return {"ruleId": code, "level": level, "message": {"text": text}, "locations": [place]}

    assert made == {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {"name": "clausebook", "rules": [{"id": "file-empty"}, {"id": "folder-missing"}, {"id": "param-unused"}]}
                },
                "results": [
                    result(
                        "param-unused",
                        "warning",
                        "the parameter “x, y: 100%” is not used in this clause (use it or delete it)",
                        FILE,
                        3,
                        15,
                    ),
                    result("file-empty", "error", empty, "clauses/no%20such/%E6%96%B0.yml", 2, 3),
                    result(
                        "folder-missing", "error", "there is no such folder (create it, or name another in the settings)", "policies", 1, 1
                    ),
                ],
            }
        ],
    }


def test_sarif_has_at_most_5000_results(root: Path) -> None:
    many = [problem(Place(FILE, n, 1), "file-empty") for n in range(1, 5002)]
    results = json.loads(listing.sarif(many, "en", root))["runs"][0]["results"]
    assert (len(results), results[-1]["locations"][0]["physicalLocation"]["region"]["startLine"]) == (5000, 5000)


@pytest.mark.parametrize(("form", "nothing"), [("full", ""), ("concise", ""), ("github", "")])
def test_nothing_wrong_prints_nothing(root: Path, form: str, nothing: str) -> None:
    assert listing.PROBLEMS[form]([], "en", root) == nothing


def test_nothing_wrong_is_valid_json(root: Path) -> None:
    assert json.loads(listing.as_json([], "en", root)) == {"version": 1, "problems": []}
    assert json.loads(listing.sarif([], "en", root))["runs"] == [{"tool": {"driver": {"name": "clausebook", "rules": []}}, "results": []}]
