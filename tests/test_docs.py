"""The guide and the READMEs say what is so: examples load, commands print what is shown, tables equal the code, languages match."""

from __future__ import annotations

import importlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import click
import pytest
import yaml
from playwright.sync_api import Browser

from clausebook import errors, formats, language, listing, messages, model, project, records, yamltree
from clausebook.cli import main
from clausebook.facts import KINDS, Facts
from clausebook.numbering import Position, label
from tests import server

ROOT = Path(__file__).parent.parent
LOCALES = {"zh": "zh_CN.UTF-8", "en": "en_GB.UTF-8"}
GUIDE = {locale: ROOT / "docs" / locale / "guide" for locale in LOCALES}
PAGES = sorted(path.name for path in GUIDE["en"].glob("*.md"))
READMES = {"en": ROOT / "README.md", "zh": ROOT / "README.zh-CN.md"}

BLOCK = re.compile(
    r"(?:^<!-- with `(?P<new>[^`\n]+)` for `(?P<old>[^`\n]+)` in (?P<file>\S+) -->\n)?"
    r'^```(?P<kind>\w+)(?: title="(?P<title>[^"]+)")?\n(?P<text>.*?)^```$',
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """A fenced block of a page. `edit` is what is changed in the example's tree before its commands run: file, old, new."""

    kind: str
    title: str | None
    text: str
    edit: tuple[str, str, str] | None

    @property
    def commands(self) -> list[str]:
        return [line.removeprefix("$ ") for line in self.text.splitlines() if line.startswith("$ ")]

    @property
    def same(self) -> tuple[Any, ...]:
        """Return what must be the same in every language; messages are in the language of the page."""
        return (self.kind, self.title, self.commands if self.kind == "console" else self.text, self.edit)


def read(locale: str, page: str) -> str:
    return (GUIDE[locale] / page).read_text(encoding="utf-8")


def blocks(text: str) -> list[Block]:
    return [Block(m["kind"], m["title"], m["text"], (m["file"], m["old"], m["new"]) if m["file"] else None) for m in BLOCK.finditer(text)]


def prose(text: str) -> str:
    return BLOCK.sub("", text)


def headings(text: str) -> list[tuple[str, str]]:
    """Return (signs, id) of every heading; the first has no id."""
    return re.findall(r"^(#+) [^{\n]+(?:\{#([\w-]+)\})?$", prose(text), re.MULTILINE)


def tables(text: str, heading: str) -> list[list[list[str]]]:
    """Return the tables below a heading: rows of cells, without the head."""
    below = re.split(r"^## ", prose(text).split(f"{{#{heading}}}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]
    found = re.findall(r"(?:^\|.*\n)+", below, re.MULTILINE)
    return [[_cells(line) for line in table.splitlines()[2:]] for table in found]


def _cells(line: str) -> list[str]:
    """Split a row at the signs that stand outside code."""
    return [cell.strip() for cell in re.findall(r"(?:``.+?``|`[^`]+`|[^|`])+", line.strip().removeprefix("|").removesuffix("|"))]


def code(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def first(table: list[list[str]]) -> list[str]:
    """Return the code of the first column."""
    return [code(row[0])[0] for row in table]


both = pytest.mark.parametrize("locale", LOCALES)
each_page = pytest.mark.parametrize("page", PAGES)


# Both languages


def test_both_languages_have_the_same_pages_in_the_same_order() -> None:
    nav = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]
    listed = {group: [Path(path).as_posix() for path in pages] for item in nav for group, pages in item.items()}
    assert [page.replace("zh/", "en/", 1) for page in listed["指南"]] == listed["Guide"]
    assert sorted(page.removeprefix("en/guide/") for page in listed["Guide"]) == PAGES
    assert sorted(path.name for path in GUIDE["zh"].glob("*.md")) == PAGES


@each_page
def test_both_languages_have_the_same_headings(page: str) -> None:
    zh, en = headings(read("zh", page)), headings(read("en", page))
    assert zh == en
    assert [level for level, anchor in en if not anchor] == ["#"]


@each_page
def test_both_languages_have_the_same_code(page: str) -> None:
    assert [block.same for block in blocks(read("zh", page))] == [block.same for block in blocks(read("en", page))]


@each_page
def test_both_languages_have_the_same_tables(page: str) -> None:
    zh, en = (
        [[(len(row), code(row[0])) for row in table] for _, anchor in headings(text) if anchor for table in tables(text, anchor)]
        for text in (read("zh", page), read("en", page))
    )
    assert zh == en


def test_both_readmes_have_the_same_parts() -> None:
    zh, en = (READMES[locale].read_text(encoding="utf-8") for locale in ("zh", "en"))
    assert [level for level, _ in headings(zh)] == [level for level, _ in headings(en)]
    assert [block.same for block in blocks(zh)] == [block.same for block in blocks(en)]
    assert re.findall(r"!\[[^]]+\]\((.+?)\)", zh) == re.findall(r"!\[[^]]+\]\((.+?)\)", en)


@both
def test_what_a_readme_links_to_exists(locale: str) -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", READMES[locale].read_text(encoding="utf-8"))
    assert len(links) > 5
    assert [link for link in links if "://" not in link and not (ROOT / link).exists()] == []


# Examples


def example(root: Path) -> Path:
    """Write the guide's own site: every block with a file name, and the repository's vocabulary."""
    shutil.copytree(ROOT / "clauses" / "vocabulary", root / "clauses" / "vocabulary")
    for page in PAGES:
        for block in blocks(read("en", page)):
            if block.title:
                (root / block.title).parent.mkdir(parents=True, exist_ok=True)
                (root / block.title).write_text(block.text, encoding="utf-8")
    return root


def test_the_example_loads_without_problem(tmp_path: Path) -> None:
    opened = project.open(example(tmp_path))
    assert opened.problems == ()
    assert (sorted(opened.library.clauses), list(opened.documents)) == (["delivery-choices", "delivery-message"], ["web-shop"])


def test_the_settings_shown_are_the_defaults(tmp_path: Path) -> None:
    assert project.settings(example(tmp_path)) == model.Settings()


PARTS = [
    pytest.param(block.text, id=f"{page}-{n}")
    for page in PAGES
    for n, block in enumerate(blocks(read("en", page)))
    if block.kind == "yaml" and not block.title
]


@pytest.mark.parametrize("text", PARTS)
def test_a_part_of_a_file_is_yaml(text: str) -> None:
    found = yamltree.read("part.yml", text.encode(), tolerant=True)
    assert [p.code for p in found.problems if p.code != "file-empty"] == []


def run(command: str, root: Path, locale: str) -> str:
    """Run a clausebook command line as a terminal of that language would; the time it took is made the same."""
    words = shlex.split(command)
    assert words[0] == "clausebook"
    environment = {**os.environ, "LC_ALL": LOCALES[locale], "PYTHONUTF8": "1", "COLUMNS": "200"}
    done = subprocess.run(
        [sys.executable, "-m", "clausebook", *words[1:]],
        cwd=root, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode != errors.BUG, done.stdout
    return re.sub(r"· \d+\.\d s", "· 0.2 s", done.stdout)


def printed(block: Block, root: Path, locale: str) -> str:
    return "".join(f"$ {command}\n{run(command, root, locale)}" for command in block.commands)


CONSOLES = [
    pytest.param(locale, block, id=f"{locale}-{page}-{n}")
    for locale in LOCALES
    for page in PAGES
    for n, block in enumerate(blocks(read(locale, page)))
    if block.kind == "console"
]


@pytest.mark.parametrize(("locale", "block"), CONSOLES)
def test_a_command_of_the_guide_prints_what_is_shown(locale: str, block: Block, tmp_path: Path) -> None:
    root = example(tmp_path)
    if block.edit:
        file, old, new = block.edit
        text = (root / file).read_text(encoding="utf-8")
        assert text.count(old) == 1
        (root / file).write_text(text.replace(old, new), encoding="utf-8")
    assert printed(block, root, locale) == block.text


@both
def test_a_command_of_a_readme_prints_what_is_shown(locale: str) -> None:
    """The line and column of a file may move."""
    shown = [block for block in blocks(READMES[locale].read_text(encoding="utf-8")) if block.kind == "console"]
    assert shown
    for block in shown:
        place = re.compile(r":\d+:\d+")
        assert place.sub("", printed(block, ROOT, locale)) == place.sub("", block.text)


# Commands


def written() -> list[str]:
    """Return every clausebook command line of the pages, in code blocks and in running text."""
    texts = [read(locale, page) for locale in LOCALES for page in PAGES] + [path.read_text(encoding="utf-8") for path in READMES.values()]
    found = set()
    for text in texts:
        for block in blocks(text):
            if block.kind in ("sh", "console", "yaml"):
                found |= set(re.findall(r"^(?:\$ |- run: )?(?:\.venv/bin/)?(clausebook .+)$", block.text, re.MULTILINE))
        found |= set(re.findall(r"`(?:\.venv/bin/)?(clausebook [^`]+)`", prose(text)))
    return sorted(found)


@pytest.mark.parametrize("line", written())
def test_every_command_shown_exists(line: str) -> None:
    command: click.Command = main
    context = click.Context(main)
    words = shlex.split(line)[1:]
    names = {option for parameter in main.params for option in parameter.opts}
    for word in words:
        if isinstance(command, click.Group) and (inner := command.get_command(context, word)):
            command = inner
            names |= {option for parameter in inner.params for option in parameter.opts}
    assert command is not main
    assert not isinstance(command, click.Group)
    assert {word for word in words if word.startswith("--")} <= names
    with pytest.raises(click.exceptions.Exit) as done:
        command.make_context("clausebook", ["--help"])
    assert done.value.exit_code == 0


@both
def test_every_make_target_shown_exists(locale: str) -> None:
    texts = [*(read(locale, page) for page in PAGES), READMES[locale].read_text(encoding="utf-8")]
    shown = {target for text in texts for target in re.findall(r"(?:`|^|- )make ([a-z]+)", text, re.MULTILINE)}
    assert {"serve", "test", "build"} <= shown
    assert shown <= set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


# Tables


@both
def test_the_table_of_filters(locale: str) -> None:
    assert tuple(first(tables(read(locale, "writing-clauses.md"), "filters")[0])) == language.FILTERS


@both
def test_the_table_of_parameter_types(locale: str) -> None:
    assert tuple(first(tables(read(locale, "writing-clauses.md"), "params")[0])) == get_args(model.ParamType)


def _kind(name: str) -> Any:
    return records.inner_models(Facts.model_fields[name].annotation)[0]


@both
def test_the_table_of_facts(locale: str) -> None:
    table = tables(read(locale, "writing-clauses.md"), "facts")[0]
    assert tuple(first(table)) == KINDS
    for row in table:
        fields = {f.alias or n: f.is_required() for n, f in _kind(code(row[0])[0]).model_fields.items() if n not in ("key", "when")}
        assert (code(row[2]), code(row[3])) == ([n for n, r in fields.items() if r], [n for n, r in fields.items() if not r]), row[0]


def _literal(annotation: Any) -> tuple[str, ...]:
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    return next((found for found in map(_literal, get_args(annotation)) if found), ())


def _field_values() -> dict[tuple[str, tuple[str, ...]], list[str]]:
    """Return for each field that holds terms or fixed values: (name, scheme or values) and the kinds that have it."""
    found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for kind in KINDS:
        for name, field in _kind(kind).model_fields.items():
            scheme = records.field_scheme(field)
            values = (scheme,) if scheme else _literal(field.annotation)
            if values:
                found.setdefault((field.alias or name, values), []).append(kind)
    return found


@both
def test_the_table_of_fields(locale: str) -> None:
    table = tables(read(locale, "writing-clauses.md"), "facts")[1]
    assert {(code(row[0])[0], tuple(code(row[2]))): code(row[1]) for row in table} == _field_values()


@both
def test_the_table_of_fields_with_parts(locale: str) -> None:
    parts = {}
    for kind in KINDS:
        for name, field in _kind(kind).model_fields.items():
            for inner in records.inner_models(field.annotation):
                if inner.__name__ != "From":
                    parts[name] = list(inner.model_fields)
    table = tables(read(locale, "writing-clauses.md"), "facts")[2]
    assert {code(row[0])[0]: [n for n in code(row[1]) if n in parts[code(row[0])[0]]] for row in table} == parts


KEYS = [
    ("writing-clauses.md", "keys", model.Clause),
    ("policies.md", "keys", model.Policy),
    ("policies.md", "sections", model.ClauseUse),
    ("vocabulary.md", "terms", model.Term),
    ("vocabulary.md", "glossary", model.GlossaryTerm),
    ("settings.md", "clausebook", model.Settings),
]


@both
@pytest.mark.parametrize(("page", "heading", "record"), KEYS)
def test_a_table_of_keys(locale: str, page: str, heading: str, record: Any) -> None:
    table = tables(read(locale, page), heading)[0]
    fields = {field.alias or name: field for name, field in record.model_fields.items()}
    assert sorted(first(table)) == sorted(fields)
    words = {"zh": {"是": True, "否": False}, "en": {"yes": True, "no": False}}[locale]
    for row in table:
        if row[1] in words:
            assert fields[code(row[0])[0]].is_required() is words[row[1]], row[0]


@both
def test_the_table_of_settings(locale: str) -> None:
    mine, of_a_locale = tables(read(locale, "settings.md"), "clausebook")
    defaults = model.Settings()
    for row in mine:
        value = getattr(defaults, code(row[0])[0])
        shown = [str(value).lower() if isinstance(value, bool) else value] if isinstance(value, str | bool) else list(value or ())
        shown = [] if isinstance(value, model.ChangeSettings) else shown
        assert code(row[1]) == shown, row[0]
    assert {code(row[0])[0]: row[1] in ("是", "yes") for row in of_a_locale} == {
        name: field.is_required() for name, field in model.LocaleSetting.model_fields.items()
    }


@both
def test_the_table_of_templates(locale: str) -> None:
    named = {name for row in tables(read(locale, "settings.md"), "templates")[0] for name in code(row[0])}
    assert named == {path.name + "/" * path.is_dir() for path in (ROOT / "templates").iterdir()}


@both
def test_the_table_of_numbers(locale: str) -> None:
    table = tables(read(locale, "policies.md"), "numbering")[0]
    schemes = [name for name in messages.catalogue("en")["numbering"] if name not in ("part", "ref")]
    shown = [[name, *([label(Position(name, (1,) * n), lang) for n in range(1, 5)] for lang in ("zh", "en"))] for name in schemes]
    assert [[code(row[0])[0], code(row[1]), code(row[2])] for row in table] == shown


@both
def test_the_table_of_formats(locale: str) -> None:
    assert first(tables(read(locale, "checking.md"), "formats")[0]) == list(listing.PROBLEMS)


@both
def test_the_table_of_exit_codes(locale: str) -> None:
    codes = [errors.CLEAN, errors.FINDINGS, errors.USER_ERROR, errors.BUG, errors.INTERRUPTED]
    assert [int(found) for found in first(tables(read(locale, "checking.md"), "exit-codes")[0])] == codes


@both
def test_the_ids_kept_for_the_site(locale: str) -> None:
    assert blocks(read(locale, "errors-and-limits.md"))[-1].text.split() == sorted(model.RESERVED_IDS)


# Limits


def limit(name: str) -> int:
    """Return the limit a dotted name of the code stands for: a constant, a type with a bound, or a field with one."""
    module, *rest = name.split(".")
    found: Any = importlib.import_module(f"clausebook.{module}")
    for part in rest:
        found = getattr(found, "model_fields", {}).get(part) or getattr(found, part)
    return found if isinstance(found, int) else next(filter(None, map(_bound, getattr(found, "__metadata__", None) or found.metadata)))


def _bound(mark: Any) -> int:
    inner = [getattr(mark, name, None) for name in ("max_length", "le")] + [_bound(m) for m in getattr(mark, "metadata", ())]
    return next(filter(None, inner), 0)


@both
def test_the_table_of_limits(locale: str) -> None:
    table = tables(read(locale, "errors-and-limits.md"), "limits")[0]
    shown = {code(row[2])[0]: int(re.findall(r"\d[\d,]*", row[1])[0].replace(",", "")) for row in table}
    assert shown == {name: limit(name) for name in shown}
    constants = {
        f"{path.stem}.{name}"
        for path in (ROOT / "generator" / "clausebook").glob("*.py")
        for name in re.findall(r"^(MAX_[A-Z_]+) =", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert len(constants) >= 10
    assert constants <= set(shown)


@both
def test_the_openers_are_named(locale: str) -> None:
    row = next(row for row in tables(read(locale, "errors-and-limits.md"), "limits")[0] if "MAX_OPENERS" in row[2])
    assert "".join(re.findall(r"`` (.+?) ``", row[0])[0].split()) == language.OPENERS


# The headers of the guide


@pytest.fixture
def published(nginx: Path, built_site: Path, tmp_path: Path) -> Any:
    """Serve the built site with the guide's server block, on a port of this machine without TLS; give its address."""
    shown = next(block.text for block in blocks(read("en", "publish.md")) if block.kind == "nginx")
    port = server._free_port()
    hashes = subprocess.run([sys.executable, ROOT / "scripts" / "csp_hashes.py", built_site], capture_output=True, text=True, check=True)
    for old, new in (
        ("listen 80;", f'listen "unix:{tmp_path}/80";'),
        ("listen 443 ssl;", f"listen 127.0.0.1:{port};"),
        ("HASHES", hashes.stdout.strip()),
        ("/srv/policies/site", f'"{built_site}"'),
    ):
        assert shown.count(old) == 1, old
        shown = shown.replace(old, new)
    shown = re.sub(r"^ *(listen \[::\]|ssl_certificate).*\n", "", shown, flags=re.MULTILINE)
    types = "text/html html; text/css css; application/javascript js; application/json json; text/xml xml; image/png png;"
    places = "".join(f'{name}_temp_path "{tmp_path}/{name}"; ' for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    head = f'daemon off; master_process off; pid "{tmp_path}/pid"; error_log "{tmp_path}/error.log"; events {{}}\n'
    config = tmp_path / "nginx.conf"
    config.write_text(f"{head}http {{ access_log off; {places}types {{ {types} }}\n{shown}}}\n", encoding="utf-8")
    with subprocess.Popen([nginx, "-p", tmp_path, "-c", config], stdin=subprocess.DEVNULL) as process:
        try:
            assert server._answers(process, port), (tmp_path / "error.log").read_text()
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


CACHED, ASKED = "public, max-age=31536000, immutable", "no-cache"


def test_the_headers_of_the_guide_let_the_site_work(browser: Browser, published: str) -> None:
    refused: list[str] = []
    cache: dict[str, str] = {}
    page = browser.new_page()
    page.on("console", lambda message: refused.append(message.text) if "Content Security Policy" in message.text else None)
    page.on("response", lambda answer: cache.update({answer.url.removeprefix(published): answer.headers["cache-control"]}))
    for address in ("/", "/zh/gov-im/", "/en/enterprise-email/lists/collected/", "/zh/gov-im/bilingual/", "/zh/guide/publish/"):
        answer = page.goto(published + address)
        assert answer
        assert answer.status == 200
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
    page.goto(published + "/zh/gov-im/")
    page.click("input.md-search__input")
    page.fill("input.md-search__input", "收集")
    page.press("input.md-search__input", "End")  # the theme listens to keys
    page.wait_for_selector("a.md-search-result__link")
    missing = page.goto(published + "/zh/nothing/")
    assert missing
    assert missing.status == 404
    page.close()
    assert refused == []
    assert "/zh/search/search_index.json" in cache
    hashed = {path for path in cache if re.search(r"\.[0-9a-f]{8}\.min\.(css|js)$", path)}
    assert {cache[path] for path in hashed} == {CACHED}
    assert {value for path, value in cache.items() if path not in hashed} == {ASKED}


def test_the_schema_names_of_the_editor_settings_exist() -> None:
    named = json.loads((ROOT / ".vscode" / "settings.json").read_text(encoding="utf-8"))["yaml.schemas"]
    assert [name for name in named if not (ROOT / name).is_file()] == []


@both
def test_the_table_of_kinds_of_change(locale: str) -> None:
    """If this fails, put in what it shows."""
    text = (GUIDE[locale] / "changes.md").read_text(encoding="utf-8")
    assert text.endswith("\n" + formats.kinds(project.rulebook(), locale) + "\n")
