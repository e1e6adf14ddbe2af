"""The catalogues promise: the same keys in every language, the same values in every sentence, a sentence for every code, none to spare."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import opencc
import pytest

from clausebook import facts, records, yamltree
from clausebook.facts import KINDS, Facts
from clausebook.messages import catalogue
from clausebook.wording import Anchor, Choice, Day, Period, TermId

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "generator" / "clausebook"
EN, ZH = catalogue("en"), catalogue("zh")
LANGUAGES = {"en": EN, "zh": ZH}


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}/{key}")
    else:
        yield path, value


def _fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_the_languages_have_the_same_keys_in_the_same_order() -> None:
    assert [path for path, _ in _leaves(ZH)] == [path for path, _ in _leaves(EN)]


@pytest.mark.parametrize("locale", LANGUAGES)
def test_no_key_is_written_twice(locale: str) -> None:
    """The loader of the catalogues would let the second one win in silence."""
    name = f"{locale}.yml"
    read = yamltree.read(name, (PACKAGE / "catalogues" / name).read_bytes())
    assert [found for found in read.problems if found.code == "yaml-duplicate"] == []


def test_lists_have_the_same_length() -> None:
    """`numbers` may differ: only some languages write small numbers as words."""
    lengths = {
        path: [len(value) for value in (dict(_leaves(EN))[path], dict(_leaves(ZH))[path])]
        for path, value in _leaves(EN)
        if isinstance(value, list) and path != "/wording/numbers"
    }
    assert {path: pair for path, pair in lengths.items() if pair[0] != pair[1]} == {}


@pytest.mark.parametrize("key", EN["problems"])
def test_a_problem_says_the_same_values_in_every_language(key: str) -> None:
    assert _fields(ZH["problems"][key]) == _fields(EN["problems"][key])


@pytest.mark.parametrize("key", EN["page"])
def test_a_sentence_of_the_pages_says_the_same_values_in_every_language(key: str) -> None:
    """`s` is the plural ending, which only English has."""
    assert _fields(str(ZH["page"][key])) - {"s"} == _fields(str(EN["page"][key])) - {"s"}


@pytest.mark.parametrize("locale", LANGUAGES)
def test_every_problem_ends_in_what_to_do(locale: str) -> None:
    form = {"en": re.compile(r".+ \(.+\)$"), "zh": re.compile(r".+（.+）$")}[locale]
    assert {k: s for k, s in LANGUAGES[locale]["problems"].items() if not form.match(s)} == {}


def test_chinese_problems_use_full_width_punctuation() -> None:
    """Outside code words and placeholders no half-width mark stands beside a Han character."""
    beside = re.compile("[\u4e00-\u9fff][,;:?!()]|[,;:?!()][\u4e00-\u9fff]")
    bare = {key: re.sub(r"`[^`]*`|\{\{.*?\}\}", "", sentence) for key, sentence in ZH["problems"].items()}
    assert {key: sentence for key, sentence in bare.items() if beside.search(sentence)} == {}


# Which codes the source uses. An f-string such as f"{kind}-id-file" counts for every code it can make.


def _python() -> Iterator[ast.AST]:
    for file in sorted(PACKAGE.rglob("*.py")):
        yield from ast.walk(ast.parse(file.read_text(encoding="utf-8")))


def _strings() -> tuple[set[str], list[str]]:
    """Return the string constants of the source, and the f-strings as patterns."""
    constants, patterns = set(), []
    for node in _python():
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            constants.add(node.value)
        elif isinstance(node, ast.JoinedStr):
            pieces = [re.escape(str(v.value)) if isinstance(v, ast.Constant) else "[a-z-]+" for v in node.values]
            patterns.append("".join(map(str, pieces)))
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and isinstance(node.left, ast.Constant):
            patterns.append(re.escape(str(node.left.value)) + "[a-z-]+")
    return constants, patterns


CONSTANTS, PATTERNS = _strings()
LINKING = [p for p in PATTERNS if re.fullmatch(r"(\[a-z-\]\+|[a-z]|\\-)+", p) and re.search(r"\\-", p)]


def _used(key: str) -> bool:
    return key in CONSTANTS or any(re.fullmatch(pattern, key) for pattern in LINKING)


def test_every_problem_of_the_catalogue_is_used() -> None:
    assert [key for key in EN["problems"] if not _used(key)] == []


CODE_AT = {  # which argument of a call is the code
    "problem": 1, "warning": 1, "_stop": 1, "fault": 1, "Fault": 0, "Fitting": 0, "BadValue": 1, "BadMarkdown": 0, "RenderError": 0,
    "_custom": 0, "_expected": 0,
}  # fmt: skip


def _constants(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _constants(node.body)
        yield from _constants(node.orelse)


def _codes() -> Iterator[str]:
    for node in _python():
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            at = CODE_AT.get(name)
            if at is not None and len(node.args) > at:
                yield from _constants(node.args[at])
        elif isinstance(node, ast.Assign) and any(getattr(t, "id", "") == "code" for t in node.targets):
            yield from _constants(node.value)


def test_every_code_the_source_uses_has_a_sentence() -> None:
    codes = set(_codes())
    assert len(codes) > 60
    assert sorted(codes - set(EN["problems"])) == []


def _given(call: ast.Call) -> set[str] | None:
    """Return the names of the values a call gives with its code, None where they are not written out."""
    names = {keyword.arg for keyword in call.keywords}
    for node in call.args:
        if isinstance(node, ast.Dict):
            names |= {key.value for key in node.keys if isinstance(key, ast.Constant)}  # type: ignore[misc]
    return None if None in names or not names else {str(name) for name in names}


def test_every_call_gives_the_values_its_sentence_needs() -> None:
    """`policy` may be added where a clause is assembled."""
    lacking, seen = [], 0
    for node in _python():
        at = CODE_AT.get(getattr(node.func, "id", getattr(node.func, "attr", ""))) if isinstance(node, ast.Call) else None
        if isinstance(node, ast.Call) and at is not None and len(node.args) > at and (given := _given(node)) is not None:
            for code in _constants(node.args[at]):
                seen += 1
                lacking += [(code, name) for name in _fields(EN["problems"][code]) - given - {"policy"}]
    assert seen > 50
    assert lacking == []


def _named(name: str) -> set[str]:
    """Return the constants the source gives for a value of that name."""
    pairs: list[tuple[str | None, ast.expr]] = [(k.arg, k.value) for n in _python() if isinstance(n, ast.Call) for k in n.keywords]
    return {value.value for key, value in pairs if key == name and isinstance(value, ast.Constant) and isinstance(value.value, str)}


def test_every_word_a_sentence_is_given_is_in_the_catalogues() -> None:
    """`want` says what a filter needs, `got` what was found there, `kind` the type of a value that is not text."""
    types = {kind.__name__ for kind in (TermId, Choice, Period, Day, Anchor, list, dict, bool, type(None))}
    needed = _named("want") | {records.kind_of(None), records.kind_of({}), records.kind_of([])} | types | {"another encoding"}
    assert set(EN["words"]) == needed


# Sentences of the pages: said by templates and by the source.


def _said() -> set[str]:
    found = set()
    for file in [*(ROOT / "templates").rglob("*.html"), *PACKAGE.rglob("*.py")]:
        found |= set(re.findall(r"""say\(['"]([a-z-]+)['"][,)]""", file.read_text(encoding="utf-8")))
    return found


