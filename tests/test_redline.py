"""Redlines: the golden cases of a lawyer, what holds for all texts, and the time that hostile ones take."""

from __future__ import annotations

import random
import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clausebook import blocks, redline
from clausebook.blocks import Block, Run
from clausebook.redline import Line, Look
from clausebook.tokens import is_mark, split

NAMES = {
    "zh": frozenset({"云信科技有限公司", "云信网络有限公司", "最终用户", "企业用户"}),
    "en": frozenset({"Yunxin Technology", "Yunxin Network", "end user"}),
}
SPACING = {"zh": "han", "en": "latin"}


def compared(old: str, new: str, locale: str) -> tuple[Line, ...]:
    return redline.compare(blocks.parse(old, SPACING[locale]), blocks.parse(new, SPACING[locale]), locale, NAMES[locale])


GOLDEN = (Path(__file__).parent / "golden" / "redline.txt").read_text(encoding="utf-8")
CASE = re.compile(r"^(zh|en): (.+)\n  old (.*)\n  new (.*)\n  red (.*)$", re.MULTILINE)
CASES = [(locale, name, *(text.replace("\\n", "\n") for text in texts)) for locale, name, *texts in CASE.findall(GOLDEN)]


def test_every_case_of_the_file_is_read() -> None:
    assert len(CASES) == GOLDEN.count("\n  old ") >= 50


@pytest.mark.parametrize(("locale", "name", "old", "new", "expected"), CASES, ids=[f"{c[0]} {c[1]}" for c in CASES])
def test_golden(locale: str, name: str, old: str, new: str, expected: str) -> None:
    assert redline.to_text(compared(old, new, locale)) == expected
    assert redline.changed(compared(old, new, locale)) is (old != new)


# What holds for all texts.

LETTERS = "甲乙丙不可以。，、；《》36个月日 ab.!@-\n\u0301é１Ａ"
PIECES = [
    "我们",
    "三个月",
    "6 个月",
    "15 个工作日",
    "《网络安全法》",
    "不",
    "可以",
    "。",
    "；",
    "、",
    "30 days",
    "We may ",
    "not ",
    ". ",
    "a@b.cn",
    "甲方公司",
]
runs = st.builds(
    Run, st.one_of(st.text(LETTERS, min_size=1, max_size=8), st.lists(st.sampled_from(PIECES), min_size=1, max_size=12).map("".join)),
    st.booleans(), st.booleans(), st.sampled_from(["", "https://a.example/", "#one"]),
)  # fmt: skip
block = st.builds(
    Block,
    st.sampled_from(["paragraph", "bullet", "number"]),
    st.integers(0, 2),
    st.lists(runs, min_size=1, max_size=4).map(tuple),
    st.just(0),
)
texts = st.lists(block, max_size=6).map(tuple)
locales = st.sampled_from(["zh", "en", "fr"])
KNOWN = frozenset({"甲方公司", "方公"})


def edited(old: tuple[Block, ...], seed: int) -> tuple[Block, ...]:
    """Return the blocks shuffled, dropped, doubled, and with pieces of text taken over from others."""
    chance = random.Random(seed)
    out = [b for b in old for _ in range(chance.choice([0, 1, 1, 1, 2]))]
    if chance.random() < 0.5:
        chance.shuffle(out)
    return tuple(
        Block(b.kind, b.depth, b.runs[chance.choice([0, 0, 0, 1]) :] + chance.choice(old).runs[: chance.choice([0, 0, 1])]) for b in out
    )


@st.composite
def versions(draw: st.DrawFn) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
    old = draw(texts)
    new = edited(old, draw(st.integers())) if draw(st.booleans()) else draw(texts)
    return old, tuple(b for b in new if b.runs)


def side(lines: tuple[Line, ...], absent: str, number: int) -> list[tuple[str, Look]]:
    """Return the characters of one block on one side, each with its look."""
    place = "old" if absent == "ins" else "new"
    pieces = [p for line in lines if getattr(line, place) == number for p in line.pieces if p.op != absent]
    return [(c, p.was if absent == "ins" and p.was else p.look) for p in pieces for c in p.text]


def looked(one: Block) -> list[tuple[str, Look]]:
    return [(c, Look(run.strong, run.emphasis, run.href)) for run in one.runs for c in run.text]


@settings(deadline=None)
@given(versions(), locales)
def test_the_pieces_joined_give_both_texts_with_their_looks(pair: tuple[tuple[Block, ...], tuple[Block, ...]], locale: str) -> None:
    lines = redline.compare(*pair, locale, KNOWN)
    for absent, given_ in (("ins", pair[0]), ("del", pair[1])):
        assert [side(lines, absent, n) for n in range(len(given_))] == [looked(b) for b in given_]


@settings(deadline=None)
@given(texts, locales)
def test_the_same_text_has_no_change(text: tuple[Block, ...], locale: str) -> None:
    lines = redline.compare(text, text, locale)
    assert not redline.changed(lines)
    assert {p.op for line in lines for p in line.pieces} <= {"same"}


