"""The marked comparison of a clause as HTML: what was added, removed or moved, in words as well as in looks."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup, escape

from clausebook.document import Entry, Part
from clausebook.marked import Marked
from clausebook.redline import Line, Look, Piece
from clausebook.site import html
from clausebook.site.views import View

WORDS = {"added": "mark-ins", "removed": "mark-del", "moved": "mark-move", "split": "mark-split", "merged": "mark-merged"}


@dataclass(frozen=True)
class Ends:
    """Both ends of a comparison: the words of the page, the addresses of the versions, the clause in each."""

    view: View
    old_page: str
    new_page: str
    old: Part | Entry | None
    new: Part | Entry | None

    def marker(self, line: Line) -> tuple[str, int]:
        """Return the number of a block as printed, and how deep it stands; those of the new text where it is there."""
        for item, index in ((self.new, line.new), (self.old, line.old)):
            if index is not None and isinstance(item, Entry):
                block = item.blocks[self.view.locale][index]
                return item.markers[self.view.locale][index] or ("•" if block.kind == "bullet" else ""), block.depth
        return "", 0


def title(one: Marked, ends: Ends, item: Part | Entry) -> Markup:
    """Return the heading of a compared section or clause, with its number."""
    label = item.number.labels.get(ends.view.locale, "") if item.number else ""
    words = _pieces(one.title, ends)
    if not label:
        return html.clean(words)
    return html.clean(Markup(escape(ends.view.wording.rules["title"])).format(label=label, title=Markup(words)))


def body(one: Marked, ends: Ends) -> Markup:
    """Return the blocks of a compared clause."""
    return html.clean(Markup("").join(_line(line, ends) for line in one.lines))


def _line(line: Line, ends: Ends) -> Markup:
    marker, depth = ends.marker(line)
    sign = Markup('<span class="cb-marker">{}</span> ').format(marker) if marker else Markup("")
    word = _word(line, ends)
    return Markup('<p class="cb-block cb-depth-{}">{}{}{}</p>').format(depth, sign, word, _pieces(line.pieces, ends))


def _word(line: Line, ends: Ends) -> Markup:
    """Name what happened to a whole block where its pieces do not show it."""
    key = WORDS.get(line.status, "")
    if line.status == "changed" and all(piece.op == "same" for piece in line.pieces):
        key = "mark-look"
    if key in ("", "mark-ins", "mark-del"):
        return Markup("")
    return Markup('<span class="cb-mark">{}</span> ').format(ends.view.say(key))


def _pieces(pieces: tuple[Piece, ...], ends: Ends) -> Markup:
    found = []
    for (op, moved), group in groupby(pieces, key=lambda piece: (piece.op, piece.at is not None)):
        inner = Markup("").join(_piece(piece, ends) for piece in group)
        found.append(_wrapped(op, moved, inner, ends))
    return Markup("").join(found)


def _wrapped(op: str, moved: bool, inner: Markup, ends: Ends) -> Markup:
    """Mark a stretch: a word to see, and words for those who hear it where it begins and where it ends."""
    say = ends.view.say
    if op == "same":
        return inner
    if op == "look":
        return Markup('<span class="cb-look"><span class="cb-mark">{}</span> {}</span>').format(say("mark-look"), inner)
    word = say(f"mark-{'from' if op == 'ins' else 'to'}") if moved else say(f"mark-{op}")
    end = Markup('<span class="cb-heard">{}</span>').format(say("mark-end", word=word))
    return Markup('<{0}><span class="cb-mark">{1}</span> {2}{3}</{0}>').format(Markup(op), word, inner, end)


def _piece(piece: Piece, ends: Ends) -> Markup:
    text = escape(piece.text)
    look = piece.look
    if look.emphasis:
        text = Markup("<em>{}</em>").format(text)
    if look.strong:
        text = Markup("<strong>{}</strong>").format(text)
    href = _href(piece.op, look, ends)
    return Markup('<a href="{}">{}</a>').format(href, text) if href else text


def _href(op: str, look: Look, ends: Ends) -> str:
    """Return where a link leads: to a clause of the version the words are from, else as written; nowhere from what is removed."""
    if look.href.startswith("#"):
        return f"{ends.old_page if op == 'del' else ends.new_page}{look.href}"
    return "" if op == "del" else look.href