def test_every_sentence_the_pages_say_exists() -> None:
    said = _said()
    assert len(said) > 30
    assert sorted(said - set(EN["page"])) == []


def test_every_sentence_of_the_pages_is_said() -> None:
    said = _said()
    assert [key for key in EN["page"] if key not in said and not _used(key)] == []


# Choices of the fact model.


def _literals(annotation: Any) -> tuple[str, ...]:
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    return next((found for found in map(_literals, get_args(annotation)) if found), ())


def _choices() -> list[tuple[str, str]]:
    """Return (field, value) for every choice of a kind of fact whose field has words in the catalogue."""
    found = set()
    for kind in KINDS:
        for model in records.inner_models(Facts.model_fields[kind].annotation):
            for name, field in model.model_fields.items():
                found |= {(name, value) for value in _literals(field.annotation)}
    return sorted(found)


def _shown() -> set[str]:
    """Return the fields whose choices the templates show: view.choice('necessity', ...)."""
    pages = "".join(f.read_text(encoding="utf-8") for f in (ROOT / "templates").rglob("*.html"))
    return set(re.findall(r"choice\('([a-z_]+)'", pages))


@pytest.mark.parametrize("locale", LANGUAGES)
def test_every_choice_a_page_can_show_has_words(locale: str) -> None:
    words = LANGUAGES[locale]["choices"]
    needed = {(field, value) for field, value in _choices() if field in words or field in _shown()}
    assert _shown() <= set(words)
    assert {(field, value) for field in words for value in words[field]} == needed


def test_choices_are_told_apart_by_their_words() -> None:
    for language in LANGUAGES.values():
        for field, words in language["choices"].items():
            assert len(set(words.values())) == len(words), field


def test_every_unit_a_duration_may_have_has_words() -> None:
    units = set(facts.DURATION.groupindex) - {"kind"} | {"working-days", "calendar-days"}
    for language in LANGUAGES.values():
        assert set(language["wording"]["durations"]) == units


@pytest.mark.parametrize("path", [path for path, _ in _leaves(catalogue("zh-Hant")) if path.startswith(("/wording", "/numbering"))])
def test_traditional_chinese_writes_numbers_and_durations_in_its_own_script(path: str) -> None:
    turn = opencc.OpenCC("s2t").convert
    theirs, ours = dict(_leaves(ZH))[path], dict(_leaves(catalogue("zh-Hant")))[path]
    assert ours == (
        [turn(v) if isinstance(v, str) else v for v in theirs]
        if isinstance(theirs, list)
        else turn(theirs)
        if isinstance(theirs, str)
        else theirs
    )
