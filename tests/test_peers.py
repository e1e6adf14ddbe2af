"""The benchmark against other tools: the same pages for a seed, faithful Markdown, right arithmetic, a drawing of the history."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.peers import chart, corpus, markdown, measure, results, tools
from benchmarks.peers.corpus import Corpus, Page, Size
from benchmarks.peers.results import Row
from tests.conftest import ROOT

TITLES = {"clausebook": "Clausebook", "hugo": "Hugo", "material": "Material"}
MIB = 2**20
ROWS = [
    Row("clausebook", 100, 100, "cold", 3.0, 2.0, 50 * MIB, 6 * MIB),
    Row("hugo", 100, 125, "cold", 1.5, 0.5, 100 * MIB, 3 * MIB),
    Row("clausebook", 100, 100, "warm", 0.6, 0.3),
    Row("hugo", 100, 125, "warm", 9.0, 9.0),
    Row("clausebook", 100, 100, "saved", 2.0),
    Row("hugo", 100, 125, "saved", 0.5),
    Row("material", 250, 250, "cold", 7.0, 7.0),
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    folder = tmp_path_factory.mktemp("corpus") / "made"
    corpus.write(folder, Size(1, 1), seed=3)
    return Corpus(folder)


def files(folder: Path) -> dict[str, bytes]:
    """Return the content of every file by its path."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_seed_gives_the_same_pages(made: Corpus, tmp_path: Path) -> None:
    corpus.write(tmp_path / "again", Size(1, 1), seed=3)
    assert files(made.folder) == files(tmp_path / "again")


def test_a_corpus_has_an_archive_and_a_policy_without_releases(made: Corpus) -> None:
    addresses = [page.address for page in made.pages()]
    assert len(addresses) == len(set(addresses)) == made.count() > 50
    assert {"", "zh/policy-0001/", "en/policy-0001/1.0.0/bilingual/", tools.PAGE, f"en/{corpus.UPCOMING}/"} <= set(addresses)


def test_the_key_follows_what_a_corpus_is_made_of(monkeypatch: pytest.MonkeyPatch) -> None:
    size = Size(1, 2)
    key = corpus.key(size, 1)
    assert key == corpus.key(Size(1, 2), 1)
    assert len({key, corpus.key(size, 2), corpus.key(Size(2, 2), 1), corpus.key(Size(1, 3), 1)}) == 4
    monkeypatch.setattr(corpus, "MADE_OF", corpus.MADE_OF[1:])
    assert corpus.key(size, 1) != key


@pytest.mark.parametrize("tool", tools.TOOLS.values(), ids=tools.TOOLS)
def test_every_tool_gets_every_page_and_an_edit_reaches_it(tool: tools.Tool, made: Corpus, tmp_path: Path) -> None:
    tool.lay(made, tmp_path / "project")
    if tool.lay is not tools.TOOLS["clausebook"].lay:
        assert len(list(tmp_path.rglob("*index.md"))) == made.count()
    file = tool.clause(tmp_path / "project")
    before = file.read_text(encoding="utf-8")
    after = tool.insert(before, "some-words")
    assert after.replace("some-words", "", 1) == before != after
    assert (tmp_path / "project" / tool.template).read_text(encoding="utf-8").count(tool.after) >= 1


def test_includes_joined_are_the_page(made: Corpus, tmp_path: Path) -> None:
    tools.TOOLS["i18n"].lay(made, tmp_path / "project")
    page = next(page for page in made.pages() if page.address == tools.PAGE)
    text = (tmp_path / "project" / "docs" / tools.PAGE / "index.md").read_text(encoding="utf-8")
    for file in (tmp_path / "project" / "includes" / "zh").iterdir():
        text = text.replace(f'{{% include "zh/{file.name}" %}}', file.read_text(encoding="utf-8"))
    assert text.split("---\n\n", 1)[1] == f"{page.text}\n"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<h2 id="a">A<a class="headerlink" href="#a">¶</a></h2><p>b</p>', ["## A { #a }\n\nb"]),
        ('<p>x</p><section id="s"><h2>A</h2><p>b</p></section><h3 id="t">C</h3>', ["x", "## A { #s }\n\nb", "### C { #t }"]),
        ('<h2 id="a" class="cb-both"><span>引言</span><span>B</span></h2>', ["## 引言 · B { #a }"]),
        ("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", ["- a\n    - b\n- c"]),
        ("<ol><li>a</li></ol>", ["1. a"]),
        ('<ol class="cb-list"><li><span>（一）</span> a</li></ol>', ["- （一） a"]),
        ('<dl><div><dt>k</dt><dd><a href="x/">v</a></dd></div></dl>', ["- **k:** [v](x/)"]),
        (
            "<table><caption>t</caption><thead><tr><th>a</th><th>b</th></tr></thead>"
            "<tbody><tr><th>1 | 2</th><td><ul><li>x</li><li>y</li></ul></td></tr></tbody></table>",
            ["*t*\n\n| a | b |\n| --- | --- |\n| 1 \\| 2 | x<br>y |"],
        ),
        ("<p>in <ins>new</ins><del>old</del> <strong>w</strong></p>", ["in <ins>new</ins><del>old</del> <strong>w</strong>"]),
        ("<p><strong>“a”</strong></p>", ["**“a”**"]),
        ("<p>1. a *b* [c] &lt;d&gt;</p>", ["1\\. a \\*b\\* \\[c\\] \\<d\\>"]),
        ("<p># a</p>", ["\\# a"]),
        ('<ol class="cb-list"><li><span>1.</span> a</li><li><span>（二）</span> b</li></ol>', ["- 1\\. a\n- （二） b"]),
        (
            '<div class="cb-row">\n<div class="cb-cell" lang="en">a &amp; b</div>\n</div>',
            ['<div class="cb-row"><div class="cb-cell" lang="en">a &amp; b</div></div>'],
        ),
    ],
)
def test_pages_become_markdown(html: str, expected: list[str]) -> None:
    assert markdown.chunks(html) == expected


