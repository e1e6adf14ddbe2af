"""The pages of the site, built from this repository: that all are there, that every link arrives, that both languages say as much."""

from __future__ import annotations

import datetime
import itertools
import posixpath
from pathlib import Path

import pytest
from markupsafe import Markup

from clausebook import derive, exports, lists, messages, project, site
from clausebook.document import Entry, Part
from clausebook.errors import UserError
from clausebook.messages import tell
from clausebook.model import Settings
from clausebook.project import Project
from clausebook.site.model import Heading, SitePage, relative
from tests import small
from tests.reading import Read, lost, read, target

ROOT = Path(__file__).parent.parent
TEMPLATES = ROOT / "templates"
DAY = datetime.date(2026, 11, 27)
KINDS = ("", "bilingual/", "lists/", *(f"lists/{key}/" for key in lists.LISTS))


def pages_of(opened: Project) -> dict[str, SitePage]:
    made = site.build(site.Site(opened.settings, opened.library, opened.documents, (TEMPLATES,), DAY))
    assert len({page.address for page in made}) == len(made)
    return {page.address: page for page in made}


@pytest.fixture(scope="module")
def opened() -> Project:
    return project.open(ROOT).sound()


@pytest.fixture(scope="module")
def pages(opened: Project) -> dict[str, SitePage]:
    return pages_of(opened)


@pytest.fixture(scope="module")
def reads(pages: dict[str, SitePage]) -> dict[str, Read]:
    return {address: read(page) for address, page in pages.items()}


def test_every_page_exists_in_both_languages(opened: Project, pages: dict[str, SitePage]) -> None:
    assert set(opened.documents) == {"enterprise-email", "gov-im"}
    assert set(pages) == {""} | {f"{loc}/{policy}/{kind}" for policy in opened.documents for loc in ("zh", "en") for kind in KINDS}


def test_each_page_knows_its_language_and_the_page_in_the_other(pages: dict[str, SitePage]) -> None:
    for address, page in pages.items():
        if address:
            locale, rest = address.split("/", 1)
            assert page.locale == locale
            assert page.group == rest.split("/")[0]
            assert page.alternates == {"zh": f"zh/{rest}", "en": f"en/{rest}"}


def test_languages_are_marked(opened: Project, reads: dict[str, Read]) -> None:
    tags = {opened.settings.lang(locale) for locale in opened.settings.locales}
    assert tags == {"zh-CN", "en"}
    for address, found in reads.items():
        assert set(found.langs) <= tags, address
    for policy in opened.documents:
        assert set(reads[""].langs) == set(reads[f"zh/{policy}/bilingual/"].langs) == tags
        assert "en" in reads[f"zh/{policy}/"].langs  # the link to the other language
        assert "zh-CN" in reads[f"en/{policy}/"].langs


def test_titles_and_descriptions_are_there_and_differ(pages: dict[str, SitePage]) -> None:
    for page in pages.values():
        assert page.title.strip()
        assert page.description.strip()
    assert len({page.title for page in pages.values()}) == len(pages)


def test_every_link_arrives(reads: dict[str, Read]) -> None:
    assert lost(reads, {"policies.json"}) == []


def test_links_between_pages_exist_to_be_followed(opened: Project, reads: dict[str, Read]) -> None:
    """Every page leads to the policy, every list row to its clause, the home page to every policy in every language."""
    for policy in opened.documents:
        for locale in ("zh", "en"):
            start = f"{locale}/{policy}/"
            assert start in {target(h, "")[0] for h in reads[""].hrefs}
            for kind in KINDS[1:]:
                assert start in {target(h, start + kind)[0] for h in reads[start + kind].hrefs}


def test_no_id_stands_twice_on_a_page(reads: dict[str, Read]) -> None:
    assert {
        address: [i for i in found.ids if found.ids.count(i) > 1]
        for address, found in reads.items()
        if len(set(found.ids)) < len(found.ids)
    } == {}


