"""Small trees written in text files, each with what the command line says about it.

A file holds cases. `=== name` begins a case, the lines below are what `clausebook check` prints, and `--- path` begins a
file of its tree; files not named are those of `bad/base.txt`. `--- body` stands for the text of clause `hello`, which begins
at line 6, column 7 of its file. `--- path (gb18030)` is written in that encoding; `--- path -> target` is a link.
What cannot be read in a review is written out: `<U+202E>` is that character, `<500 x ab>` is `ab` 500 times.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent / "bad"
HELLO = "clauses/common/hello.yml"
_CHARACTER = re.compile(r"<U\+([0-9A-F]{4,6})>")
_REPEAT = re.compile(r"<(\d+) x ([^>]+|>)>")
_FILE = re.compile(r"--- (?P<path>\S+)(?: \((?P<encoding>\S+)\))?(?: -> (?P<target>\S+))?")


@dataclass
class Case:
    """A tree with its faults: the files by path, and the lines expected. No lines: the tree is accepted."""

    name: str
    expected: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)

    def write(self, root: Path) -> Path:
        """Write the whole tree below a folder and return it."""
        for path, content in (BASE.files | self.files).items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(content)
        for path, target in self.links.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).symlink_to(target)
        return root


def read(name: str) -> list[Case]:
    """Return the cases of a file, in order."""
    chapters = re.split(r"(?:\n|\A)=== ", (HERE / f"{name}.txt").read_text(encoding="utf-8"))[1:]
    return [_case(chapter) for chapter in chapters]


def _case(chapter: str) -> Case:
    head, *files = re.split(r"^(?=--- )", chapter, flags=re.MULTILINE)
    name, *expected = head.splitlines()
    case = Case(name, [_written(line) for line in expected if line])
    for text in files:
        first, content = text.split("\n", 1)
        match = _FILE.fullmatch(first)
        assert match, f"{name}: {first!r} names no file"
        if match["target"]:
            case.links[match["path"]] = match["target"]
        elif match["path"] == "body":
            case.files[HELLO] = body(_written(content))
        else:
            case.files[_written(match["path"])] = _written(content).encode(match["encoding"] or "utf-8")
    return case


def _written(text: str) -> str:
    text = _CHARACTER.sub(lambda match: chr(int(match[1], 16)), text)
    return _REPEAT.sub(lambda match: match[2] * int(match[1]), text)


def body(text: str) -> bytes:
    """Return the file of clause `hello` with another text."""
    lines = "".join(f"      {line}\n" if line else "\n" for line in text.removesuffix("\n").split("\n"))
    return f"id: hello\ntext:\n  zh:\n    title: 你好\n    body: |\n{lines}".encode()


BASE = read("base")[0]