def test_unbalanced_html_is_refused() -> None:
    with pytest.raises(ValueError, match="</p> ends <b>"):
        markdown.chunks("<p><b>a</p>")


@pytest.mark.parametrize(
    ("row", "figure", "expected"),
    [
        (0, "seconds", 2.5),  # 3.0 / 1.5, for 100 pages where Hugo makes 125
        (0, "cpu", 5.0),
        (1, "cpu", 1.0),
        (2, "seconds", 0.5),  # held against the cold build, not Hugo's own second one
        (4, "seconds", 4.0),  # the page that is waited for is one page
        (4, "cpu", None),
        (6, "cpu", None),  # no Hugo of that size
    ],
)
def test_ratios(row: int, figure: str, expected: float | None) -> None:
    found = results.ratio(ROWS[row], ROWS, figure)
    assert found == (expected if expected is None else pytest.approx(expected))


def test_medians_are_of_each_figure() -> None:
    rows = [Row("hugo", 100, 97, "cold", s, c, m) for s, c, m in ((1.0, 5.0, 30.0), (3.0, 4.0, 10.0), (2.0, 6.0, 20.0))]
    assert results.median(rows) == Row("hugo", 100, 97, "cold", 2.0, 5.0, 20.0, None)


def test_the_table() -> None:
    lines = results.table(ROWS, TITLES).splitlines()
    assert lines[2] == "| 100 | cold | Clausebook | 3.00 | 2.00 | 20.0 | 50 | 6.0 | 2.50 | 5.00 |"
    assert lines[4] == "| 100 | nothing changed | Clausebook | 0.60 | 0.30 | 3.0 |  |  | 0.50 | 0.75 |"
    assert lines[-1] == "| 250 | cold | Material | 7.00 | 7.00 | 28.0 |  |  |  |  |"
    assert len(lines) == 2 + len(ROWS)


MACHINE = {"date": "2026-11-27T20:00+00:00", "commit": "abc", "cores": 2, "load": 1.5}


def test_the_history_is_read_back_as_written(tmp_path: Path) -> None:
    file = tmp_path / "history.jsonl"
    assert results.history(file) == []
    file.write_text(results.line(MACHINE, ROWS) + results.line(MACHINE, ROWS[:2]), encoding="utf-8")
    assert [(run["commit"], rows) for run, rows in results.history(file)] == [("abc", ROWS), ("abc", ROWS[:2])]


def texts(drawing: str) -> Iterator[str]:
    return (found.text or "" for found in ET.fromstring(drawing).iter("{http://www.w3.org/2000/svg}text"))


def test_the_drawing_shows_the_last_run_and_the_runs_before() -> None:
    slower = [*ROWS[1:], Row("clausebook", 100, 100, "cold", 3.0, 4.0)]
    drawing = chart.drawn([(MACHINE, slower), (MACHINE, ROWS)], TITLES)
    assert {"100 pages · Clausebook", "5.00", "1.00", "The same over the runs, 100 pages"} <= set(texts(drawing))
    assert "10.00" not in set(texts(drawing))
    lines = ET.fromstring(drawing).findall("{http://www.w3.org/2000/svg}polyline")
    assert [len(line.attrib["points"].split()) for line in lines] == [2, 2]


def test_nothing_measured_is_drawn_as_nothing() -> None:
    assert "No runs yet" in set(texts(chart.drawn([], TITLES)))


MEASURES = """
import json, os, sys
from dataclasses import asdict
from pathlib import Path
from benchmarks.peers import measure
print(json.dumps(asdict(measure.run(sys.argv[2:], Path(sys.argv[1]), os.environ, 60))))
"""


def _taken(command: list[str], folder: Path) -> measure.Taken:
    """Measure from a small process: until a program begins, what its parent holds counts as its own."""
    command = [sys.executable, "-c", MEASURES, str(folder), *command]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    return measure.Taken(**json.loads(done.stdout))


def test_a_program_is_measured_with_its_children(tmp_path: Path) -> None:
    work = "x = bytearray(60_000_000); sum(range(3_000_000)); import time; time.sleep(0.2)"
    two = f"import subprocess, sys; a = subprocess.Popen([sys.executable, '-c', {work!r}]); {work}; a.wait()"
    program = f"{two}; open('written', 'wb').write(bytes(70_000))"
    taken = _taken([sys.executable, "-c", program], tmp_path)
    assert taken.cpu > 0.05
    assert taken.seconds > 0.2
    assert taken.memory > 60_000_000
    if measure.PROC:
        assert 110_000_000 < taken.memory < 300_000_000
        assert taken.written is not None
        assert 70_000 <= taken.written < 200_000


@pytest.mark.parametrize(
    ("program", "limit", "said"), [("raise SystemExit('no such thing')", 60, "no such thing"), ("input", 0.0, "too long")]
)
def test_a_program_that_fails_is_an_error(program: str, limit: float, said: str, tmp_path: Path) -> None:
    with pytest.raises(measure.Failed, match=said):
        measure.run([sys.executable, "-c", program], tmp_path, os.environ, limit)


def test_pages_are_the_text_of_their_chunks() -> None:
    assert Page("zh/a/", "zh", "t", "d", True, ["# t", "## u\n\nv"]).text == "# t\n\n## u\n\nv"