def _items(parts: tuple[Part, ...], level: int = 2) -> list[tuple[int, Part | Entry]]:
    found: list[tuple[int, Part | Entry]] = []
    for part in parts:
        found.append((level, part))
        found += [(level + 1, entry) for entry in part.entries]
        found += _items(part.parts, level + 1)
    return found


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_anchors_are_the_ids_of_sections_and_clauses(opened: Project, reads: dict[str, Read], locale: str) -> None:
    for policy, document in opened.documents.items():
        items = [(level, item.anchor) for level, item in _items(document.parts)]
        found = reads[f"{locale}/{policy}/"]
        anchored = [(level, anchor) for level, anchor in found.headings if anchor and anchor != "summary"]
        assert [anchor for _, anchor in anchored] == [anchor for _, anchor in items]
        assert set(dict(items).values()) <= set(reads[f"{locale}/{policy}/bilingual/"].ids)


def test_both_languages_have_the_same_headings(reads: dict[str, Read]) -> None:
    for address, found in reads.items():
        if address.startswith("zh/"):
            assert found.headings == reads["en/" + address.removeprefix("zh/")].headings
            assert [level for level, _ in found.headings][:1] == [1]
            assert [level for level, _ in found.headings].count(1) == 1


def test_levels_of_headings_have_no_gap(reads: dict[str, Read]) -> None:
    for address, found in reads.items():
        levels = [level for level, _ in found.headings]
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels)), address


def _flat(headings: tuple[Heading, ...]) -> list[str]:
    return [anchor for h in headings for anchor in (h.id, *_flat(h.below))]


def test_the_contents_list_names_what_is_on_the_page(pages: dict[str, SitePage], reads: dict[str, Read]) -> None:
    for address, page in pages.items():
        assert set(_flat(page.headings)) <= set(reads[address].ids)
        if address.count("/") == 2:
            assert _flat(page.headings) == [anchor for _, anchor in reads[address].headings if anchor]


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_lists_have_a_row_for_every_fact(opened: Project, reads: dict[str, Read], locale: str) -> None:
    for policy, document in opened.documents.items():
        assert lists.rows(document, "collected")
        for kind in lists.LISTS:
            page = f"{locale}/{policy}/lists/{kind}/"
            found = lists.rows(document, kind)
            anchors = [row.entry.anchor for row in found]
            assert reads[page].rows == [row.id for row in found]
            clauses = [anchor for href in reads[page].hrefs for where, anchor in [target(href, page)] if where == f"{locale}/{policy}/"]
            assert [anchor for anchor in clauses if anchor] == anchors


def test_the_text_of_every_block_is_on_its_page(opened: Project, reads: dict[str, Read]) -> None:
    def bare(text: str) -> str:
        return "".join(text.split())

    for policy, document in opened.documents.items():
        page = {locale: bare(reads[f"{locale}/{policy}/"].text) for locale in ("zh", "en")}
        both = bare(reads[f"zh/{policy}/bilingual/"].text)
        for entry in document.entries():
            for locale, blocks in entry.blocks.items():
                for block in blocks:
                    assert bare(block.text) in page[locale], entry.anchor
                    assert bare(block.text) in both, entry.anchor


def test_nothing_runs_and_nothing_is_loaded(reads: dict[str, Read]) -> None:
    for address, found in reads.items():
        assert found.handlers == [], address
        assert not found.tags & {"script", "iframe", "img", "style", "link", "object", "embed", "form", "base", "meta"}, address


def test_what_is_sensitive_is_bold_and_labelled(opened: Project, pages: dict[str, SitePage]) -> None:
    label = {"zh": "（敏感）", "en": "(sensitive)"}
    for locale, words in label.items():
        content = pages[f"{locale}/gov-im/lists/sensitive/"].content
        terms = sum(
            len(lists.sensitive(row.fact, opened.documents["gov-im"])) for row in lists.rows(opened.documents["gov-im"], "sensitive")
        )
        assert content.count(f'</strong> <span class="cb-sensitive">{words}</span>') == terms > 0


def test_lists_name_their_files_where_the_site_has_them(opened: Project) -> None:
    """Without files no page names one."""
    forms = exports.downloads()
    made = site.build(site.Site(opened.settings, opened.library, opened.documents, (TEMPLATES,), DAY, downloads=forms))
    bare = pages_of(opened)
    written = {address for document in opened.documents.values() for address, _ in exports.files(document, opened.library, forms)}
    named: set[str] = set()
    for page in (page for page in made if page.address):
        files = {h for h in read(page).hrefs if posixpath.splitext(h)[1] in (".csv", ".json", ".jsonld", ".xlsx")}
        named |= {posixpath.normpath(posixpath.join("/", page.address, h)).strip("/") for h in files}
        assert not set(read(bare[page.address]).hrefs) & files
        if page.address.count("/lists/") and not page.address.endswith("/lists/"):
            assert len(files) == len(forms), page.address
    assert named == written


