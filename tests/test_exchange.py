"""Files for translators: what goes out comes back without a byte changed, and what does not fit is refused; with real tools."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
import xmlschema

from clausebook import cli, exchange
from clausebook.errors import UserError
from clausebook.exchange.xliff import NAMESPACE
from clausebook.messages import tell
from tests import small
from tests.conftest import ROOT
from tests.test_cli import Run, run  # noqa: F401  # a fixture
from tests.test_git import committed
from tests.test_translate import A, edit, ready, root, state  # noqa: F401  # fixtures

HERE = Path(__file__).parent
FORMS = ("po", "xliff")
both = pytest.mark.parametrize("form", FORMS)


def export(run: Run, root: Path, form: str, *more: str) -> Path:  # noqa: F811
    file = root / f"en.{form}"
    ran = run("translate", "export", "--locale", "en", "--format", form, "-o", str(file), *more)
    assert (ran.code, ran.err) == (0, "")
    return file


def clauses(root: Path) -> dict[str, bytes]:  # noqa: F811
    """Return every file that an import may write."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*.yml"))}


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of this repository's library."""
    copy = tmp_path_factory.mktemp("own")
    for name in ("clauses", "policies"):
        shutil.copytree(ROOT / name, copy / name)
    shutil.copy(ROOT / "mkdocs.yml", copy)
    return copy


def command(root: Path, *arguments: str) -> int:  # noqa: F811
    result = cli.main.main(["--root", str(root), "translate", *arguments], prog_name="clausebook", standalone_mode=False)
    return int(result or 0)


def own_export(own: Path, form: str) -> Path:
    file = own / f"en.{form}"
    if not file.exists():
        assert command(own, "export", "--locale", "en", "--format", form, "-o", str(file)) == 0
    return file


def count(own: Path) -> int:
    """Return how many units there are."""
    return own_export(own, "po").read_text(encoding="utf-8").count("\nmsgctxt ")


# Round trips of the repository's own library


@both
def test_a_round_trip_changes_no_byte(own: Path, form: str) -> None:
    before = clauses(own)
    assert command(own, "import", str(own_export(own, form))) == 0
    assert clauses(own) == before


def test_gettext_accepts_the_export(own: Path, msgfmt: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [msgfmt, "--check", "--statistics", "--output-file", tmp_path / "out.mo", own_export(own, "po")], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr.strip()) == (0, f"{count(own)} translated messages.")


def test_a_round_trip_through_gettext_and_the_translate_toolkit_changes_no_byte(
    own: Path, msgfmt: Path, toolkit: Path, tmp_path: Path
) -> None:
    """Both write PO anew in their own layout. (`po2xliff` is of no use: it writes XLIFF 1.2, without the names of the units.)"""
    before = clauses(own)
    shutil.copy(own_export(own, "po"), tmp_path / "en.pot")
    commands: list[list[str | Path]] = [
        [msgfmt.with_name("msgcat"), "--sort-output", "--output-file", "sorted.po", "en.pot"],
        [toolkit / "pot2po", "--progress=none", "--template", "sorted.po", "en.pot", "merged.po"],
    ]
    for words in commands:
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "merged.po").read_bytes() != own_export(own, "po").read_bytes()
    for name in ("sorted.po", "merged.po"):
        assert command(own, "import", str(tmp_path / name)) == 0
        assert clauses(own) == before


def test_the_translate_toolkit_counts_what_we_count(own: Path, toolkit: Path) -> None:
    done = subprocess.run([toolkit / "pocount", "--csv", own_export(own, "po")], capture_output=True, text=True)
    assert re.search(rf",\s*{count(own)},", done.stdout), done.stdout


TOOLKIT_XLIFF = """import sys
from translate.storage.xliff2 import Xliff2File
file = Xliff2File.parsefile(sys.argv[1])
file.savefile(sys.argv[2])
print(len(file.units), file.getsourcelanguage(), file.gettargetlanguage(), sum(unit.istranslated() for unit in file.units))
"""


def test_a_round_trip_of_xliff_through_the_translate_toolkit_changes_no_byte(own: Path, toolkit: Path, tmp_path: Path) -> None:
    python = toolkit / "python"
    known = python.exists() and subprocess.run([python, "-c", "import translate.storage.xliff2"], capture_output=True).returncode == 0
    if not known:
        pytest.skip("this Translate Toolkit reads no XLIFF 2.0 (it is older than 3.18)")
    written, before = tmp_path / "en.xliff", clauses(own)
    done = subprocess.run([python, "-c", TOOLKIT_XLIFF, own_export(own, "xliff"), written], capture_output=True, text=True)
    assert done.stdout == f"{count(own)} zh-CN en {count(own)}\n", done.stderr
    assert written.read_bytes() != own_export(own, "xliff").read_bytes()
    assert (command(own, "import", str(written)), clauses(own)) == (0, before)


