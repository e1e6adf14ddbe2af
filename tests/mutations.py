"""Faults put into one language of a real clause: what the comparison of languages must find.

Each kind lists every place of the library's rendered text where it can be made; a seed picks among them. A date, a sum of
money, a period in working days, an age and an article, of which the library has few or none, are first planted in both
languages, as a sentence at the end of a paragraph, and then changed in one.

Left out, because nothing in the texts tells a fault from a choice of words: a synonym for a term that no fact names, two
items that change places, a negation in a sentence that already holds one, a bold passage made shorter.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from clausebook import evidence
from clausebook.blocks import Block, Run
from clausebook.document import Document, Entry, Part
from clausebook.model import Library

SEED = 20260311
EACH = 24  # of a kind, where there are as many places
Edit = tuple[str, tuple[Block, ...]]  # what was done, and the blocks after it
Make = Callable[["Text"], Iterator[Edit]]


@dataclass(frozen=True)
class Mutation:
    """A document of one clause with one fault in one language."""

    kind: str
    what: str
    entry: Entry
    locale: str
    document: Document
    library: Library

    def __str__(self) -> str:
        return f"{self.kind}: {self.document.policy.id} {self.entry.anchor} {self.locale} {self.what}"


@dataclass(frozen=True)
class Text:
    """One language of a clause, as a place to make faults in."""

    document: Document
    entry: Entry
    locale: str

    @property
    def han(self) -> bool:
        return self.locale == "zh"

    @property
    def blocks(self) -> tuple[Block, ...]:
        return self.entry.blocks[self.locale]

    @property
    def other(self) -> tuple[Block, ...]:
        return self.entry.blocks["en" if self.han else "zh"]

    def runs(self) -> Iterator[tuple[int, int, Run]]:
        for n, block in enumerate(self.blocks):
            yield from ((n, m, run) for m, run in enumerate(block.runs) if not run.href.startswith("#"))

    def swaps(self, pattern: str, new: Callable[[re.Match[str]], str]) -> Iterator[Edit]:
        """Yield an edit for each match of a pattern, made into something else."""
        for n, m, run in self.runs():
            for match in re.finditer(pattern, run.text):
                made = new(match)
                if made != match.group():
                    yield f"{match.group()} -> {made}", self.with_run(n, m, run.text[: match.start()] + made + run.text[match.end() :])

    def with_run(self, block: int, run: int, text: str, **more: object) -> tuple[Block, ...]:
        runs = list(self.blocks[block].runs)
        runs[run] = replace(runs[run], text=text, **more)  # type: ignore[arg-type]
        return self.with_block(block, tuple(r for r in runs if r.text))

    def with_block(self, n: int, runs: tuple[Run, ...]) -> tuple[Block, ...]:
        return (*self.blocks[:n], replace(self.blocks[n], runs=runs), *self.blocks[n + 1 :])


def _always(new: str) -> Callable[[re.Match[str]], str]:
    return lambda _match: new


def _other_digit(match: re.Match[str]) -> str:
    return match.group()[:-1] + str((int(match.group()[-1]) + 3) % 10)


_FIGURE = r"(?<![\w@./-])\d+(?![\w@/-]|\.\d)"
_WORDS = {"two": "six", "three": "two", "four": "five", "five": "four", "six": "seven", "eight": "nine", "nine": "eight"}
_HAN = {"两": "三", "二": "三", "三": "四", "四": "三"}
_UNITS = {
    "zh": {"个工作日": "日", "个自然日": "个工作日", "小时": "分钟", "个月": "年"},
    "en": {"working days": "days", "calendar days": "working days", "hours": "days", "months": "years"},
}
_BOUNDS = {
    "zh": {"周岁以下": "周岁以上", "不满": "满", "至少": "最多", "最迟不超过": "至少", "日内": "日以上", "小时内": "小时以上"},
    "en": {
        r"(?<=\d )or under": "or over",
        "under the age": "over the age",
        r"at least(?= \w+ (?:day|month))": "at most",
        r"within(?= \d)": "at least",
    },
}
_LAWS = {
    "zh": {"个人信息保护法": "网络安全法", "网络安全法": "个人信息保护法"},
    "en": {"Personal Information Protection Law": "Cybersecurity Law", "Cybersecurity Law": "Personal Information Protection Law"},
}
_PHONE, _EMAIL, _URL = r"\d{3,4}-[\d-]{7,8}", r"[\w.]+@[\w.]+\w", r"(?:https?://|www\.)[\w./-]+\w"
_MODALS = {
    "zh": {"应当": "不得", "(?<!不)可以": "不可以", "不得": "可以", "不会": "会", "不能": "能", "我们会": "我们不会"},
    "en": {
        r"\bmust\b(?! not)": "must not", r"\bcan\b": "cannot", r"\bmust not\b": "can", r"\bdo not\b": "do", r"\bcannot\b": "can",
        r"\bwill\b(?! not)": "will not",
    },
}  # fmt: skip
_DENIES = re.compile(
    "[不未无没勿非否免禁难拒除停只仅再]|方可"
    r"|\b(?:not|no|none|never|nobody|nor|neither|cannot|without|unless|except|only|other|hard|free|un\w+|ir\w+|dis\w+|stop|cease|fail\w*|prevent\w*)\b",
    re.IGNORECASE,
)


def _swapped(table: dict[str, dict[str, str]]) -> Make:
    def make(text: Text) -> Iterator[Edit]:
        for old, new in table[text.locale].items():
            yield from text.swaps(old, _always(new))

    return make


def _digit_changed(text: Text) -> Iterator[Edit]:
    yield from text.swaps(_FIGURE, _other_digit)


def _digit_dropped(text: Text) -> Iterator[Edit]:
    yield from text.swaps(_FIGURE, lambda match: match.group()[1:])


def _word_changed(text: Text) -> Iterator[Edit]:
    if text.han:
        yield from text.swaps("[两二三四](?=[个项类种])", lambda match: _HAN[match.group()])
    else:
        yield from text.swaps(rf"\b(?:{'|'.join(_WORDS)})\b(?!-)", lambda match: _WORDS[match.group()])


def _item_dropped(text: Text) -> Iterator[Edit]:
    for n, block in enumerate(text.blocks):
        if block.depth:
            yield f"item {n}", (*text.blocks[:n], *text.blocks[n + 1 :])


def _paragraph_dropped(text: Text) -> Iterator[Edit]:
    for n, block in enumerate(text.blocks):
        if not block.depth and len(text.blocks) > 1:
            yield f"paragraph {n}", (*text.blocks[:n], *text.blocks[n + 1 :])


def _bold_dropped(text: Text) -> Iterator[Edit]:
    for n, block in enumerate(text.blocks):
        if any(run.strong for run in block.runs):
            yield f"bold of {n}", text.with_block(n, tuple(replace(run, strong=False) for run in block.runs))


def _reference_dropped(text: Text) -> Iterator[Edit]:
    for n, block in enumerate(text.blocks):
        for m, run in enumerate(block.runs):
            if run.href.startswith("#"):
                yield f"link of {run.text}", text.with_run(n, m, run.text, href="")


def _reference_changed(text: Text) -> Iterator[Edit]:
    for n, block in enumerate(text.blocks):
        for m, run in enumerate(block.runs):
            if run.href.startswith("#"):
                yield f"target of {run.text}", text.with_run(n, m, run.text, href="#policy-title")


def _sentence_dropped(text: Text) -> Iterator[Edit]:
    """Drop one of several sentences, where it states a number in digits."""
    for n, m, run in text.runs():
        found = list(evidence.sentences(run.text, text.locale))
        for start, sentence in found if len(found) > 1 else ():
            if re.search(_FIGURE, sentence):
                yield sentence, text.with_run(n, m, run.text[:start] + run.text[start + len(sentence) :])


def _untranslated(text: Text) -> Iterator[Edit]:
    """Leave a whole block as it is in the other language."""
    pairs = zip(text.blocks, text.other, strict=True) if len(text.blocks) == len(text.other) else ()
    for n, (block, other) in enumerate(pairs):
        foreign = re.search("[一-龥]", other.text) if not text.han else re.search(r"\b[a-z]{2,}\b", other.text)
        if foreign and not any(run.href for run in block.runs):
            yield other.text, text.with_block(n, tuple(replace(run, strong=block.runs[0].strong) for run in other.runs))


def _term_untranslated(text: Text) -> Iterator[Edit]:
    """Leave the name of a term in Chinese; the reverse is common in Chinese texts (App, IP)."""
    for names in () if text.han else text.document.terms.values():
        yield from text.swaps(re.escape(names["en"]), _always(names["zh"]))


def _modal_negated(text: Text) -> Iterator[Edit]:
    """Turn a modal word round, in sentences that hold no other word of denial in either language."""
    if len(text.blocks) != len(text.other):
        return
    for n, (block, other) in enumerate(zip(text.blocks, text.other, strict=True)):
        if len(block.runs) != 1:
            continue
        ours = list(evidence.sentences(block.text, text.locale))
        theirs = list(evidence.sentences(other.text, "en" if text.han else "zh"))
        for (start, said), (_, told) in zip(ours, theirs, strict=True) if len(ours) == len(theirs) else ():
            for old, new in _MODALS[text.locale].items():
                for match in re.finditer(old, said):
                    rest = said[: match.start()] + said[match.end() :]
                    denied = bool(_DENIES.search(match.group()))
                    if not _DENIES.search(rest) and bool(_DENIES.search(told)) == denied:
                        at = start + match.start()
                        made = block.text[:at] + new + block.text[start + match.end() :]
                        yield f"{match.group()} -> {new}: {said[:60]}", text.with_run(n, 0, made)


def _name_changed(text: Text) -> Iterator[Edit]:
    profile = text.document.policy.profile
    names = [value for group in ("operator", "product") for value in profile[group].values() if isinstance(value, dict)]
    for name in names:
        new = "某某公司" if text.han else "Some Company"
        for what, blocks in text.swaps(re.escape(name[text.locale]), _always(new)):
            if all(new not in block.text or name[text.locale] not in block.text for block in blocks):
                yield what, blocks


def _term_dropped(text: Text) -> Iterator[Edit]:
    """Replace a data term of a fact, where none of its words stands anywhere else in the clause."""
    kept = text.entry.text(text.locale) + text.entry.titles[text.locale]
    for _, fact in text.entry.facts:
        for term in getattr(fact, "data", None) or ():
            names = text.document.terms[str(term)]
            name, other = names[text.locale], names["en" if text.han else "zh"]
            words = re.findall(r"[一-龥]|[A-Za-z]{2,}" if text.han else r"[A-Za-z]{3,}", name)
            once = all(kept.lower().count(word.lower()[:4]) == 1 for word in words)
            if words and once and other.lower() in text.entry.text("en" if text.han else "zh").lower():
                yield from text.swaps(re.escape(name), _always("某些" if text.han else "some"))


def _punctuation(text: Text) -> Iterator[Edit]:
    if text.han:
        yield from text.swaps("(?<=[一-龥])[，；：](?=[一-龥])", lambda match: {"，": ",", "；": ";", "：": ":"}[match.group()])
    else:
        yield from text.swaps(r"(?<=[a-z])[,;.](?=\s|$)", lambda match: {",": "，", ";": "；", ".": "。"}[match.group()])


@dataclass(frozen=True)
class Plant:
    """A sentence in both languages, and what is changed in one of them."""

    zh: str
    en: str
    zh_change: tuple[str, str]
    en_change: tuple[str, str]

    def said(self, locale: str, *, changed: bool) -> str:
        sentence, change = (self.zh, self.zh_change) if locale == "zh" else (self.en, self.en_change)
        return sentence.replace(*change, 1) if changed else sentence


PLANTS = {
    "date": Plant("自 2026 年 3 月 1 日起施行。", " In force from 1 March 2026.", ("3 月", "4 月"), ("March", "May")),
    "date in words": Plant("自二〇二六年三月一日起施行。", " In force from March 1, 2026.", ("三月", "五月"), ("1,", "11,")),
    "sum of money": Plant("费用为人民币 5 万元。", " The fee is CNY 50,000.", ("万元", "千元"), ("50,000", "5,000")),
    "currency": Plant("费用为 300 元。", " The fee is 300 yuan.", ("元", "美元"), ("yuan", "euros")),
    "working days": Plant("十五个工作日内答复。", " We answer within 15 working days.", ("个工作日", "日"), ("working ", "")),
    "hours in words": Plant("我们在七十二小时内告知。", " We tell you within 72 hours.", ("七十二", "七十"), ("72", "27")),
    "age": Plant(
        "不满十四周岁的未成年人除外。", " Minors under the age of 14 are excepted.",
        ("不满十四周岁", "十四周岁以下"), ("under the age of 14", "aged 14 or under"),
    ),
    "article": Plant("依照《民法典》第一千零三十四条。", " See Article 1034 of the Civil Code.", ("三十四", "三十五"), ("1034", "1043")),
    "percentage": Plant("比例为 12.5%。", " The share is 12.5%.", ("12.5", "125"), ("%", "")),
}  # fmt: skip

KINDS: dict[str, Make] = {
    "digit changed": _digit_changed,
    "digit dropped": _digit_dropped,
    "number in words changed": _word_changed,
    "unit swapped": _swapped(_UNITS),
    "bound swapped": _swapped(_BOUNDS),
    "list item dropped": _item_dropped,
    "paragraph dropped": _paragraph_dropped,
    "bold dropped": _bold_dropped,
    "reference dropped": _reference_dropped,
    "reference changed": _reference_changed,
    "sentence with a number dropped": _sentence_dropped,
    "law replaced": _swapped(_LAWS),
    "name replaced": _name_changed,
    "term dropped": _term_dropped,
    "e-mail changed": lambda text: text.swaps(_EMAIL, lambda match: "x" + match.group()),
    "web address changed": lambda text: text.swaps(_URL, lambda match: match.group() + "x"),
    "telephone changed": lambda text: text.swaps(_PHONE, _other_digit),
    "block left untranslated": _untranslated,
    "term left untranslated": _term_untranslated,
    "modal word negated": _modal_negated,
    "punctuation of the other language": _punctuation,
}


def report(
    documents: Mapping[str, Document], library: Library, found: Callable[[Mutation], bool]
) -> list[tuple[str, int, int, list[Mutation]]]:
    """Return each kind with how many faults were found and seeded, and those that were not found."""
    rows = []
    every = made(documents, library)
    for kind in dict.fromkeys(mutation.kind for mutation in every):
        seeded = [mutation for mutation in every if mutation.kind == kind]
        missed = [mutation for mutation in seeded if not found(mutation)]
        rows.append((kind, len(seeded) - len(missed), len(seeded), missed))
    return rows


def table(rows: list[tuple[str, int, int, list[Mutation]]]) -> str:
    """Return the report as text."""
    total: tuple[str, int, int, list[Mutation]] = ("all", sum(row[1] for row in rows), sum(row[2] for row in rows), [])
    return "\n".join(f"{kind:<40} {found:>4} / {seeded}" for kind, found, seeded, _ in [*rows, total])


def made(documents: Mapping[str, Document], library: Library, seed: int = SEED) -> list[Mutation]:
    """Return the mutations of a seed: up to EACH of every kind, spread over the library."""
    chance = random.Random(seed)
    texts = [Text(d, e, loc) for d in documents.values() for e in d.entries() for loc in d.policy.locales]
    found: list[Mutation] = []
    for kind, make in KINDS.items():
        sites = [(text, edit) for text in texts for edit in make(text)]
        for text, edit in chance.sample(sites, min(EACH, len(sites))):
            found.append(_mutation(kind, text, text.entry, edit, library))
    for kind, plant in PLANTS.items():
        for text in chance.sample([t for t in texts if _plantable(t)], 8):
            found.append(_planted(kind, plant, text, library))
    found += [_unfilled(text, chance, library) for text in chance.sample([t for t in texts if _tags(t, library)], EACH)]
    return found


def alone(document: Document, entry: Entry) -> Document:
    """Return a document of one clause."""
    return replace(document, parts=(Part("p", 1, None, {}, (entry,), ()),))


def _mutation(kind: str, text: Text, entry: Entry, edit: Edit, library: Library) -> Mutation:
    what, blocks = edit
    changed = replace(entry, blocks={**entry.blocks, text.locale: blocks})
    return Mutation(kind, what, changed, text.locale, alone(text.document, changed), library)


def _plantable(text: Text) -> bool:
    last = [text.entry.blocks[locale][-1] for locale in ("zh", "en")]
    return all(block.depth == 0 and len(block.runs) == 1 and block.text.endswith(("。", ".")) for block in last)


def _planted(kind: str, plant: Plant, text: Text, library: Library) -> Mutation:
    blocks = {}
    for locale, found in text.entry.blocks.items():
        last = found[-1]
        said = last.text + plant.said(locale, changed=locale == text.locale)
        blocks[locale] = (*found[:-1], replace(last, runs=(replace(last.runs[0], text=said),)))
    entry = replace(text.entry, blocks=blocks)
    what = " -> ".join(plant.zh_change if text.han else plant.en_change)
    return Mutation(f"planted {kind} changed", what, entry, text.locale, alone(text.document, entry), library)


def _tags(text: Text, library: Library) -> list[str]:
    body = library.clauses[text.entry.clause].value.text[text.locale].body
    return [tag for tag in re.findall(r"\{\{.*?\}\}", body) if body.count(tag.strip("{} ").split(" ")[0]) == 1]


def _unfilled(text: Text, chance: random.Random, library: Library) -> Mutation:
    """Write out a value the other language still inserts."""
    loaded = library.clauses[text.entry.clause]
    tag = chance.choice(_tags(text, library))
    written = loaded.value.text[text.locale]
    changed = written.model_copy(update={"body": written.body.replace(tag, "X", 1)})
    clause = loaded.value.model_copy(update={"text": {**loaded.value.text, text.locale: changed}})
    other = replace(library, clauses={**library.clauses, text.entry.clause: replace(loaded, value=clause)})
    return Mutation("value written out", tag, text.entry, text.locale, alone(text.document, text.entry), other)