@settings(deadline=None)
@given(versions(), locales)
def test_a_change_is_never_passed_over(pair: tuple[tuple[Block, ...], tuple[Block, ...]], locale: str) -> None:
    old, new = ([(b.kind, b.depth, looked(b)) for b in blocks_] for blocks_ in pair)
    assert redline.changed(redline.compare(*pair, locale)) is (old != new)


@settings(deadline=None)
@given(versions(), locales)
def test_tokens_are_never_split(pair: tuple[tuple[Block, ...], tuple[Block, ...]], locale: str) -> None:
    lines = redline.compare(*pair, locale, KNOWN)
    for absent, place, given_ in (("ins", "old", pair[0]), ("del", "new", pair[1])):
        for n, one in enumerate(given_):
            ops = [
                p.op == "ins" or p.op == "del"
                for ln in lines
                if getattr(ln, place) == n
                for p in ln.pieces
                if p.op != absent
                for _ in p.text
            ]
            at = 0
            for token in split(one.text, locale, KNOWN):
                assert len(set(ops[at : at + len(token)])) == 1, token
                at += len(token)


@settings(deadline=None)
@given(versions(), locales)
def test_what_moved_has_two_ends(pair: tuple[tuple[Block, ...], tuple[Block, ...]], locale: str) -> None:
    lines = redline.compare(*pair, locale)
    left = sorted((p.text.strip(), line.old, p.at) for line in lines for p in line.pieces if p.op == "del" and p.at is not None)
    came = sorted((p.text.strip(), p.at, line.new) for line in lines for p in line.pieces if p.op == "ins" and p.at is not None)
    assert sum(len(text) for text, *_ in left) == sum(len(text) for text, *_ in came)


def one(text: str) -> tuple[Block, ...]:
    return (Block("paragraph", 0, (Run(text),)),)


CHANCE = random.Random(1)
HAN = "的一是不了在人有我他这中大来上"
HOSTILE = {
    "random": ("".join(CHANCE.choice(HAN) for _ in range(19_000)), "".join(CHANCE.choice(HAN) for _ in range(19_000))),
    "one letter": ("一" * 21_000, "一" * 20_999 + "二"),
    "two letters": ("ab" * 9_900, "ba" * 9_900),
    "stops": ("。" * 19_000, "。" * 18_999 + "；"),
    "short sentences": ("".join(CHANCE.choice(HAN) + "。" for _ in range(9_900)), "".join(CHANCE.choice(HAN) + "。" for _ in range(9_900))),
    "words": ("a " * 9_900, "a b " * 4_950),
    "almost an address": ("a." * 32_000, "a." * 32_000 + "@"),
    "almost a title": ("《" * 19_000, "《" * 19_000 + "》"),
    "digits": ("1." * 9_900, "1," * 9_900),
    "phones": ("+1 22 " * 3_000, "+1 23 " * 3_000),
    "spaces": (" " * 19_000 + "a", "a" + " " * 19_000),
    "the largest body": ("ab " * 21_800, "ba " * 21_800),
}


@pytest.mark.parametrize("cut", [64_000, 40, 3])
@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_text_takes_bounded_time(case: str, cut: int) -> None:
    """Processor time, so that a busy machine does not matter; the bound is 0.5 s on one that is not."""
    old, new = (tuple(b for n in range(0, len(text), cut) for b in one(text[n : n + cut])) for text in HOSTILE[case])
    redline.compare(one("a"), one("b"), "zh")
    start = time.process_time()
    lines = redline.compare(old, new, "zh")
    assert time.process_time() - start < 1.5
    assert redline.changed(lines) is (old != new)


# Lines.


def test_a_line_tells_where_its_block_stood() -> None:
    lines = compared("第一段讲范围与目的。\n\n第二段讲期限。", "第二段讲期限。\n\n第一段讲范围与目的。\n\n新的一段。", "zh")
    assert {(line.status, line.old, line.new) for line in lines} == {("moved", 1, 0), ("same", 0, 1), ("added", None, 2)}


def test_a_block_that_became_another_kind_is_changed() -> None:
    (line,) = compared("我们收集姓名。", "- 我们收集姓名。", "zh")
    assert (line.status, [p.op for p in line.pieces]) == ("changed", ["same"])


def test_a_sentence_that_moved_and_looks_different_did_not_only_move() -> None:
    lines = compared("我们收集姓名。另有一句话。再有一句话。", "另有一句话。再有一句话。**我们收集姓名。**", "zh")
    assert [p.at for line in lines for p in line.pieces if p.op == "ins"] == [None]


def test_the_middle_of_an_unpaired_text_holds_no_confetti() -> None:
    """Between two changes there is never just a mark or a single letter."""
    for locale, name, old, new, _ in CASES:
        for line in compared(old, new, locale):
            inner = [p.text for before, p, after in zip(line.pieces, line.pieces[1:], line.pieces[2:], strict=False)
                     if p.op == "same" and before.op in ("ins", "del") and after.op in ("ins", "del")]  # fmt: skip
            assert not [t for t in inner if is_mark(t)], name