# The schema of XLIFF 2.0 itself. Exports use nothing of its modules.


@pytest.fixture(scope="module")
def schema() -> xmlschema.XMLSchema10:
    return xmlschema.XMLSchema10(HERE / "schemas/xliff/xliff_core_2.0.xsd", allow="local")


SPACE = "{http://www.w3.org/XML/1998/namespace}space"


@pytest.fixture
def some_xliff(ready: Run, root: Path) -> Path:  # noqa: F811
    edit(root, "甲一", "甲二")
    (root / "clauses/m/b.yml").write_text("id: b\ntext:\n  zh: {title: 条, body: '{{ operator.name }}丙'}\n", encoding="utf-8")
    return export(ready, root, "xliff")


@pytest.mark.parametrize("which", ["own", "some_xliff"])
def test_the_schema_of_xliff_accepts_an_export(which: str, request: pytest.FixtureRequest, schema: xmlschema.XMLSchema10) -> None:
    found = request.getfixturevalue(which)
    file = own_export(found, "xliff") if which == "own" else found
    assert [str(error) for error in schema.iter_errors(file)] == []
    tree = ElementTree.parse(file).getroot()
    assert {element.tag.rpartition("}")[0] for element in tree.iter()} == {f"{{{NAMESPACE}"}  # the schema is lax with what is foreign
    assert {key for element in tree.iter() for key in element.keys() if "}" in key} == {SPACE}  # noqa: SIM118  # an element is no mapping


BROKEN = [
    (' version="2.0"', ""),
    ("<unit id=", "<unit di="),
    ('state="translated"', 'state="done"'),
    ("<segment", "<seg"),
    ("</file>", "text</file>"),
    ("<source ", '<source lang="zh" '),
    ("<file id=", "<file id='two words' old="),
]


@pytest.mark.parametrize(("old", "new"), BROKEN)
def test_the_schema_of_xliff_refuses_what_is_broken(ready: Run, root: Path, schema: xmlschema.XMLSchema10, old: str, new: str) -> None:  # noqa: F811
    text = export(ready, root, "xliff").read_text(encoding="utf-8")
    broken = text.replace(old, new, 1).replace("</segment>", "</seg>" if new == "<seg" else "</segment>", 1)
    assert broken != text
    assert list(schema.iter_errors(broken)) != []


@pytest.mark.parametrize("which", ["own", "some_xliff"])
def test_an_export_keeps_the_constraints_no_schema_can_state(which: str, request: pytest.FixtureRequest) -> None:
    found = request.getfixturevalue(which)
    tree = ElementTree.parse(own_export(found, "xliff") if which == "own" else found).getroot()
    files = [file.get("id") for file in tree]
    assert len(set(files)) == len(files)
    for file in tree:
        ids = [unit.get("id") for unit in file]
        assert len(set(ids)) == len(ids)
        for unit in file:
            data = [d.get("id") for d in unit.iter(f"{{{NAMESPACE}}}data")]
            assert len(set(data)) == len(data)
            for side in (*unit.iter(f"{{{NAMESPACE}}}source"), *unit.iter(f"{{{NAMESPACE}}}target")):
                codes = [ph.get("id") for ph in side]
                assert (len(set(codes)) == len(codes), side.get(SPACE)) == (True, "preserve")
                assert {ph.get("dataRef") for ph in side} <= set(data)
            for segment in unit.iter(f"{{{NAMESPACE}}}segment"):
                assert segment.get("subState") in (None, "clausebook:behind")


# What is behind, and what comes back


def test_what_is_behind_is_fuzzy_with_its_previous_source(ready: Run, root: Path) -> None:  # noqa: F811
    edit(root, "甲一", "甲二")
    text = export(ready, root, "po").read_text(encoding="utf-8")
    assert '#, fuzzy\n#| msgid "甲一姓名。"\nmsgctxt "a#b1"\nmsgid "甲二姓名。"\nmsgstr "A name."\n' in text, text
    assert text.count("fuzzy") == 1
    xliff = export(ready, root, "xliff").read_text(encoding="utf-8")
    assert '<note category="previous-source">甲一姓名。</note>' in xliff
    assert xliff.count('<segment state="initial" subState="clausebook:behind">') == 1


DONE = {
    "po": ('#, fuzzy\n#| msgid "甲一姓名。"\n', "", 'msgstr "A name."', 'msgstr "The second name."'),
    "xliff": ('state="initial" subState="clausebook:behind"', 'state="translated"', ">A name.<", ">The second name.<"),
}


