"""A site built in parts, each with the pages of some policies, and the parts joined into the site one build would have made.

A part holds its own policies' pages and everything that is the same in all parts. Three kinds of file name every policy (the
sitemap, the search indexes); of these a joined site takes from each part what it says of its own policies, in the order of one build.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from clausebook.errors import Place, Problem, UserError, problem
from clausebook.site import staging

RECORD = ".clausebook-part.json"
SITEMAP, PACKED = "sitemap.xml", "sitemap.xml.gz"
SEARCH = "search/search_index.json"
_SHARE = re.compile(r"([1-9][0-9]{0,3})/([1-9][0-9]{0,3})")
_URL = re.compile(r"\n  <url>\n    <loc>(.*?)</loc>.*?</url>", re.DOTALL)


@dataclass(frozen=True)
class Share:
    """Which of `count` parts a build makes, counted from 1."""

    number: int = 1
    count: int = 1

    def own(self, policies: Iterable[str]) -> list[str]:
        """Return the policies of this part: they are dealt out like cards."""
        return sorted(policies)[self.number - 1 :: self.count]


def share(text: str) -> Share:
    """Return the share written `K/N`. Raises UserError for anything else."""
    found = _SHARE.fullmatch(text)
    made = Share(int(found[1]), int(found[2])) if found else None
    if made is None or made.number > made.count:
        raise UserError([problem(Place("--shard"), "share-form", value=text)])
    return made


@dataclass(frozen=True)
class Part:
    """What a part says of itself: its share, all policies in order, the site's address and languages, a digest of what it was made from."""

    number: int
    count: int
    policies: list[str]
    base: str
    locales: list[str]
    basis: str

    @property
    def own(self) -> list[str]:
        """Return its own policies."""
        return Share(self.number, self.count).own(self.policies)


def record(site: Path, part: Part) -> None:
    """Write what a part says of itself into it."""
    (site / RECORD).write_text(json.dumps(asdict(part), ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")


def merge(folders: list[Path], site: Path) -> int:
    """Join parts into a site, which then takes the place of the one before; return the number of its files.

    Raises UserError where parts are missing, do not belong together, or differ in what they all have.
    """
    found = _ordered(folders)
    made = staging.aside(site)
    shutil.rmtree(made, ignore_errors=True)
    problems = list(_copied(found, made))
    if problems:
        shutil.rmtree(made, ignore_errors=True)
        raise UserError(problems)
    parts = [part for part, _ in found]
    _sitemap(found, made)
    for place in ("", *(f"{locale}/" for locale in parts[0].locales)):
        _search(found, made, place)
    staging.settle(site)
    return sum(path.is_file() for path in site.rglob("*"))


def _ordered(folders: list[Path]) -> list[tuple[Part, Path]]:
    """Return the parts by their numbers, if they are all there and of one site."""
    found = sorted(((_read(folder), folder) for folder in folders), key=lambda pair: pair[0].number)
    first = found[0][0]
    wrong = [
        problem(Place(str(folder)), "part-other", first=str(found[0][1]))
        for part, folder in found
        if (part.basis, part.count, part.policies) != (first.basis, first.count, first.policies)
    ]
    numbers = [part.number for part, _ in found]
    missing = [number for number in range(1, first.count + 1) if number not in numbers]
    twice = [str(folder) for index, (part, folder) in enumerate(found) if part.number in numbers[:index]]
    wrong += [problem(Place(folder), "part-twice") for folder in twice]
    if missing and not wrong:
        wrong.append(problem(Place("merge"), "part-missing", numbers=", ".join(map(str, missing)), count=first.count))
    if wrong:
        raise UserError(wrong)
    return found


def _read(folder: Path) -> Part:
    place = Place(str(folder / RECORD))
    try:
        return Part(**json.loads((folder / RECORD).read_text(encoding="utf-8")))
    except OSError:
        raise UserError([problem(place, "part-none")]) from None
    except (ValueError, TypeError):
        raise UserError([problem(place, "part-broken")]) from None


def _copied(found: list[tuple[Part, Path]], made: Path) -> Iterator[Problem]:
    """Copy the files of every part; yield a problem for each two parts have and hold differently."""
    apart = {RECORD, SITEMAP, PACKED, SEARCH, *(f"{locale}/{SEARCH}" for locale in found[0][0].locales)}
    for _, folder in found:
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            target = made / name
            if not path.is_file() or name in apart:
                continue
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
            elif target.read_bytes() != path.read_bytes():
                yield problem(Place(str(path)), "part-differs", name=name)


def _joined(common: list[Any], own: dict[str, list[Any]], policies: list[str]) -> list[Any]:
    return [*common, *(item for policy in policies for item in own.get(policy, ()))]


def _of(address: str, part: Part) -> str:
    """Return the policy an address below the site belongs to, or nothing."""
    steps = address.split("/")
    return steps[1] if len(steps) > 2 and steps[0] in part.locales and steps[1] in part.policies else ""


def _sitemap(found: list[tuple[Part, Path]], made: Path) -> None:
    first, folder = found[0]
    text = (folder / SITEMAP).read_text(encoding="utf-8")
    own: dict[str, list[str]] = {}
    for part, place in found:
        for url in _URL.finditer((place / SITEMAP).read_text(encoding="utf-8")):
            if (policy := _of(url[1].removeprefix(part.base), part)) in part.own:
                own.setdefault(policy, []).append(url[0])
    known = [(url.start(), url[0], _of(url[1].removeprefix(first.base), first)) for url in _URL.finditer(text)]
    turn = next((n for n, (_, _, policy) in enumerate(known) if policy), len(known))  # before it pages by hand, after it those of all
    before, after = ([block for _, block, policy in some if not policy] for some in (known[:turn], known[turn:]))
    head, tail = text[: known[0][0]] if known else text, text[text.rindex("\n</urlset>") :]
    content = (head + "".join([*_joined(before, own, first.policies), *after]) + tail).encode()
    (made / SITEMAP).write_bytes(content)
    raw = (folder / PACKED).read_bytes()
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, filename=PACKED, mode="wb", mtime=int.from_bytes(raw[4:8], "little")) as file:
        file.write(content)
    (made / PACKED).write_bytes(packed.getvalue())


def _search(found: list[tuple[Part, Path]], made: Path, place: str) -> None:
    first, folder = found[0]
    if not (folder / place / SEARCH).is_file():
        return
    indexes = [(part, json.loads((folder / place / SEARCH).read_text(encoding="utf-8"))) for part, folder in found]
    own: dict[str, list[Any]] = {}
    for part, index in indexes:
        for entry in index["docs"]:
            if (policy := _of(place + entry["location"], part)) in part.own:
                own.setdefault(policy, []).append(entry)
    common = [entry for entry in indexes[0][1]["docs"] if not _of(place + entry["location"], first)]
    write_json(made / place / SEARCH, {**indexes[0][1], "docs": _joined(common, own, first.policies)})


def write_json(path: Path, data: Any) -> None:
    """Write data as one line of JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
