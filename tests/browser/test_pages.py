"""What a reader sees: every kind of page in both languages, with and without script, on a phone, in the dark and on paper."""

from __future__ import annotations

import datetime
import itertools
import re
from pathlib import Path
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Page, expect

from clausebook import project, site
from clausebook.document import Document
from clausebook.lists import LISTS
from tests import markup
from tests.browser.conftest import Opening, Tab
from tests.browser.kinds import KINDS, LANGS

ROOT = Path(__file__).parents[2]
SITEMAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
POLICIES = ("enterprise-email", "gov-im")
TITLES = {
    "enterprise-email": {"zh": "企业邮箱隐私政策", "en": "Enterprise Email Privacy Policy"},
    "gov-im": {"zh": "法律声明及隐私权政策", "en": "Legal Statement and Privacy Policy"},
}
VERSION = r"\d+\.\d+\.\d+(?:-[a-z]+\.\d+)?"
NOT_PRINTED = ["header.md-header", ".md-sidebar", ".cb-languages", ".headerlink", ".md-top", ".md-footer", ".md-search"]

# The words of the theme: all text and labels outside the content that are not marked as being in another language.
THEME_WORDS = """(visible) => {
  const found = [];
  const own = document.documentElement.lang;
  const take = (text) => { if (text && text.trim()) found.push(text.trim().replace(/\\s+/g, ' ')); };
  const walk = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return take(node.textContent);
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    if (['SCRIPT', 'STYLE', 'ARTICLE', 'SVG'].includes(node.tagName.toUpperCase())) return;
    if (node.lang && node.lang !== own || visible && !node.checkVisibility()) return;
    for (const name of ['aria-label', 'title', 'placeholder', 'alt']) take(node.getAttribute(name));
    node.childNodes.forEach(walk);
  };
  walk(document.body);
  if (visible) return found;
  const config = JSON.parse(document.getElementById('__config').textContent);
  Object.values(config.translations).forEach(take);
  return found;
}"""
BILINGUAL = ("政策 · Policies", "深色 · Dark", "浅色 · Light")  # the site's name and the switch name both languages


@pytest.fixture(scope="module")
def documents() -> dict[str, Document]:
    """Return what stands at the address of each policy: the version in force today, without releases the draft."""
    opened = project.open(ROOT).sound()
    today = project.as_of(opened.settings, datetime.datetime.now(datetime.UTC))
    found = site.Site(opened.settings, opened.library, opened.documents, (), today, ledgers=opened.ledgers)
    return {standing.policy: standing.current.document for standing in found.standings}


@pytest.fixture(scope="module")
def base(built_site: Path) -> str:
    """Return the address the site is published at."""
    return next(e.attributes["href"] for e in markup.read(built_site / "index.html").all("link") if "canonical" in e.rel())


def _lang(address: str) -> str:
    return LANGS["en" if address.startswith("en/") else "zh"]


def _twins(address: str) -> dict[str, str]:
    """Return the addresses of a page in every language."""
    locale, _, rest = address.partition("/")
    return {lang: f"{loc}/{rest}" for loc, lang in LANGS.items()} if locale in LANGS else {}


# All pages, as files


def test_kinds_cover_the_site(built_site: Path) -> None:
    """A new kind of page must be added to KINDS, so that every test of this folder sees it."""
    assert {_kind(a.partition("/")[2]) for a in markup.addresses(built_site) if a} == {_kind(a) for a in KINDS.values()}


def _kind(address: str) -> str:
    """All lists are pages of one kind, and so are all versions, all redlines and all pages of the guide."""
    found = re.sub("^(enterprise-email|gov-im)/", "", re.sub("^guide/.+", "guide/", address))
    found = re.sub(rf"{VERSION}\.\.{VERSION}", "one..other", found)
    found = re.sub(rf"(^|since/){VERSION}/", r"\1one/", found)
    return re.sub("^lists/.+", "lists/one/", found)