@both
def test_a_revised_translation_comes_back(ready: Run, root: Path, form: str) -> None:  # noqa: F811
    edit(root, "    title: Clause\n", "    title: Clause   # a comment\n")
    edit(root, "甲一", "甲二")
    before = (root / A).read_text(encoding="utf-8")
    file = export(ready, root, form)
    old, new, was, now = DONE[form]
    change(file, was, now)
    ran = ready("translate", "import", str(file))  # still marked as behind: nothing of it counts
    assert (ran.code, ran.out, ran.errors) == (0, "", ["0 clauses changed"])
    assert (root / A).read_text(encoding="utf-8") == before
    change(file, old, new)
    ran = ready("translate", "import", str(file))
    assert (ran.code, ran.out) == (0, f"{A}: en: translated\n")
    after = (root / A).read_text(encoding="utf-8")
    assert "The second name." in after
    assert state(ready) == "current"
    rest = [line for line in before.splitlines() if line not in after.splitlines()]
    assert [line.split(":")[0].strip() for line in rest] == ["translates", "A name."]


@both
def test_a_translation_that_needs_no_other_words_is_cleared(ready: Run, root: Path, form: str) -> None:  # noqa: F811
    edit(root, "甲一", "甲二")
    file = export(ready, root, form)
    change(file, *DONE[form][:2])
    assert ready("translate", "import", str(file)).out == f"{A}: en: translated\n"
    assert (state(ready), "A name." in (root / A).read_text(encoding="utf-8")) == ("current", True)


@both
def test_a_missing_translation_comes_back(ready: Run, root: Path, form: str) -> None:  # noqa: F811
    text = "id: b\ntext:   # the texts\n  zh:\n    title: 条\n    body: |\n      {% if operator.beta %}\n      丙\n"
    text += "      {% endif %}\n\n      - {{ operator.name }}丁\n"
    (root / "clauses/m/b.yml").write_text(text, encoding="utf-8")
    assert state(ready, "b") == "missing"
    file = export(ready, root, form, "b")
    assert "a#" not in file.read_text(encoding="utf-8")
    if form == "po":
        change(file, 'msgid "条"\nmsgstr ""', 'msgid "条"\nmsgstr "Clause"')
        change(file, 'msgid "丙"\nmsgstr ""', 'msgid "丙"\nmsgstr "C"')
        assert ready("translate", "import", str(file)).lines == [
            "en.po:16:1: warning: clause b is not translated as a whole, so nothing of it was written (translate every unit)"
        ]
        change(file, '丁"\nmsgstr ""', '丁"\nmsgstr "D of {{ operator.name }}"')
    else:
        found = file.read_text(encoding="utf-8").replace('state="initial"', 'state="final"')
        for source, target in (("条", "Clause"), ("丙", "C"), ('<ph id="1" dataRef="d1"/>丁', 'D of <ph id="1" dataRef="d1"/>')):
            found = found.replace(f"{source}</source>\n", f"{source}</source>\n<target>{target}</target>\n")
        file.write_text(found, encoding="utf-8")
    ran = ready("translate", "import", str(file))
    assert (ran.code, ran.lines) == (0, ["clauses/m/b.yml: en: translated"])
    after = (root / "clauses/m/b.yml").read_text(encoding="utf-8")
    assert after.startswith(text)
    assert after.endswith("    body: |\n      {% if operator.beta %}\n      C\n      {% endif %}\n\n      - D of {{ operator.name }}\n")
    assert (state(ready, "b"), ready("check").out) == ("current", "")


# What does not fit


MOVED = "a#b1: the source text has changed since the export (export again, and translate the new text)"
REFUSED = [
    ('msgid "甲一姓名。"', 'msgid "甲零姓名。"', MOVED),
    ('msgctxt "a#b1"', 'msgctxt "a#b7"', "a#b7: there is no such unit (export again)"),
    ('msgctxt "a#b1"', 'msgctxt "z#b1"', "z#b1: there is no such unit (export again)"),
    ('msgstr "A name."', 'msgstr "A {{ name }}."', "a#b1: {{ name }} is not in the source (take it out)"),
    ('msgstr "A name."', 'msgstr "A <b>name</b>."', "HTML is not used in clauses (write Markdown)"),
    ('msgstr "A name."', 'msgstr "A\\u202ename."', None),
    ('msgstr "A name."', 'msgstr "A {% if x %}name."', "a#b1: {% if x %} is not in the source (take it out)"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "told"), REFUSED)
