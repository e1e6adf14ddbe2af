"""What a preview shows while the site cannot be built."""

from __future__ import annotations

from html import escape
from pathlib import Path

from jinja2 import TemplateSyntaxError

from clausebook import messages, project
from clausebook.errors import Place, UserError, problem


def page(failure: BaseException) -> str:
    """Return the page, in every language of ours; it asks again every second."""
    sections = []
    for locale in ("zh", "en"):
        items = "".join(f"<li><code>{escape(line)}</code></li>" for line in lines(failure, locale))
        title, intro = (escape(messages.say(key, locale)) for key in ("error-title", "error-intro"))
        sections.append(f'<section lang="{locale}"><h1>{title}</h1><p>{intro}</p><ol>{items}</ol></section>')
    style = (
        "body{font:1rem/1.6 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}code{white-space:pre-wrap;overflow-wrap:anywhere}"
    )
    again = "<script>setTimeout(() => location.reload(), 1000)</script>"  # a refresh by <meta> does nothing at an address with an anchor
    head = f'<meta charset="utf-8">{again}<title>Clausebook</title><style>{style}</style>'
    return f'<!doctype html><html lang="zh"><head>{head}</head><body>{"".join(sections)}</body></html>'


def lines(failure: BaseException, locale: str = "en") -> list[str]:
    """Return what is wrong, a line a problem."""
    return [messages.tell(p, locale) for p in failure.problems] if isinstance(failure, UserError) else [str(failure)]


def cause(error: BaseException, root: Path) -> Exception:
    """Return what stopped a build in our own words, with its place, where the host only passes it on."""
    try:
        project.settings(root)
    except UserError as own:
        return own
    if isinstance(error, TemplateSyntaxError) and error.filename:
        name = Path(error.filename).resolve()
        place = Place(name.relative_to(root).as_posix() if name.is_relative_to(root) else str(name), error.lineno, 1)
        return UserError([problem(place, "template-wrong", what=error.message or "")])
    return error if isinstance(error, Exception) else RuntimeError(str(error))