def test_every_page_names_its_language(built_site: Path) -> None:
    found = {a: markup.read(built_site / a / "index.html").all("html")[0].attributes["lang"] for a in markup.addresses(built_site)}
    assert found == {address: _lang(address) for address in found}


def test_every_page_has_a_title_of_its_own(built_site: Path) -> None:
    titles = {a: markup.read(built_site / a / "index.html").all("title")[0].text for a in markup.addresses(built_site)}
    for policy, named in TITLES.items():
        for locale, title in named.items():
            pages = [a for a in titles if a.startswith(f"{locale}/{policy}/")]
            own = [a for a in pages if _kind(a.partition("/")[2]) in ("", "bilingual/", "lists/", "lists/one/")]
            assert len(own) == 3 + len(LISTS)
            assert [a for a in pages if title not in titles[a]] == []
    assert len(set(titles.values())) == len(titles)


def test_headings_are_in_order(built_site: Path) -> None:
    """One h1, first; no level is left out on the way down."""
    wrong = []
    for address in [*markup.addresses(built_site), None]:
        file = built_site / "404.html" if address is None else built_site / address / "index.html"
        levels = [int(e.tag[1]) for e in markup.read(file).all("h1", "h2", "h3", "h4", "h5", "h6")]
        jumps = [(above, level) for above, level in itertools.pairwise(levels) if level > above + 1]
        if levels[0] != 1 or levels.count(1) != 1 or jumps:
            wrong.append((address, levels[0], levels.count(1), jumps))
    assert wrong == []


def test_ids_are_unique(built_site: Path) -> None:
    for address in markup.addresses(built_site):
        ids = markup.read(built_site / address / "index.html").ids()
        assert sorted({i for i in ids if ids.count(i) > 1}) == [], address


def test_canonical_and_alternates_are_right_and_reciprocal(built_site: Path, base: str) -> None:
    assert base.endswith("/")
    for address in markup.addresses(built_site):
        links = markup.read(built_site / address / "index.html").all("link")
        assert [e.attributes["href"] for e in links if "canonical" in e.rel()] == [base + _canonical(address)]
        alternates = {e.attributes["hreflang"]: e.attributes["href"] for e in links if "alternate" in e.rel()}
        assert alternates == {lang: base + twin for lang, twin in _twins(address).items()}, address
        assert all((built_site / twin / "index.html").is_file() for twin in _twins(address).values())


def _canonical(address: str) -> str:
    """A redline stands for the newer of its versions."""
    return re.sub(r"changes/[^/]+\.\.([^/]+)/$", r"\1/", address)


def test_pages_that_compare_ask_not_to_be_indexed(built_site: Path) -> None:
    for address in markup.addresses(built_site):
        robots = [
            e.attributes["content"]
            for e in markup.read(built_site / address / "index.html").all("meta")
            if e.attributes.get("name") == "robots"
        ]
        assert robots == (["noindex"] if _compares(address) else []), address


def _compares(address: str) -> bool:
    return ".." in address or "/changes/since/" in address


def test_sitemap_lists_every_page_with_its_languages(built_site: Path, base: str) -> None:
    tree = ElementTree.fromstring((built_site / "sitemap.xml").read_bytes())
    found = {}
    for url in tree.findall("s:url", SITEMAP):
        links = {link.attrib["hreflang"]: link.attrib["href"] for link in url.findall("x:link[@rel='alternate']", SITEMAP)}
        found[url.findtext("s:loc", namespaces=SITEMAP)] = links
    listed = [a for a in markup.addresses(built_site) if not _compares(a)]
    expected = {base + a: {lang: base + twin for lang, twin in _twins(a).items()} for a in listed}
    assert found == expected


