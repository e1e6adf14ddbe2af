"""Defined words lead to their definitions: which uses do, where they lead, and that no text and no fingerprint changes by it."""

from __future__ import annotations

import datetime
import json
import re
from functools import cache

import pytest

from clausebook import project, site
from clausebook.blocks import Block, Run
from clausebook.document import Document
from clausebook.ledger import read_all
from clausebook.site import html, terms
from clausebook.tree import Folder
from tests import small
from tests.conftest import ROOT
from tests.reading import lost, read

TEMPLATES = ROOT / "templates"


def defines(zh: str, en: str) -> str:
    return "facts: " + json.dumps({"defines": [{"term": {"zh": zh, "en": en}}]}, ensure_ascii=False) + "\n"


DEFINITIONS = {
    "info": small.text("“个人信息”，指甲。", '"Personal information" means A.', defines("个人信息", "personal information")),
    "sensitive": small.text(
        "“敏感个人信息”，指乙。",
        '"Sensitive personal information" means B.',
        defines("敏感个人信息", "sensitive personal information"),
    ),
    "cookie": small.text("我们用技术手段。\n\n统称“Cookie”。", 'We use technology.\n\nTogether "cookies".', defines("Cookie", "cookies")),
    "product": small.text("“云邮”，指丙。", '"Cloud Mail" means C.', defines("云邮", "Cloud Mail")),
}  # fmt: skip
PROFILE = small.PROFILE + "  product: {name: {zh: 云邮, en: Cloud Mail}}\n"
WORDS = "terms:\n  - {id: handler, preferred: {zh: 个人信息处理者, en: personal information handler}}\n"


def document(zh: str, en: str, glossary: str = WORDS) -> tuple[Document, terms.Terms, terms.Terms]:
    texts = small.files({**DEFINITIONS, "a": small.text(zh, en)}, profile=PROFILE)
    opened = small.opened({**texts, "clauses/vocabulary/glossary.yml": glossary}).sound()
    words = opened.library.glossary.value.terms if opened.library.glossary else ()
    made = opened.documents["p"]
    return made, terms.of(made, "zh", words), terms.of(made, "en", words)


def shown(zh: str, en: str) -> tuple[str, str]:
    """Return a clause in both languages with what is linked in brackets."""
    made, *found = document(zh, en)
    entry = small.entry(made, "a")
    one, other = (_marked(entry.blocks[loc], its, "a") for loc, its in zip(("zh", "en"), found, strict=True))
    return one, other


def _marked(blocks: tuple[Block, ...], found: terms.Terms, anchor: str) -> str:
    made = terms.linked(blocks, found, anchor)
    return "/".join("".join(f"[{r.text}]" if isinstance(r, html.Defined) else r.text for r in block.runs) for block in made)


ZH = {
    "first use of a clause": ("处理个人信息，个人信息。\n\n个人信息。", "处理[个人信息]，个人信息。/个人信息。"),
    "longest match": ("敏感个人信息与个人信息。", "[敏感个人信息]与[个人信息]。"),
    "title of a law": ("依照《个人信息规定》处理个人信息。", "依照《个人信息规定》处理[个人信息]。"),
    "words of another": ("“个人信息权益”和个人信息。", "“个人信息权益”和[个人信息]。"),
    "link": ("见[个人信息](https://a.example/)；个人信息。", "见个人信息；[个人信息]。"),
    "longer word": ("个人信息处理者处理个人信息。", "个人信息处理者处理[个人信息]。"),
    "look that changes inside": ("个人**信息**，个人信息。", "个人信息，[个人信息]。"),
    "bold": ("**敏感个人信息。**", "[敏感个人信息]。"),
    "letters beside Han": ("使用 SuperCookie 或者 Cookie。", "使用 SuperCookie 或者 [Cookie]。"),
    "product": ("云邮处理邮件。", "云邮处理邮件。"),
}
EN = {
    "head of a sentence": ("Personal information. Personal information.", "[Personal information]. Personal information."),
    "longest match": ("Sensitive personal information, personal information.", "[Sensitive personal information], [personal information]."),
    "name of a law": ("The Personal Information Law, personal information.", "The Personal Information Law, [personal information]."),
    "name after a word": ("Personal information Office; personal information.", "Personal information Office; [personal information]."),
    "words of another": ('"personal information" or “personal information”.', '"personal information" or “personal information”.'),
    "longer word": ("The personal information handler.", "The personal information handler."),
    "part of a word": ("Depersonal information-based, a.cookies, cookies@b.", "Depersonal information-based, a.cookies, cookies@b."),
    "singular of a plural": ("A cookie, the cookies.", "A [cookie], the cookies."),
    "plural": ("No personal informations.", "No [personal informations]."),
    "possessive": ("The cookie's life.", "The [cookie]'s life."),
    "product": ("Cloud Mail.", "Cloud Mail."),
}


