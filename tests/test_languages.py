"""Nothing knows how many languages there are: two more are added to this repository by settings and files alone."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import html5lib
import pytest

from clausebook import project
from clausebook.document import Document
from tests import small
from tests.conftest import ROOT

POLICY = "enterprise-email"
SETTINGS = """  - clausebook:
      coverage: published
      locales:
        zh: {name: 中文, lang: zh-CN}
        en: {name: English, lang: en}
        fr: {name: Français, lang: fr}
        zh-Hant: {name: 繁體中文, lang: zh-Hant}
"""
FRENCH = """  fr:
    title: Mises à jour de la politique
    body: |
      Nous publions chaque mise à jour.
"""
HANT = """  zh-Hant:
    title: 政策更新
    machine_draft: true
    body: |
      我們公布每次更新。
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of this repository with French and Traditional Chinese, and a text in each of one clause only."""
    root = tmp_path_factory.mktemp("site")
    for name in ("clauses", "policies", "docs"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("releases"))
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    (root / "mkdocs.yml").write_text(settings.replace("  - clausebook\n", SETTINGS), encoding="utf-8")
    for file in root.glob("policies/*/policy.yml"):
        text = file.read_text(encoding="utf-8")
        assert text.count("locales: [zh, en]") == 1
        file.write_text(text.replace("locales: [zh, en]", "locales: [zh, en, fr, zh-Hant]"), encoding="utf-8")
    clause = root / "clauses/common/policy-update-publication.yml"
    assert clause.is_file()
    clause.write_text(clause.read_text(encoding="utf-8").rstrip("\n") + "\n" + FRENCH + HANT, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def site(root: Path) -> Path:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return root / "site"


@pytest.fixture(scope="module")
def document(root: Path) -> Document:
    opened = project.open(root)
    assert opened.errors == []
    return opened.documents[POLICY]


def article(site: Path, locale: str, page: str = "") -> object:
    text = (site / locale / POLICY / page / "index.html").read_text(encoding="utf-8")
    return html5lib.parse(text, namespaceHTMLElements=False).find(".//article")


def clauses(found: object) -> list[tuple[str, str | None, str | None, str]]:
    """Return for each clause its anchor, the language its body declares, that of its heading, and its note."""
    sections = [s for s in found.iter("section") if s.get("class") == "cb-clause"]  # type: ignore[attr-defined]
    made = []
    for section in sections:
        heading = next(e for e in section.iter() if re.fullmatch("h[2-6]", str(e.tag)))
        body = next(e for e in section.iter("div") if e.get("class") == "cb-body")
        notes = [" ".join("".join(e.itertext()).split()) for e in section.iter("p") if e.get("class") == "cb-note"]
        made.append((heading.get("id"), body.get("lang"), heading.get("lang"), " ".join(notes)))
    return made


GAPS = {
    "fr": ("This clause has not been translated. The Chinese text is shown.", "en", ""),
    "zh-Hant": ("本条尚无译文，以下为中文文本。", "zh-Hant", "此条译文为机器翻译，尚未经人核对。 阅读中文原文"),
}


@pytest.mark.parametrize("locale", GAPS)
def test_every_gap_is_marked_on_the_page(site: Path, document: Document, locale: str) -> None:
    missing, _, made = GAPS[locale]
    expected = [
        (entry.anchor, *((None, None, made) if entry.clause == "policy-update-publication" else ("zh-CN", "zh-CN", missing)))
        for entry in document.entries()
    ]
    assert sum(row[3] != missing for row in expected) == 1
    assert clauses(article(site, locale)) == expected


@pytest.mark.parametrize("locale", GAPS)
def test_the_head_of_the_page_counts_the_gaps(site: Path, document: Document, locale: str) -> None:
    found = article(site, locale)
    (head,) = [e for e in found.iter("p") if e.get("class") == "cb-prevails"]  # type: ignore[attr-defined]
    said = "".join(head.itertext())
    total = len(list(document.entries()))
    names = len(document.terms) + len(list(document.walk())) + 1
    if locale == "fr":
        assert f"Of {total} clauses: {total - 1} not translated. {names} names and headings are shown in Chinese." in said
        assert head.get("lang") == "en"
    else:
        assert f"共 {total} 条，其中{total - 1} 条尚无译文、1 条为机器翻译。{names} 个名称和标题以中文显示。" in said
        assert head.get("lang") is None


def test_the_bilingual_page_has_every_language_and_marks_every_gap(site: Path, document: Document) -> None:
    found = article(site, "fr", "bilingual")
    cells = [(e.get("lang"), "".join(e.itertext()).strip()) for e in found.iter("div") if e.get("class") == "cb-cell"]  # type: ignore[attr-defined]
    lacking = sum(len(entry.blocks["zh"]) for entry in document.entries() if "fr" in entry.missing)
    assert cells.count(("en", "not translated")) == lacking > 100
    assert [text for lang, text in cells if lang == "fr"][1:] == ["Nous publions chaque mise à jour."]


def test_every_page_is_there_in_every_language(site: Path) -> None:
    def pages(locale: str) -> list[str]:
        return sorted(page.relative_to(site / locale).as_posix() for page in (site / locale / POLICY).rglob("index.html"))

    assert pages("en") == pages("fr") == pages("zh-Hant")
    assert len(pages("fr")) > 10
    text = (site / "fr" / POLICY / "index.html").read_text(encoding="utf-8")
    assert '<html lang="fr"' in text
    assert all(f'hreflang="{lang}"' in text for lang in ("zh-CN", "en", "zh-Hant"))


# A clause is in one language or in another, never in two.

HEAD = "id: p\ntitle: {zh: 政策}\nlocales: [zh, en]\n"
PROFILE = "profile:\n  operator: {name: {zh: 某公司}, site: {zh: 网站, en: site}}\n"
SECTIONS = "sections:\n  - {id: s, title: {zh: 章}, clauses: [a]}\n"


@pytest.mark.parametrize(
    ("zh", "en", "missing", "told"),
    [
        ("{{ operator.site }}甲", "{{ operator.site }} A", False, []),
        ("{{ operator.name }}甲", "{{ operator.name }} A", True, ["value-untranslated"]),
        ("{{ operator.name | link }}甲", "{{ operator.name | link }} A", True, ["value-untranslated"]),
        ("{% if operator.name %}甲{% endif %}", "{% if operator.name %}A{% endif %}", False, []),
    ],
)
def test_a_value_without_a_translation(zh: str, en: str, missing: bool, told: list[str]) -> None:
    opened = small.opened(small.files({"a": small.text(zh, en)}, SECTIONS, HEAD, PROFILE)).sound()
    entry = small.entry(opened.documents["p"], "a")
    assert (("en" in entry.missing), ("en" in entry.blocks)) == (missing, not missing)
    assert {p.severity for p in opened.problems} == {"warning"}
    assert [p.code for p in opened.problems if p.code != "locale-missing"] == told
    assert sum(p.code == "locale-missing" for p in opened.problems) == 3  # the name, two titles


def test_what_the_source_lacks_is_an_error() -> None:
    head, profile = HEAD.replace("{zh: 政策}", "{en: Policy}"), PROFILE.replace("{zh: 某公司}", "{en: Company}")
    opened = small.opened(small.files({"a": small.text("甲", "A")}, SECTIONS.replace("zh: 章", "en: C"), head, profile))
    assert [(p.code, p.severity) for p in opened.problems] == [("locale-missing", "error")] * 3