def test_no_page_names_another_origin_for_what_it_loads(built_site: Path, base: str) -> None:
    foreign = []
    for file in sorted(built_site.rglob("*.html")):
        for element in markup.read(file).all("link", "script", "img", "iframe", "source", "video", "audio", "object", "embed"):
            if element.rel() & {"canonical", "alternate"}:
                assert element.attributes["href"].startswith(base)
                continue
            named = [element.attributes.get(name, "") for name in ("src", "href", "srcset", "data")]
            foreign += [(file.name, element.line, n) for n in named if urlsplit(n).scheme not in ("", "data") or n.startswith("//")]
    styles = [file.read_text(encoding="utf-8") for file in sorted(built_site.rglob("*.css"))]
    assert foreign == []
    assert re.findall(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//[^)]+", "".join(styles)) == []


def test_clause_anchors_are_clause_ids(built_site: Path, documents: dict[str, Document]) -> None:
    """On the policy page each stands on a heading that links to itself; the bilingual page has the same anchors."""
    assert tuple(documents) == POLICIES
    for policy, document in documents.items():
        expected = {entry.anchor for entry in document.entries()} | {part.anchor for part in document.walk()}
        assert {entry.clause for entry in document.entries()} <= expected | {e.clause for e in document.entries() if e.anchor != e.clause}
        for locale in document.policy.locales:
            page = markup.read(built_site / locale / policy / "index.html")
            headings = {e.attributes["id"] for e in page.all("h2", "h3", "h4", "h5", "h6") if "id" in e.attributes}
            links = {e.attributes["href"] for e in page.all("a") if "headerlink" in e.attributes.get("class", "")}
            assert headings - {"summary", "changes--here"} == expected
            assert {f"#{anchor}" for anchor in expected} <= links
            aligned = markup.read(built_site / locale / policy / "bilingual" / "index.html")
            assert expected <= set(aligned.ids())


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("locale", LANGS)
def test_every_cell_of_the_bilingual_page_has_its_language(built_site: Path, policy: str, locale: str) -> None:
    page = markup.read(built_site / locale / policy / "bilingual" / "index.html")
    cells = [e for e in page.elements if "cb-cell" in e.attributes.get("class", "").split()]
    assert len(cells) > 200
    assert [e.attributes.get("lang") for e in cells] == ["zh-CN", "en"] * (len(cells) // 2)
    chinese = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")  # letters or punctuation
    assert [c.text for c in cells[::2] if not chinese.search(c.text)] == []
    assert [c.text for c in cells[1::2] if not re.search("[a-z]", c.text)] == []


# Pages in the browser


def test_a_page_asks_only_its_own_site_and_has_no_fault(visited: Tab, site_url: str) -> None:
    assert len(visited.requests) > 3
    assert [url for url in visited.requests if not url.startswith((f"{site_url}/", "data:"))] == []
    assert visited.errors == []


def test_theme_words_are_in_the_language_of_the_page(visited: Tab) -> None:
    words = [w for w in visited.page.evaluate(THEME_WORDS, False) if w not in BILINGUAL]
    assert len(words) > 15
    assert [word for word in words if _foreign(word, visited.locale)] == []


def _foreign(word: str, locale: str) -> bool:
    han, latin = re.search("[\u4e00-\u9fff]", word), re.search("[A-Za-z]{2}", word)
    return bool(han) if locale == "en" else bool(latin and not han)


@pytest.mark.parametrize(("kind", "policy"), [(k, a.split("/")[0]) for k, a in KINDS.items()])
@pytest.mark.parametrize("locale", LANGS)
def test_navigation_leads_to_the_same_language(built_site: Path, kind: str, policy: str, locale: str) -> None:
    address = f"{locale}/{KINDS[kind]}"
    page = markup.read(built_site / address / "index.html")
    links = [e for e in page.all("a") if "md-nav__link" in e.attributes.get("class", "") and not e.attributes["href"].startswith("#")]
    targets = {urljoin(f"/{address}", e.attributes["href"]) for e in links}
    assert {t for t in targets if not t.startswith(f"/{locale}/")} == set()
    assert {f"/{locale}/{p}/" for p in POLICIES} | {f"/{locale}/guide/"} <= targets | {f"/{address}"}


def test_print_shows_the_text_and_nothing_else(visited: Tab) -> None:
    page = visited.page
    page.emulate_media(media="screen", color_scheme="light")
    text = _words(page.locator("article").first.inner_text())
    page.emulate_media(media="print")
    shown = page.evaluate("parts => parts.filter(p => [...document.querySelectorAll(p)].some(e => e.checkVisibility()))", NOT_PRINTED)
    assert shown == []
    expect(page.locator("article h1").first).to_be_visible()
    assert _words(page.locator("article").first.inner_text()) == text


def _words(text: str) -> str:
    return re.sub(r"[\s¶]", "", text)


def test_no_sideways_scrolling_on_a_small_phone(visited: Tab) -> None:
    visited.page.emulate_media(media="screen")
    visited.page.set_viewport_size({"width": 320, "height": 640})
    found = _sticking_out(visited.page)
    visited.page.set_viewport_size({"width": 1280, "height": 900})
    assert found == []


def test_no_sideways_scrolling_on_a_small_phone_without_script(plain: Tab) -> None:
    assert _sticking_out(plain.page) == []


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_no_sideways_scrolling_on_a_missing_page(opened: Opening, site_url: str, script: bool) -> None:
    assert _sticking_out(opened(f"{site_url}/en/nope/", width=320, java_script_enabled=script).page) == []


def _sticking_out(page: Page) -> list[str]:
    """Return what is wider than a small phone; only code and the tables of the guide may scroll inside their own box."""
    wide = page.evaluate("document.documentElement.scrollWidth")
    found: list[str] = page.locator("article").first.evaluate(
        """article => [...article.querySelectorAll('h1, h2, h3, h4, p, li, dd, td, tbody th, caption')]
          .filter(e => e.getBoundingClientRect().right > 321 && !e.closest('table:not([class])'))
          .map(e => e.tagName + ' ' + e.textContent.slice(0, 40))"""
    )
    return [*found, *([f"the page is {wide} wide"] if wide > 320 else [])]


def test_all_text_is_there_without_script(plain: Tab) -> None:
    hidden = plain.page.locator("article").first.evaluate(
        """article => [...article.querySelectorAll('h1, h2, h3, h4, h5, h6, p, li, dd, td')]
          .filter(e => !e.checkVisibility({visibilityProperty: true, opacityProperty: true})).map(e => e.textContent)"""
    )
    assert hidden == []
    expect(plain.page.locator("article h1").first).to_be_visible()
    assert plain.page.locator("details").count() == 0


def test_the_language_switch_works_without_script(plain: Tab, site_url: str) -> None:
    links = plain.page.locator("a.cb-language")
    expected = [f"/{twin}" for lang, twin in _twins(plain.address).items() if lang != LANGS[plain.locale]]
    assert [urlsplit(urljoin(plain.page.url, str(link.get_attribute("href")))).path for link in links.all()] == expected
    for link, target in zip(links.all(), expected, strict=True):
        expect(link).to_be_visible()
        link.click()
        assert plain.page.url == f"{site_url}{target}"
        plain.page.goto(f"{site_url}/{plain.address}")


@pytest.mark.parametrize("address", ["zh/enterprise-email/", "en/gov-im/bilingual/", "en/enterprise-email/lists/shared/"])
def test_a_page_becomes_a_pdf(opened: Opening, site_url: str, address: str) -> None:
    pdf = opened(f"{site_url}/{address}", color_scheme="dark").page.pdf(prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF-")
    assert b"/MediaBox [0 0 594.95996 841.91998]" in pdf  # A4
    assert len(re.findall(rb"/Type /Page\b(?!s)", pdf)) > 1


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("address", ["zh/enterprise-email/", "en/gov-im/bilingual/"])
def test_an_anchor_leads_to_its_clause(opened: Opening, site_url: str, documents: dict[str, Document], address: str, script: bool) -> None:
    anchor = list(documents[address.split("/")[1]].entries())[20].anchor
    page = opened(f"{site_url}/{address}#{anchor}", java_script_enabled=script).page
    box = page.locator(f"#{anchor}").bounding_box()
    header = page.locator("header.md-header").bounding_box()
    assert box
    assert header
    assert header["height"] <= box["y"] < 300


@pytest.mark.parametrize("address", ["", "zh/gov-im/", "en/gov-im/bilingual/", "nope/"])
def test_light_and_dark_follow_the_system(opened: Opening, site_url: str, address: str) -> None:
    assert _brightness(opened(f"{site_url}/{address}", color_scheme="light").page) > 240
    assert _brightness(opened(f"{site_url}/{address}", color_scheme="dark").page) < 60


def test_the_switch_for_light_and_dark_is_remembered(opened: Opening, site_url: str) -> None:
    page = opened(f"{site_url}/zh/gov-im/", color_scheme="light").page
    page.get_by_title("深色 · Dark").click()
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", "slate")
    assert _brightness(page) < 60
    page.goto(f"{site_url}/en/gov-im/lists/")
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", "slate")


def _brightness(page: Page) -> float:
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    red, green, blue = (int(part) for part in re.findall(r"\d+", colour)[:3])
    return (red + green + blue) / 3


# Changing the language


@pytest.mark.parametrize("kind", [k for k in KINDS if not k.startswith("guide")])
@pytest.mark.parametrize("locale", LANGS)
def test_the_language_switch_keeps_page_and_anchor(opened: Opening, site_url: str, locale: str, kind: str) -> None:
    other = "en" if locale == "zh" else "zh"
    page = opened(f"{site_url}/{locale}/{KINDS[kind]}").page
    anchors = page.evaluate("[...document.querySelectorAll('article :is(h2, h3, section, tr)[id]')].map(e => e.id)")
    anchor = f"#{anchors[len(anchors) // 2]}" if anchors else ""
    page.goto(f"{site_url}/{locale}/{KINDS[kind]}{anchor}")
    page.locator("a.cb-language").click()
    page.wait_for_url(f"{site_url}/{other}/{KINDS[kind]}{anchor}")
    assert page.evaluate("document.documentElement.lang") == LANGS[other]
    if anchor:
        expect(page.locator(anchor)).to_be_in_viewport()
    page.locator("a.cb-language").click()
    page.wait_for_url(f"{site_url}/{locale}/{KINDS[kind]}{anchor}")


def test_the_anchor_kept_is_the_last_one_followed(opened: Opening, site_url: str) -> None:
    page = opened(f"{site_url}/zh/gov-im/#summary").page
    page.locator(".md-sidebar--secondary a[href='#contact']").first.click()
    page.locator("a.cb-language").click()
    page.wait_for_url(f"{site_url}/en/gov-im/#contact")


# Addresses that do not exist


@pytest.mark.parametrize("locale", LANGS)
def test_a_missing_page_has_no_theme_words(opened: Opening, site_url: str, locale: str) -> None:
    page = opened(f"{site_url}/{locale}/nope/").page
    page.evaluate("document.querySelector('article').remove()")
    assert set(page.evaluate(THEME_WORDS, True)) <= set(BILINGUAL)


@pytest.mark.parametrize(
    ("address", "lang", "words", "others"),
    [
        ("zh/nope/", "zh-CN", "找不到页面", "Page not found"),
        ("en/nope/", "en", "Page not found", "找不到页面"),
        ("en/gov-im/nope.html", "en", "Page not found", "找不到页面"),
    ],
)
def test_a_missing_page_speaks_the_language_asked_for(
    opened: Opening, site_url: str, address: str, lang: str, words: str, others: str
) -> None:
    tab = opened(f"{site_url}/{address}")
    page = tab.page
    assert page.evaluate("document.documentElement.lang") == lang
    assert page.title() == f"404 · {words}"
    assert page.locator("h1").inner_text() == f"404 · {words}"
    assert others not in page.locator("body").inner_text()
    assert tab.errors == ["Failed to load resource: the server responded with a status of 404 (Not Found)"]
    page.locator("article a:visible").click()
    assert page.url == f"{site_url}/"


@pytest.mark.parametrize(("address", "script"), [("zh/nope/", False), ("en/nope/", False), ("nope/", False), ("nope/", True)])
def test_a_missing_page_speaks_both_languages_otherwise(opened: Opening, site_url: str, address: str, script: bool) -> None:
    page = opened(f"{site_url}/{address}", java_script_enabled=script).page
    answer = page.reload()
    assert answer is not None
    assert answer.status == 404
    parts = page.locator("article [lang]")
    assert [(p.get_attribute("lang"), p.inner_text()) for p in parts.all()] == [
        ("zh-CN", "404 · 找不到页面"),
        ("en", "404 · Page not found"),
        ("zh-CN", "此地址没有页面。 前往全部政策"),
        ("en", "There is no page at this address. Go to all policies"),
    ]
    for part in parts.all():
        expect(part).to_be_visible()


# Two languages side by side


@pytest.mark.parametrize("locale", LANGS)
def test_both_languages_stand_side_by_side_where_there_is_room(opened: Opening, site_url: str, locale: str) -> None:
    boxes = _pairs(opened(f"{site_url}/{locale}/gov-im/bilingual/", width=1280).page)
    assert len(boxes) > 100
    assert [b for b in boxes if abs(b["zh"]["y"] - b["en"]["y"]) > 1 or b["zh"]["right"] > b["en"]["x"]] == []
    assert len({round(b["en"]["x"]) for b in boxes}) == 1


@pytest.mark.parametrize("locale", LANGS)
def test_both_languages_take_turns_on_a_phone(opened: Opening, site_url: str, locale: str) -> None:
    boxes = _pairs(opened(f"{site_url}/{locale}/gov-im/bilingual/", width=400).page)
    assert len(boxes) > 100
    assert [b for b in boxes if b["zh"]["bottom"] > b["en"]["y"] + 1] == []
    assert [(a, b) for a, b in itertools.pairwise(boxes) if a["en"]["bottom"] > b["zh"]["y"] + 1] == []


def _pairs(page: Page) -> list[dict[str, dict[str, float]]]:
    found: list[dict[str, dict[str, float]]] = page.evaluate(
        """() => [...document.querySelectorAll('.cb-row')].map(row => {
          const box = (lang) => row.querySelector(`:scope > [lang=${lang}]`).getBoundingClientRect().toJSON();
          return {zh: box('zh-CN'), en: box('en')};
        })"""
    )
    return found


@pytest.mark.parametrize("address", ["", "bilingual/"])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("locale", ["zh", "en"])
def test_a_defined_word_leads_to_its_definition_by_keyboard_and_without_script(
    opened: Opening, site_url: str, locale: str, width: int, address: str
) -> None:
    """The heading above the definition is in sight, under the header and not behind it."""
    page = opened(f"{site_url}/{locale}/enterprise-email/{address}", width=width, java_script_enabled=False).page
    link = page.locator("a.cb-defined").last
    link.focus()
    target = str(link.get_attribute("href"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"{re.escape(target)}$"))
    expect(page.locator(target)).to_be_in_viewport()
    above = page.locator(target).evaluate(
        "e => (e.closest('.cb-pair, .cb-clause').querySelector('h3, h4, h5, h6, .cb-pair-title')).getBoundingClientRect().top"
    )
    assert above >= 0.9 * page.locator("header.md-header").evaluate("e => e.getBoundingClientRect().bottom")
