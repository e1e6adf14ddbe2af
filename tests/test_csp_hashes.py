"""The hashes are those a browser reckons: SHA-256 of exactly the text between the tags, in Base64."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent / "scripts" / "csp_hashes.py"

# From the Content Security Policy Level 3 draft: the hash of `alert('Hello, world.');`
HELLO = "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"
EMPTY = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"

CASES = {
    "one": (["<script>alert('Hello, world.');</script>"], [HELLO]),
    "the same twice": (["<script>alert('Hello, world.');</script>", "<p>x</p><script>alert('Hello, world.');</script>"], [HELLO]),
    "empty": (["<script></script>"], [EMPTY]),
    "sorted": (["<script>alert('Hello, world.');</script><script></script>"], [EMPTY, HELLO]),
    "a module": (["<script type=module>alert('Hello, world.');</script>"], [HELLO]),
    "with a file": (['<script src="a.js"></script>'], []),
    "data": (['<script type="application/json">{"a": "<b>"}</script>'], []),
    "entities stay": (["<script>1&amp;&amp;2</script>"], ["'sha256-wMKFDVNdNL+KWIA/C2tfpwppzZMc+8gO4bdlUrFBeEI='"]),
    "none": (["<p>alert('Hello, world.');</p>"], []),
}


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, SCRIPT, *map(str, arguments)], capture_output=True, text=True, encoding="utf-8")


@pytest.mark.parametrize(("pages", "expected"), CASES.values(), ids=CASES)
def test_hashes(pages: list[str], expected: list[str], tmp_path: Path) -> None:
    for number, page in enumerate(pages):
        file = tmp_path / ("index.html" if number == 0 else f"{number}/index.html")
        file.parent.mkdir(exist_ok=True)
        file.write_text(page, encoding="utf-8")
    done = run(tmp_path)
    assert (done.returncode, done.stdout) == (0, " ".join(expected) + "\n")


@pytest.mark.parametrize("arguments", [(), ("no-such-folder",), (".", ".")])
def test_without_a_built_site(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "usage: python scripts/csp_hashes.py SITE (the folder mkdocs build has written)\n"