def test_a_unit_that_does_not_fit_leaves_its_clause_as_it_was(ready: Run, root: Path, old: str, new: str, told: str | None) -> None:  # noqa: F811
    file = export(ready, root, "po")
    change(file, old, new.replace("\\u202e", "\u202e"))
    if "z#b1" not in new:  # a unit of no clause touches none
        change(file, 'msgstr "B"', 'msgstr "The B"')
    change(file, 'msgstr "C"', 'msgstr "The C"')
    before = (root / A).read_bytes()
    ran = ready("translate", "import", str(file))
    assert (ran.code, ran.lines[0]) == (1, "clauses/m/b.yml: en: translated")  # the others are imported
    assert (root / A).read_bytes() == before
    assert len(ran.lines) >= 2
    if told:
        assert ran.lines[1].split(": ", 1)[1] == told


def test_a_placeholder_that_is_lost(ready: Run, root: Path) -> None:  # noqa: F811
    edit(root, "甲一", "{{ operator.name }}甲一")
    edit(root, "A name", "A name {{ operator.name }}")
    assert ready("translate", "attest", "a", "--by", "Li").code == 0
    for form, old, new in (("po", "name {{ operator.name }}.", "name."), ("xliff", 'name <ph id="1" dataRef="d1"/>.', "name.")):
        file = export(ready, root, form)
        change(file, old, new)
        ran = ready("translate", "import", str(file))
        assert (ran.code, ran.lines[0].split(": ", 1)[1]) == (1, "a#b1: {{ operator.name }} did not come back (put it where it belongs)")


XLIFF = f'<xliff xmlns="{NAMESPACE}" version="2.0" srcLang="zh" trgLang="en">'
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>\n'


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (f"<?xml version='1.0'?>\n{BOMB}{XLIFF}</xliff>", "f:2:13: a DTD is not allowed in XLIFF (take the DOCTYPE out)"),
        (f"{XLIFF}", "f:1:{n}: this is no XML: no element found (export again, and edit it with a tool made for XLIFF)"),
        ("<a/>", "f:1:1: this is no XLIFF 2.0 (export as XLIFF 2.0 from the translation tool)"),
        (
            XLIFF.replace('"2.0"', '"1.2"') + "</xliff>",
            "f:1:1: this is no XLIFF 2.0 (export as XLIFF 2.0 from the translation tool)",
        ),
        (
            XLIFF + "<a>" * 40 + "</a>" * 40 + "</xliff>",
            "f:1:{deep}: this has more than 500000 elements, or more than 32 inside each other (split it)",
        ),
        (
            f'{XLIFF}\n<file id="a"><unit id="b1"><segment><source><cp hex="1"/></source></segment></unit></file></xliff>',
            "f:2:1: “cp” cannot stand in a text here (leave the elements of the export as they are)",
        ),
        ("garbage", "f: this is no PO file: "),
    ],
)
def test_files_that_are_refused(raw: str, told: str) -> None:
    with pytest.raises(UserError) as error:
        exchange.read("f", raw.encode())
    n = len(XLIFF) + 1
    expected = told.replace("{n}", str(n)).replace("{deep}", str(n + 3 * 31))
    assert tell(error.value.problems[0]).startswith(expected)


def test_files_that_are_too_big_or_no_text() -> None:
    for raw, code in ((b" " * (exchange.MAX_BYTES + 1), "file-too-big"), ("甲".encode("gb18030"), "file-not-utf8")):
        with pytest.raises(UserError) as error:
            exchange.read("f", raw)
        assert [p.code for p in error.value.problems] == [code]


def test_a_tool_may_cut_a_unit_into_segments(ready: Run, root: Path) -> None:  # noqa: F811
    file = export(ready, root, "xliff", "b")
    text = file.read_text(encoding="utf-8")
    start, end = text.index("   <segment", text.index('id="b1"')), text.index("  </unit>", text.index('id="b1"'))
    parts = '<segment state="final"><source>丙</source><target><mrk id="m1">C</mrk></target></segment>'
    parts += '<ignorable><source/><target> </target></ignorable><segment state="final"><source/><target>D</target></segment>'
    file.write_text(text[:start] + parts + text[end:], encoding="utf-8")
    assert ready("translate", "import", str(file)).lines == ["clauses/m/b.yml: en: translated"]
    assert "      C D\n" in (root / "clauses/m/b.yml").read_text(encoding="utf-8")


def test_export_of_one_source_only(ready: Run, root: Path) -> None:  # noqa: F811
    assert ready("translate", "export", "--locale", "fr").errors == ["translate: “fr” is not a locale of this site (known: en)"]
    (root / "policies/q").mkdir()
    second = small.HEAD.replace("id: p", "id: q").replace("[zh, en]", "[en, zh]") + small.PROFILE
    second += "sections:\n  - {id: s, title: {zh: 章, en: Chapter}, clauses: [b]}\n"
    (root / "policies/q/policy.yml").write_text(second, encoding="utf-8")
    committed(root)
    assert ready("translate", "export", "--locale", "zh").code == 0
