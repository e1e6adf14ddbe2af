"""A review as one page without scripts, whole: what the comment leaves out stands here."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup, escape

from clausebook.errors import visible
from clausebook.redline import Line, Piece
from clausebook.reports.links import Links
from clausebook.reports.words import Words
from clausebook.reviewed import Report, Text

_STYLE = Markup(
    "body{font:1rem/1.6 sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}td,th{vertical-align:top;text-align:left;padding:.3rem;border-bottom:1px solid #999}"
    "ins{text-decoration:underline;background:#dff5df}del{text-decoration:line-through;background:#fbe0e0}"
    ".alarm{border:3px solid #b00020;padding:0 1rem;margin:1rem 0}"
)


def html(found: Report, locale: str, links: Links) -> str:
    """Return a review as one HTML page."""
    words = Words(found, locale)
    parts = [Markup("<h1>{}</h1>").format(_safe(words.title))]
    for heading, items in words.alarms():
        parts.append(Markup('<div class="alarm"><h2>{}</h2>{}</div>').format(_safe(heading), _list(items)))
    if found.rows or found.reached:
        parts.append(Markup("<p><strong>{}</strong></p>").format(_safe(words.summary)))
    pages = (Markup('<a href="{}">{}</a>').format(address, f"{policy} {locale}") for policy, locale, address in links.pages(found))
    listed = Markup(" · ").join(pages)
    parts += [Markup("<p>{} {}</p>").format(words.say("review-preview"), listed)] if listed else []
    rows = [(words.mark(r), words.sentence(r), ", ".join(r.policies), words.why(r), str(r.place)) for r in found.rows]
    parts.append(_table(["", *words.say("review-columns").split("|")], rows))
    parts.append(_table([*words.say("review-policy-columns").split("|"), words.say("review-clauses")], map(words.policy, found.policies)))
    parts += [_section(words.say("review-refused"), _list(words.refused()))]
    parts += [_section(words.say("review-texts", n=len(found.texts)), Markup("").join(_text(words, text) for text in found.texts))]
    parts += [_section(words.say("review-translation"), _list(map(words.state, found.translations)))]
    parts += [_section(words.say("review-gained"), _list(map(words.problem, found.gained)))]
    parts += [_section(words.say("review-lost"), _list(map(words.problem, found.lost)))]
    parts += [_section(words.say("review-lists"), _list(": ".join(words.list_row(row)) for row in found.lists))]
    parts += [_section(words.say("review-moved", n=len(found.moved)), _list(found.moved))]
    parts += [Markup("<p>{}</p>").format(words.say("review-between", base=found.sides.base_name, head=found.sides.head_name))]
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    head = Markup(
        '<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{}"><title>Clausebook</title><style>{}</style>'
    )
    whole = Markup('<!doctype html><html lang="{}"><head>{}</head><body>{}</body></html>')
    return str(whole.format(locale, head.format(policy, _STYLE), Markup("\n").join(filter(None, parts))))


def _safe(words: str) -> Markup:
    return escape(visible(words))


def _list(items: Iterable[str]) -> Markup:
    found = Markup("").join(Markup("<li>{}</li>").format(_safe(item)) for item in items)
    return Markup("<ul>{}</ul>").format(found) if found else Markup("")


def _section(heading: str, body: Markup) -> Markup:
    return Markup("<h2>{}</h2>{}").format(_safe(heading), body) if body else Markup("")


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Markup:
    lines = [Markup("<tr>{}</tr>").format(Markup("").join(Markup("<td>{}</td>").format(_safe(cell)) for cell in row)) for row in rows]
    if not lines:
        return Markup("")
    cells = Markup("").join(Markup('<th scope="col">{}</th>').format(_safe(cell)) for cell in head)
    return Markup("<table><tr>{}</tr>{}</table>").format(cells, Markup("").join(lines))


def _text(words: Words, text: Text) -> Markup:
    title = Markup("").join(map(_piece, text.mark.title))
    lines = Markup("").join(map(_line, text.mark.lines))
    return Markup('<h3>{} — {}</h3><div lang="{}">{}</div>').format(_safe(words.text_title(text)), title, text.locale, lines)


def _line(line: Line) -> Markup:
    return Markup("<p>{}</p>").format(Markup("").join(map(_piece, line.pieces)))


def _piece(piece: Piece) -> Markup:
    text = _safe(piece.text)
    if piece.op == "same":
        return text
    tag = "del" if piece.op == "del" else "ins"
    return Markup("<{0}>{1}</{0}>").format(Markup(tag), text)