@pytest.mark.parametrize(("text", "expected"), ZH.values(), ids=ZH)
def test_chinese(text: str, expected: str) -> None:
    assert shown(text, "A.")[0] == expected


@pytest.mark.parametrize(("text", "expected"), EN.values(), ids=EN)
def test_english(text: str, expected: str) -> None:
    assert shown("甲。", text)[1] == expected


def test_letters_beside_han_without_a_space() -> None:
    _, zh, _ = document("甲。", "A.")
    block = Block("paragraph", 0, (Run("类Cookie技术"),))
    assert _marked((block,), zh, "a") == "类[Cookie]技术"
    assert _marked((block,), zh, "cookie") == "类Cookie技术"  # the clause that defines it


def test_a_link_leads_to_the_block_that_defines() -> None:
    made, zh, en = document("Cookie。", "Cookies.")
    for found, loc in ((zh, "zh"), (en, "en")):
        targets = [run.href for block in terms.linked(small.entry(made, "a").blocks[loc], found, "a") for run in block.runs if run.href]
        assert targets == ["#cookie--2"]


def test_definitions_lead_to_one_another_and_not_to_themselves() -> None:
    clauses = {
        **DEFINITIONS,
        "sensitive": small.text("“敏感个人信息”，指要紧的个人信息；敏感个人信息包括丁。", "B.", defines("敏感个人信息", "b")),
    }
    made = small.document(clauses)
    assert _marked(small.entry(made, "sensitive").blocks["zh"], terms.of(made, "zh"), "sensitive") == (
        "“敏感个人信息”，指要紧的[个人信息]；敏感个人信息包括丁。"
    )


def test_a_document_without_definitions_keeps_its_blocks() -> None:
    made = small.document({"a": small.text("个人信息。", "A.")})
    blocks = small.entry(made, "a").blocks["zh"]
    assert terms.linked(blocks, terms.of(made, "zh"), "a") == blocks


# On the pages of the repository's own policies, drafts and releases


@cache
def built() -> dict[str, site.SitePage]:
    opened = project.open(ROOT).sound()
    ledgers, problems = read_all(Folder(ROOT), "policies")
    assert problems == []
    day = datetime.date(2026, 11, 27)
    made = site.Site(opened.settings, opened.library, opened.documents, (TEMPLATES,), day, ledgers=ledgers, preview=True)
    return {page.address: page for page in site.build(made)}


LINK = re.compile(r'<a class="cb-defined" href="(#[a-z0-9-]+--\d+)">(.*?)</a>')
PLACES = ("", "1.0.0/", "2.0.0/", "draft/")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", ["", "bilingual/"])
@pytest.mark.parametrize("policy", ["enterprise-email", "gov-im"])
@pytest.mark.parametrize("locale", ["zh", "en"])
def test_the_links_of_a_page_arrive_at_blocks_of_that_page(policy: str, locale: str, place: str, kind: str) -> None:
    page = built()[f"{locale}/{policy}/{place}{kind}"]
    found, ids = LINK.findall(str(page.content)), read(page).ids
    assert len(found) > 40
    assert {href[1:] for href, _ in found} <= set(ids)
    assert len(set(ids)) == len(ids)


def test_no_link_of_these_pages_is_lost() -> None:
    pages = {address: page for address, page in built().items() if address.endswith(("/draft/", "/2.0.0/", "bilingual/"))}
    inside = {address: read(page) for address, page in pages.items()}
    for found in inside.values():
        found.hrefs = [href for href in found.hrefs if href.startswith("#")]
    assert lost(inside, ()) == []


def test_a_heading_and_a_link_hold_no_link_to_a_definition() -> None:
    for page in built().values():
        for outer in re.findall(r"<h[1-6].*?</h[1-6]>|<dl.*?</dl>|<table.*?</table>", str(page.content), re.DOTALL):
            assert "cb-defined" not in outer
        assert not re.search(r"<a [^>]*>(?:(?!</a>).)*<a ", str(page.content), re.DOTALL)


@pytest.mark.parametrize("policy", ["enterprise-email", "gov-im"])
@pytest.mark.parametrize("locale", ["zh", "en"])
def test_a_version_page_still_has_the_text_of_its_release_file_block_by_block(policy: str, locale: str) -> None:
    for version in ("1.0.0", "2.0.0"):
        data = json.loads((ROOT / f"policies/{policy}/releases/{version}.json").read_text(encoding="utf-8"))["document"]
        todo, clauses = list(data["sections"]), []
        while todo:
            section = todo.pop()
            clauses += section["clauses"]
            todo += section["sections"]
        content = str(built()[f"{locale}/{policy}/{version}/"].content)
        words = re.sub(r"<[^>]+>", "", content).replace("&amp;", "&").replace("&gt;", ">").replace("&lt;", "<").replace("&quot;", '"')
        texts = ["".join(run["text"] for run in block["runs"]) for clause in clauses for block in clause["text"][locale]]
        assert len(texts) > 100
        assert [text for text in texts if text not in words] == []
