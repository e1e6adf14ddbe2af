"""Starting something new: a whole site, a clause, a policy. Existing files are never overwritten."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from importlib import resources as packaged
from pathlib import Path

from clausebook import resources
from clausebook.errors import Place, UserError, problem
from clausebook.model import Settings

_COPIED = ("clauses", "policies", "templates", "schemas")


def site(target: Path) -> list[str]:
    """Make a working site in a new or empty folder; return the names of what was written. Raises UserError if it is taken."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UserError([problem(Place(str(target)), "exists-already")])
    made = target.parent / f".{target.name}.clausebook"
    shutil.rmtree(made, ignore_errors=True)
    try:
        for name in _COPIED:
            shutil.copytree(resources.starter(name), made / name, ignore=shutil.ignore_patterns("__pycache__"))
        _write_skeleton(made)
        if target.exists():
            target.rmdir()
        made.rename(target)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return sorted(p.name for p in target.iterdir())


def _write_skeleton(target: Path) -> None:
    source = packaged.files("clausebook") / "skeleton"
    for name, place in _SKELETON.items():
        file = target / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text((source / name).read_text(encoding="utf-8"), encoding="utf-8")


_SKELETON = {
    "mkdocs.yml": "mkdocs.yml",
    "guide.zh.md": "docs/zh/guide/index.md",
    "guide.en.md": "docs/en/guide/index.md",
    "gitattributes": ".gitattributes",
    "gitignore": ".gitignore",
    "requirements.txt": "requirements.txt",
}

_CLAUSE_TEXT = """  {locale}:
    title: {title}
    body: |
      {body}
"""


def clause(root: Path, settings: Settings, module: str, clause_id: str) -> Path:
    """Write a new clause file that loads as it is; return its path. Raises UserError if it exists."""
    texts = "".join(_CLAUSE_TEXT.format(locale=loc, **_sample(loc)) for loc in settings.locales)
    content = f"# yaml-language-server: $schema=../../schemas/clause.json\nid: {clause_id}\ntext:\n{texts}"
    return _write(root, Path(settings.clauses) / module / f"{clause_id}.yml", content)


def _sample(locale: str) -> dict[str, str]:
    known = {"zh": {"title": "新条款", "body": "在此写条款正文。"}, "en": {"title": "New clause", "body": "Write the clause here."}}
    return known.get(locale.split("-")[0], known["en"])


def policy(root: Path, settings: Settings, policy_id: str, clauses: Iterable[str]) -> Path:
    """Write a new policy that uses the given clauses; return its path. Raises UserError if it exists."""
    titles = {"zh": "新政策", "en": "New policy"}
    title = ", ".join(f"{loc}: {titles.get(loc.split('-')[0], titles['en'])}" for loc in settings.locales)
    section = ", ".join(f"{loc}: {'正文' if loc.startswith('zh') else 'Text'}" for loc in settings.locales)
    lines = [
        "# yaml-language-server: $schema=../../schemas/policy.json",
        f"id: {policy_id}",
        f"title: {{{title}}}",
        f"locales: [{', '.join(settings.locales)}]",
        "numbering: chapters",
        "profile: {}",
        "sections:",
        "  - id: text",
        f"    title: {{{section}}}",
        f"    clauses: [{', '.join(clauses)}]",
    ]
    return _write(root, Path(settings.policies) / policy_id / "policy.yml", "\n".join(lines) + "\n")


def _write(root: Path, path: Path, content: str) -> Path:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with file.open("x", encoding="utf-8", newline="\n") as out:
            out.write(content)
    except FileExistsError:
        raise UserError([problem(Place(path.as_posix()), "exists-already")]) from None
    return path