# Whatever stands in a profile, a title or the name of a term comes out as text.

ATTACK = "<script>alert(1)</script>\\\"'><img src=x onerror=alert(1)>&lt;b&gt;{{7*7}}"
SEEN = ATTACK.replace('\\"', '"')


def test_attacks_come_out_as_text() -> None:
    quoted = f'"{ATTACK}"'
    facts = (
        "facts:\n  collects: [{data: [name, face], subject: user, function: sign-in}]\n"
        "  shares: [{recipient: carrier, relation: entrusted, condition: {zh: %s, en: %s}}]\n"
        "  contacts: [{role: operator, channel: e-mail, value: %s}]\n"
        "  retention: [{scope: name, method: %s}]\n"
    ).replace("%s", quoted)
    body = "{{ operator.name }}、{{ 'name' | term }}、{{ facts.contacts.value }}{{ operator.name | link }}{{ ref('a') }}"
    files = small.files(
        {"a": small.text(body, body, facts).replace("title: 条", f"title: {quoted}").replace("title: Clause", f"title: {quoted}")},
        sections=f"sections:\n  - {{id: s, title: {{zh: {quoted}, en: {quoted}}}, clauses: [a]}}\n",
        head=small.HEAD.replace("{zh: 政策, en: Policy}", f"{{zh: {quoted}, en: {quoted}}}")
        + f"names:\n  name: {{zh: {quoted}, en: {quoted}}}\n",
        profile=f"profile:\n  operator: {{name: {{zh: {quoted}, en: {quoted}}}}}\n",
    )
    pages = pages_of(small.opened(files).sound())
    for address, page in pages.items():
        found = read(page)
        assert found.handlers == [], address
        assert not found.tags & {"script", "img"}, address
        assert not [h for h in found.hrefs if h.startswith(("javascript:", "data:"))], address
        assert SEEN in found.text, address
    assert read(pages["zh/p/"]).text.count(SEEN) > 8


# Documents that are not complete.


def test_a_clause_without_translation_is_shown_in_the_source_language() -> None:
    clauses = {"a": "text:\n  zh:\n    title: 条\n    body: 仅有中文。\n", "b": small.text("乙", "B")}
    pages = pages_of(small.opened(small.files(clauses)))
    found = read(pages["en/p/"])
    assert "仅有中文。" in found.text
    assert "zh-CN" in found.langs
    assert [anchor for _, anchor in found.headings if anchor] == ["summary", "s", "a", "b"]
    assert "仅有中文。" in read(pages["en/p/bilingual/"]).text


def judged_pages(opened: Project) -> dict[str, SitePage]:
    judged = project.judged(opened, ROOT, datetime.date(2026, 11, 22))
    made = site.build(
        site.Site(judged.settings, judged.library, judged.documents, (TEMPLATES,), DAY, packs=judged.packs, verdicts=judged.verdicts)
    )
    return {page.address: page for page in made}


def test_requirements_have_a_page_a_policy_and_one_for_all(opened: Project, pages: dict[str, SitePage]) -> None:
    with_coverage = judged_pages(opened)
    added = set(with_coverage) - set(pages)
    assert added == {f"{loc}/{way}" for loc in ("zh", "en") for way in ("coverage/", "enterprise-email/coverage/", "gov-im/coverage/")}
    read_ = {address: read(page) for address, page in with_coverage.items()}
    for locale in ("zh", "en"):
        assert read_[f"{locale}/coverage/"].rows == ["enterprise-email", "gov-im"]
        assert f"{locale}/coverage/" in read_[""].hrefs
        assert {"../coverage/", "../../coverage/"} & set(read_[f"{locale}/gov-im/coverage/"].hrefs)
        for href in (href for href in read_[f"{locale}/coverage/"].hrefs if "#" in href):
            way, anchor = target(href, f"{locale}/coverage/")
            assert anchor in read_[way].ids
    assert not {f"{loc}/coverage/" for loc in ("zh", "en")} & set(read(pages[""]).hrefs)


