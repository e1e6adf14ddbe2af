"""A review as one comment in Markdown. What comes from the edit can neither act as markup nor mention anybody, and it stays short.

A host cuts a comment at 65,536 characters, so the least needed parts are left out before that, and the comment says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape

from clausebook.errors import visible
from clausebook.redline import Line, Piece
from clausebook.reports.links import Links
from clausebook.reports.words import Words, shortened
from clausebook.reviewed import Report, Row, Text

BEGINNING = "<!-- clausebook-review"  # by which a comment is found again
MARKER, QUIET = f"{BEGINNING} -->", f"{BEGINNING}: nothing -->"  # without anything to say no comment is needed
LIMIT = 60_000
MOST = 200  # rows of one part
DROPPED = ("pages", "reach", "rest", "texts", "lists", "findings", "translation", "approvals", "preview")  # in this order
_MARKUP = frozenset("\\`*_{}[]()#+-.!|~<>:=$^/")


@dataclass(frozen=True)
class Part:
    """A part of the comment. One without a name is never left out."""

    name: str
    text: str


def plain(words: str) -> str:
    """Return words that Markdown shows as they are, on one line: no markup, no link, no mention of people or issues, no HTML."""
    line = visible(words).replace("\n", " ")
    escaped = "".join(f"\\{c}" if c in _MARKUP else c for c in line.replace("&", "&amp;"))
    return re.sub(r"[@#]|(?<=GH)(?=\\-)", r"\g<0><!-- -->", escaped)  # the host looks for names and numbers after Markdown


def markdown(found: Report, locale: str, links: Links) -> str:
    """Return a review as a comment."""
    comment = _Comment(Words(found, locale), links)
    return visible(comment.whole())


class _Comment:
    def __init__(self, words: Words, links: Links) -> None:
        self.words, self.links, self.found = words, links, words.report

    def whole(self) -> str:
        parts = [part for part in self.parts() if part.text or not part.name]
        dropped: list[str] = []
        for name in DROPPED:
            if sum(len(part.text) + 1 for part in parts) <= LIMIT:
                break
            if any(part.name == name for part in parts):
                parts = [part for part in parts if part.name != name]
                dropped.append(self.words.say(f"review-part-{name}"))
        text = "\n".join(part.text for part in parts)
        if len(text) > LIMIT:
            text = text[:LIMIT].rsplit("\n", 1)[0]
            dropped.append(self.words.say("review-part-end"))
        if dropped:
            text += f"\n\n**{plain(self.words.say('review-cut', parts=', '.join(dropped)))}**"
        return f"{text}\n"

    def parts(self) -> Iterator[Part]:
        words, found = self.words, self.found
        yield Part("", f"{QUIET if found.quiet else MARKER}\n### {plain(f'Clausebook: {words.title}')}\n")
        for heading, items in words.alarms():
            yield Part("", f"> [!CAUTION]\n> **{plain(heading)}**\n{_quoted(items, words)}\n")
        if found.rows or found.reached:
            yield Part("", f"**{plain(words.summary)}**\n")
        yield from self.rows()
        if found.policies:
            yield Part("", self.policies())
        refused = _listed(words.refused(), words)
        yield Part("approvals", f"**{plain(words.say('review-refused'))}**\n\n{refused}\n" if refused else "")
        yield Part("texts", _folded(words.say("review-texts", n=len(found.texts)), self.texts()))
        yield Part("reach", _folded(words.say("review-radius"), self.reach()))
        yield Part("translation", _folded(words.say("review-translation"), _listed(map(words.state, found.translations), words)))
        gained = [f"+ {words.problem(one)}" for one in found.gained]
        lost = [f"− {words.problem(one)}" for one in found.lost]
        yield Part("findings", _folded(words.say("review-findings", gained=len(gained), lost=len(lost)), _listed([*gained, *lost], words)))
        yield Part("lists", _folded(words.say("review-lists"), self.lists()))
        yield Part("pages", _folded(words.say("review-moved", n=len(found.moved)), _listed(words.moved(), words)))
        yield Part("preview", self.preview())
        if self.links.whole:
            yield Part("", f"[{plain(words.say('review-whole'))}]({self.links.whole})\n")
        yield Part("", f"{plain(words.say('review-between', base=found.sides.base_name, head=found.sides.head_name))}")

    def rows(self) -> Iterator[Part]:
        """Yield the changes as one table: those of the worst level, then the rest."""
        if not self.found.rows:
            return
        worst = [row for row in self.found.rows if row.change.level == self.found.rows[0].change.level]
        rest = self.found.rows[len(worst) :]
        head = self.words.say("review-columns").split("|")
        yield Part("", f"| | {' | '.join(map(plain, head))} |\n|{' --- |' * (len(head) + 1)}\n{self.lines(worst)}")
        yield Part("rest", self.lines(rest))
        yield Part("", "")

    def lines(self, rows: Iterable[Row]) -> str:
        return "\n".join(self.line(row) for row in rows)

    def line(self, row: Row) -> str:
        words = self.words
        cells = [words.sentence(row), words.policies(row.policies), words.why(row)]
        return f"| **{plain(words.mark(row))}** | {' | '.join(map(plain, cells))} | {self.place(row)} |"

    def place(self, row: Row) -> str:
        where = plain(str(row.place).rsplit(":", 1)[0] if row.place.line else row.place.path)
        address = self.links.to(row.place)
        return f"[{where}]({address})" if address else where

    def preview(self) -> str:
        pages = [f"[{plain(f'{policy} {locale}')}]({address})" for policy, locale, address in self.links.pages(self.found)]
        return f"{plain(self.words.say('review-preview'))} {' · '.join(pages[:MOST])}\n" if pages else ""

    def policies(self) -> str:
        rows = self.found.policies[:MOST]
        head = self.words.say("review-policy-columns").split("|")
        table = [f"| {' | '.join(map(plain, head))} |", f"|{' --- |' * len(head)}"]
        table += [f"| {' | '.join(map(plain, self.words.policy(row)[:5]))} |" for row in rows]
        return "\n".join([*table, ""])

    def reach(self) -> str:
        return _listed((f"{row.policy}: {', '.join(row.clauses)}" for row in self.found.policies if row.clauses), self.words)

    def texts(self) -> str:
        return "\n\n".join(self.text(text) for text in self.found.texts)

    def text(self, text: Text) -> str:
        title = "".join(map(_piece, text.mark.title))
        lines = [_line(line) for line in text.mark.lines if line.status != "same"]
        return "\n\n".join([f"**{plain(self.words.text_title(text))}** {title}", *lines])

    def lists(self) -> str:
        rows = [self.words.list_row(row) for row in self.found.lists]
        return _listed((": ".join(row) for row in rows), self.words)


def _quoted(items: Iterable[str], words: Words) -> str:
    return "\n".join(f"> {line}" if line else ">" for line in _listed(items, words).split("\n"))


def _listed(items: Iterable[str], words: Words) -> str:
    found = list(items)
    lines = [f"- {plain(item)}" for item in found[:MOST]]
    if len(found) > MOST:
        lines.append(f"- {plain(words.say('review-more', n=len(found) - MOST))}")
    return "\n".join(lines)


def _folded(summary: str, body: str) -> str:
    return f"<details><summary>{escape(summary)}</summary>\n\n{body}\n\n</details>\n" if body else ""


def _line(line: Line) -> str:
    return "".join(map(_piece, shortened(line.pieces)))


def _piece(piece: Piece) -> str:
    text = plain(piece.text)
    if piece.op in ("ins", "del") and text.strip():
        return f"<{piece.op}>{text}</{piece.op}>"
    return f"<ins>{text}</ins>" if piece.op == "look" else text
