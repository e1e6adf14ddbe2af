"""PO: `msgctxt` names clause and block, `#|` holds the source an old translation was made from, fuzzy marks what is behind."""

from __future__ import annotations

from typing import Any

from clausebook.errors import Place, UserError, problem
from clausebook.units import Answer, Bundle, Unit


def write(bundle: Bundle) -> str:
    """Write units as a PO file."""
    polib = _polib()
    file = polib.POFile(wrapwidth=0)
    date = f"{bundle.made.isoformat()} 00:00+0000"
    file.metadata = {
        "Project-Id-Version": "policies",
        "Report-Msgid-Bugs-To": "",
        "POT-Creation-Date": date,
        "PO-Revision-Date": date,
        "Last-Translator": "nobody",
        "Language-Team": "none",
        "Language": bundle.locale.replace("-", "_"),
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "X-Source-Language": bundle.source,
    }
    for unit in bundle.units:
        file.append(_entry(polib, unit, bundle.paths[unit.clause]))
    return f"{file}\n"


def _entry(polib: Any, unit: Unit, path: str) -> Any:
    return polib.POEntry(
        msgctxt=unit.id,
        msgid=unit.source,
        msgstr=unit.target,
        comment="\n".join(unit.notes),
        occurrences=[(path, "")],
        flags=["fuzzy"] if unit.behind and unit.target else [],
        previous_msgid=unit.previous or None,
    )


def read(name: str, text: str) -> tuple[str, list[Answer]]:
    """Return the language and the answers of a PO file."""
    polib = _polib()
    try:
        file = polib.pofile(f"{text}\n", wrapwidth=0)
    except (OSError, ValueError) as error:
        raise UserError([problem(Place(name), "po-syntax", what=str(error).splitlines()[0])]) from None
    language = str(file.metadata.get("Language", "")).replace("_", "-")
    return language, [_answer(entry) for entry in file if not entry.obsolete]


def _answer(entry: Any) -> Answer:
    clause, _, block = str(entry.msgctxt or "").partition("#")
    return Answer(clause, block, entry.msgid, entry.msgstr, entry.fuzzy, entry.linenum or 0)


def _polib() -> Any:
    try:
        import polib
    except ModuleNotFoundError:
        raise UserError([problem(Place("translate"), "extra-missing", package="polib", extra="po")]) from None
    return polib