def test_the_page_for_all_counts_what_is_open(opened: Project) -> None:
    judged = project.judged(opened, ROOT, datetime.date(2026, 11, 22))
    text = read(judged_pages(opened)["en/coverage/"]).text
    for verdicts in judged.verdicts.values():
        for pack in {verdict.pack for verdict in verdicts}:
            open_ = sum(verdict.outcome in ("gap", "partial") for verdict in verdicts if verdict.pack == pack)
            said = (
                messages.say("coverage-open", "en", n=open_, s="" if open_ == 1 else "s") if open_ else messages.say("coverage-none", "en")
            )
            assert (said if open_ else messages.say("coverage-none", "en")) in text


def test_lists_without_rows_say_so() -> None:
    pages = pages_of(small.opened(small.files({"a": small.text("甲", "A")})))
    for kind in lists.LISTS:
        assert messages.say(f"list-empty-{kind}", "zh") in read(pages[f"zh/p/lists/{kind}/"]).text
        assert (read(pages[f"zh/p/lists/{kind}/"]).rows, "table" in read(pages[f"zh/p/lists/{kind}/"]).tags) == ([], False)


def test_the_summary_tells_only_what_the_facts_say() -> None:
    facts = "facts:\n  storage: [{location: mainland}]\n  retention: [{scope: ip, period: P6M}, {scope: name, floor: P1Y}]\n"
    document = small.document({"a": small.text("甲", "A", facts)})
    view = site.views.View(document, "en", small.opened(small.files({})).library, Settings(), "./")
    lines = view.summary()
    assert len(lines) == len(derive.summary(document)) == 2
    assert [link.href for line in lines for link in line["links"]] == ["./#a", "./#a"]
    words = " ".join(word for line in lines for word in line["words"])
    for said in ("six months", "one year", "IP address", "mainland China"):
        assert said in words


def test_a_template_that_is_wrong_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "policy.html").write_text("<p>\n{{ nothing.at.all }}\n</p>\n", encoding="utf-8")
    found = small.opened(small.files({"a": small.text("甲", "A")}))
    with pytest.raises(UserError) as caught:
        site.build(site.Site(found.settings, found.library, found.documents, (tmp_path, TEMPLATES), DAY))
    assert [tell(p) for p in caught.value.problems] == [
        "templates/policy.html:2:1: this template cannot be rendered: 'nothing' is undefined (correct it)"
    ]


def test_a_template_of_the_site_wins_over_the_built_in_one(tmp_path: Path) -> None:
    (tmp_path / "lists.html").write_text("<p>own {{ view.locale }}</p>\n", encoding="utf-8")
    found = small.opened(small.files({"a": small.text("甲", "A")}))
    made = site.build(site.Site(found.settings, found.library, found.documents, (tmp_path, TEMPLATES), DAY))
    assert {p.address: p.content for p in made if p.address.endswith("lists/")} == {
        "zh/p/lists/": "<p>own zh</p>",
        "en/p/lists/": "<p>own en</p>",
    }


@pytest.mark.parametrize(
    ("address", "page", "way"),
    [
        ("zh/p/", "zh/p/", "./"),
        ("en/p/", "zh/p/", "../../en/p/"),
        ("zh/p/lists/", "zh/p/", "lists/"),
        ("zh/p/", "zh/p/lists/collected/", "../../"),
        ("", "zh/p/", "../../"),
        ("zh/p/", "", "zh/p/"),
        ("", "", "./"),
        ("zh/p/text.json", "zh/p/lists/", "../text.json"),
        ("zh/p/../../", "zh/p/lists/", "../../../"),
        ("zh/p/../../p/changes.json", "zh/p/", "../../p/changes.json"),
        ("zh/q/", "zh/p/", "../q/"),
    ],
)
def test_relative(address: str, page: str, way: str) -> None:
    assert relative(address, page) == way


def test_the_reader_sees_what_is_wrong() -> None:
    """Without this the tests above would pass on anything."""
    page = SitePage("", "zh", "", "", lambda: Markup('<p id="a" onclick="x">b<a href="#c">d</a></p>'))
    found = read(page)
    assert (found.ids, found.hrefs, found.handlers, found.text) == (["a"], ["#c"], ["onclick"], "bd")
