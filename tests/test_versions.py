"""The pages of releases: each shows its own text at its own address, and the day of the build decides what is in force."""

from __future__ import annotations

import datetime
import itertools
import json
import os
import re
from collections import Counter
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest

from clausebook import messages, project, site
from clausebook.document import Side
from clausebook.ledger import Ledger
from clausebook.lists import rows
from clausebook.model import Settings
from clausebook.release import Release
from clausebook.site import Outlook, SitePage, Told, places, policy, standing
from clausebook.site.writer import Writer
from tests import small
from tests.reading import Read, lost, read, target
from tests.small import Made

ROOT = Path(__file__).parent.parent
TEMPLATES = ROOT / "templates"
LOCALES = ("zh", "en")
FACTS = "facts:\n  collects: [{data: [%s], subject: user, function: sign-in}]\n"

FIRST = {"a": small.text("第一条的文字。", "Text of the first.", FACTS % "name"), "b": small.text("第二条的文字。", "Text of the second.")}
SECOND = {**FIRST, "b": small.text("第二条的文字，改过。", "Text of the second, edited.")}
NEW = small.text("第一条的新文字。", "New text of the first.", FACTS % "name, face")
THIRD = {"b": SECOND["b"], "a": NEW, "c": small.text("丙。", "C.")}
DRAFT = {**THIRD, "c": small.text("丙，草稿。", "C, as a draft.")}

EDITORIAL = {"level": "editorial", "direction": "neutral", "bump": "patch", "notice_days": 0}
WORDED = small.change("乙的文字 / Wording of B", level="editorial", direction="neutral", practice="none", clauses=["b"])
BETTER = small.change("新增丙 / C is new", level="substantive", direction="better", clauses=["c"])
WORSE = small.change("新增收集人脸 / Facial features are collected", clauses=["a"])
CORRECTED = small.change(
    "更正甲 / A is corrected", level="substantive", direction="neutral", practice="description", clauses=["a"],
    why={"zh": "原文有误", "en": "It was wrong"}, by="王某",
)  # fmt: skip
INTERNAL = small.change("内部 / internal", level="internal", practice="none")


def side(clauses: Mapping[str, str], **more: str) -> Side:
    return small.opened(small.files(clauses, **more)).sound().sides["p"]


LEDGER_FIRST = Made("1.0.0", side(FIRST), "2025-03-01", "2025-03-31")


def ledger() -> Ledger:
    return small.released(
        LEDGER_FIRST,
        Made("1.0.1", side(SECOND), "2025-06-15", "2025-06-15", (WORDED,), EDITORIAL),
        Made("2.0.0", side(THIRD), "2026-01-10", "2026-02-09", (CORRECTED, BETTER, WORSE, INTERNAL), {"reconsent": ["separate"]}),
    )


LEDGER = ledger()
RELEASES = LEDGER.releases


def made(day: str, releases: Ledger | None = None, **more: Any) -> site.Site:
    opened = small.opened(small.files(DRAFT)).sound()
    found = LEDGER if releases is None else releases
    values = {"ledgers": {"p": found}, **more}
    settings = values.pop("settings", opened.settings)
    return site.Site(settings, opened.library, opened.documents, (TEMPLATES,), datetime.date.fromisoformat(day), **values)


def pages_of(day: str, releases: Ledger | None = None, **more: Any) -> dict[str, SitePage]:
    return _usual(day, more.get("preview", False)) if releases is None and set(more) <= {"preview"} else _built(made(day, releases, **more))


@cache
def _usual(day: str, preview: bool) -> dict[str, SitePage]:
    return _built(made(day, preview=preview))


def _built(found: site.Site) -> dict[str, SitePage]:
    pages = site.build(found)
    assert len({page.address for page in pages}) == len(pages)
    return {page.address: page for page in pages}


BEFORE, ON, AFTER = "2026-02-08", "2026-02-09", "2026-11-27"  # the day before 2.0.0 takes effect, the day, long after


@pytest.fixture(scope="module", params=[BEFORE, ON])
def day(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def pages(day: str) -> dict[str, SitePage]:
    return pages_of(day, preview=True)


@pytest.fixture(scope="module")
def reads(pages: dict[str, SitePage]) -> dict[str, Read]:
    return {address: read(page) for address, page in pages.items()}


def bare(text: str) -> str:
    return re.sub(r"\s", "", text)


# Which text stands where.


def texts(release: Release) -> dict[str, list[str]]:
    """Return the text of every block of a release file, by locale."""
    data = release.model_dump(mode="json")["document"]["sections"]
    blocks = [(loc, b) for s in data for c in s["clauses"] for loc, found in c["text"].items() for b in found]
    return {loc: ["".join(run["text"] for run in b["runs"]) for where, b in blocks if where == loc] for loc in LOCALES}


def bodies(page: SitePage) -> list[str]:
    """Return the text of every block of the clauses of a policy page."""
    return re.findall(r'<(?:p|li) id="[a-z]--\d+">(.*?)</(?:p|li)>', page.content)


@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.version)
@pytest.mark.parametrize("locale", LOCALES)
def test_every_version_shows_its_own_text(pages: dict[str, SitePage], reads: dict[str, Read], release: Release, locale: str) -> None:
    """Block by block as in the release file, and nothing else, whatever is in force."""
    own = texts(release)[locale]
    assert bodies(pages[f"{locale}/p/{release.version}/"]) == own
    both = bare(reads[f"{locale}/p/{release.version}/bilingual/"].text)
    assert [text for found in texts(release).values() for text in found if bare(text) not in both] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_the_day_decides_which_text_stands_at_the_policys_own_address(locale: str) -> None:
    for day, version in (("2025-03-31", 0), ("2025-06-14", 0), ("2025-06-15", 1), (BEFORE, 1), (ON, 2), (AFTER, 2)):
        assert bodies(pages_of(day)[f"{locale}/p/"]) == texts(RELEASES[version])[locale], day


def test_before_the_first_day_in_force_the_announced_version_stands_there() -> None:
    pages = pages_of("2025-03-15")
    assert bodies(pages["zh/p/"]) == texts(RELEASES[0])["zh"]
    assert "已公布，尚未生效" in read(pages["zh/p/"]).text


def test_what_is_not_published_yet_is_nowhere() -> None:
    pages = pages_of("2025-12-31", preview=True)
    assert not any("2.0.0" in address for address in pages)
    assert not any("2.0.0" in page.content for page in pages.values())
    early = pages_of("2025-02-28")
    assert bodies(early["zh/p/"]) == ["丙，草稿。" if "丙" in t else t for t in texts(RELEASES[2])["zh"]]  # the draft
    assert set(early) == set(pages_of("2025-02-28", Ledger("p")))


@pytest.mark.parametrize(
    ("preview", "shown"),
    [(True, ["丙，草稿。", "C, as a draft."]), (False, [])],
)
def test_the_draft_has_pages_of_its_own_in_a_preview_only(preview: bool, shown: list[str]) -> None:
    pages = pages_of(AFTER, preview=preview)
    found = [address for address in pages if address.split("/")[2:3] == ["draft"]]
    assert bool(found) is preview
    assert [text for locale in LOCALES if preview for text in bodies(pages[f"{locale}/p/draft/"])[-1:]] == shown
    assert any("draft" in address for address in pages) is preview  # no redline with it either
    assert [a for a, page in pages.items() if "draft" in page.content and a] == [] or preview


# Status, banners, dates.


def status(page: SitePage) -> str:
    return str(re.findall(r"<dd><strong>(.*?)</strong></dd>", page.content)[0])


WORDS = {
    "zh": {"draft": "草稿", "announced": "已公布，尚未生效", "in-force": "生效中", "superseded": "已被取代"},
    "en": {"draft": "Draft", "announced": "Announced, not yet in force", "in-force": "In force", "superseded": "Superseded"},
}
BANNERS = {
    BEFORE: {"": ["announced"], "1.0.0/": ["superseded"], "1.0.1/": ["announced"], "2.0.0/": ["announced"], "draft/": ["draft"]},
    ON: {"": [], "1.0.0/": ["superseded"], "1.0.1/": ["superseded"], "2.0.0/": [], "draft/": ["draft"]},
}
STATUS = {
    BEFORE: {"": "in-force", "1.0.0/": "superseded", "1.0.1/": "in-force", "2.0.0/": "announced", "draft/": "draft"},
    ON: {"": "in-force", "1.0.0/": "superseded", "1.0.1/": "superseded", "2.0.0/": "in-force", "draft/": "draft"},
}


@pytest.mark.parametrize("locale", LOCALES)
def test_status_and_banners(day: str, pages: dict[str, SitePage], locale: str) -> None:
    for place in BANNERS[day]:
        page = pages[f"{locale}/p/{place}"]
        assert status(page) == WORDS[locale][STATUS[day][place]], place
        for kind in ("", "bilingual/"):
            content = pages[f"{locale}/p/{place}{kind}"].content
            assert re.findall(r"cb-banner-([a-z-]+)", content) == BANNERS[day][place], place + kind


SAID = {
    ("zh", "1.0.0/"): "版本 1.0.0 已于 2025-06-15 被版本 1.0.1 取代，在此仅供查阅。",
    ("en", "1.0.0/"): "Version 1.0.0 was superseded by version 1.0.1 on 2025-06-15. It is kept here for reference.",
    ("zh", ""): "版本 2.0.0 自 2026-02-09 起生效。",
    ("en", ""): "Version 2.0.0 takes effect on 2026-02-09.",
    ("zh", "2.0.0/"): "版本 2.0.0 于 2026-01-10 公布，自 2026-02-09 起生效；在此之前，现行版本继续适用。",
    ("en", "2.0.0/"): "Version 2.0.0 was published on 2026-01-10 and takes effect on 2026-02-09. "
    "Until then the version in force continues to apply.",
}


@pytest.mark.parametrize(("where", "words"), SAID.items())
def test_what_a_banner_says(where: tuple[str, str], words: str) -> None:
    locale, place = where
    assert words in pages_of(BEFORE)[f"{locale}/p/{place}"].content


@pytest.mark.parametrize("locale", LOCALES)
def test_a_page_names_its_version_dates_and_fingerprint(pages: dict[str, SitePage], reads: dict[str, Read], locale: str) -> None:
    for release, before in itertools.pairwise([*reversed(RELEASES), None]):
        assert release is not None
        text = reads[f"{locale}/p/{release.version}/"].text
        for said in (release.version, str(release.published), str(release.effective), release.fingerprint):
            assert said in text
        supersedes = f"<dt>{messages.say('supersedes', locale)}</dt>"
        assert (before is not None) is (supersedes in pages[f"{locale}/p/{release.version}/"].content)
        assert before is None or before.fingerprint in text


LISTED = r"<li>(?:<a href=\"(.+?)\" data-cb-keep-anchor>|<strong aria-current=\"page\">)([\d.]+)<"


@pytest.mark.parametrize("locale", LOCALES)
def test_every_version_page_lists_all_versions_in_its_language(day: str, pages: dict[str, SitePage], locale: str) -> None:
    """The newest first, each a link to the same page of that version; the page's own is not one."""
    current = "1.0.1" if day == BEFORE else "2.0.0"
    for place, kind in itertools.product(("", "1.0.0/", "1.0.1/", "2.0.0/"), ("", "bilingual/")):
        address = f"{locale}/p/{place}{kind}"
        listed = re.findall(LISTED, pages[address].content)
        own = place.rstrip("/") or current
        assert [version for _, version in listed] == ["2.0.0", "1.0.1", "1.0.0"]
        for href, version in listed:
            where = f"{locale}/p/{'' if version == current else version + '/'}{kind}"
            assert (target(href, address)[0] if href else "") == ("" if version == own else where)


@pytest.mark.parametrize("locale", LOCALES)
def test_the_home_page(day: str, reads: dict[str, Read], locale: str) -> None:
    text = " ".join(reads[""].text.split())
    card = text[text.index(messages.say("status-in-force", locale)) :]
    assert ("2.0.0" in card.split(messages.say("read", locale))[0]) is True
    coming = messages.say("coming-card", locale, version="2.0.0", date="2026-02-09")
    assert (coming in text) is (day == BEFORE)
    assert RELEASES[-1].fingerprint[:4] in text


# Addresses, languages, navigation.


def test_every_link_arrives(day: str, reads: dict[str, Read]) -> None:
    files = set(data_of(made(day))) | {f"p/releases/{release.version}.json" for release in RELEASES}
    assert lost(reads, files) == []


def test_no_id_stands_twice_on_a_page(reads: dict[str, Read]) -> None:
    assert {a: [i for i in r.ids if r.ids.count(i) > 1] for a, r in reads.items() if len(set(r.ids)) < len(r.ids)} == {}


def test_headings_have_no_gap(reads: dict[str, Read]) -> None:
    for address, found in reads.items():
        levels = [level for level, _ in found.headings]
        assert levels[0] == 1, address
        assert levels.count(1) == 1, address
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels)), address


def test_titles_differ(pages: dict[str, SitePage]) -> None:
    assert len({page.title for address, page in pages.items() if address}) == len(pages) - 1


def test_the_language_switch_keeps_version_and_page(pages: dict[str, SitePage]) -> None:
    for address, page in pages.items():
        if address:
            rest = address.split("/", 1)[1]
            assert page.alternates == {locale: f"{locale}/{rest}" for locale in LOCALES}
            assert set(page.alternates.values()) <= set(pages)


def test_both_languages_say_as_much(pages: dict[str, SitePage], reads: dict[str, Read]) -> None:
    """The same headings, the same number of sentences, marks and rows on every page."""

    def counts(address: str) -> list[Any]:
        content = pages[address].content
        return [len(re.findall(p, content)) for p in ("<li", "<tr", 'class="cb-change ', 'class="cb-marked"')]

    for address, found in reads.items():
        if address.startswith("zh/"):
            twin = "en" + address.removeprefix("zh")
            assert found.headings == reads[twin].headings
            assert counts(address) == counts(twin), address


def test_only_current_pages_are_in_the_navigation_and_in_search(pages: dict[str, SitePage]) -> None:
    own = {"", "bilingual/", "lists/", "changes/", "versions/", "lists/collected/", "lists/shared/"}
    assert {a for a, page in pages.items() if page.in_nav and a} == {f"{locale}/p/{kind}" for locale in LOCALES for kind in own}
    searched = {a.split("/", 2)[2] for a, page in pages.items() if page.search}
    assert {kind for kind in searched if not kind.startswith("lists/")} == {"", "changes/", "versions/"}


def test_search_engines_are_shown_texts_and_not_comparisons(pages: dict[str, SitePage]) -> None:
    for address, page in pages.items():
        compared = ".." in address or "/since/" in address or "/draft/" in address
        assert page.listed is not compared, address
        assert page.canonical == (f"{address.split('..')[0].split('changes/')[0]}{address.split('..')[1]}" if ".." in address else "")


# The change log and what changed in a version.


def sentences(page: SitePage) -> list[str]:
    return re.findall(r'<li class="cb-change .*?<span>(.*?)</span>', page.content, re.DOTALL)


def spoken(*changes: Any, locale: str) -> list[str]:
    return [change.sentence[locale] for change in changes]


@pytest.mark.parametrize("locale", LOCALES)
def test_the_change_log_is_newest_first_and_worst_first_in_groups(pages: dict[str, SitePage], locale: str) -> None:
    page = pages[f"{locale}/p/changes/"]
    assert re.findall(r'<section class="cb-release" id="(v[\d-]+)">', page.content) == ["v2-0-0", "v1-0-1", "v1-0-0"]
    assert sentences(page) == spoken(WORSE, BETTER, CORRECTED, WORDED, locale=locale)
    assert re.findall(r'<h3 id="(.+?)">', page.content) == ["v2-0-0--changed", "v2-0-0--description", "v1-0-1--none"]
    text = read(page).text
    assert messages.say("first-release", locale) in text
    assert CORRECTED.why
    assert messages.say("reason", locale, words=CORRECTED.why[locale]) in text
    assert messages.say("ask-separate", locale) in text


def test_a_change_leads_to_its_clause_in_its_version_and_to_the_redline(pages: dict[str, SitePage]) -> None:
    line = re.findall(r'<li class="cb-change .*?</li>', pages["zh/p/changes/"].content, re.DOTALL)[0]
    ways = [target(href, "zh/p/changes/") for href in re.findall(r'href="(.+?)"', line)]
    assert ways == [("zh/p/2.0.0/", "a"), ("zh/p/changes/1.0.1..2.0.0/", "a")]


@pytest.mark.parametrize("locale", LOCALES)
def test_a_version_says_what_it_changed(pages: dict[str, SitePage], locale: str) -> None:
    assert sentences(pages[f"{locale}/p/2.0.0/"]) == spoken(WORSE, CORRECTED, BETTER, locale=locale)
    assert sentences(pages[f"{locale}/p/1.0.0/"]) == []
    assert messages.say("first-release", locale) in pages[f"{locale}/p/1.0.0/"].content


def test_more_changes_than_six_are_left_to_the_log() -> None:
    many = tuple(small.change(f"变化{n}") for n in range(9))
    releases = small.released(LEDGER_FIRST, Made("2.0.0", side(THIRD), "2026-01-10", "2026-02-09", many))
    pages = pages_of(AFTER, releases)
    assert len(sentences(pages["zh/p/"])) == 6
    assert "另有 3 处变化，见变更记录。" in pages["zh/p/"].content
    assert len(sentences(pages["zh/p/changes/"])) == 9


def test_more_than_ten_releases_have_an_index_by_year() -> None:
    later = [Made(f"1.{n}.0", side(FIRST), f"{2025 + n // 6}-0{n % 6 + 4}-01", f"{2025 + n // 6}-0{n % 6 + 4}-01") for n in range(1, 11)]
    found = pages_of(AFTER, small.released(LEDGER_FIRST, *later))["zh/p/changes/"].content
    assert re.findall(r'<a href="(#v[\d-]+)">(\d{4})</a>', found) == [("#v1-10-0", "2026"), ("#v1-5-0", "2025")]
    assert "cb-years" not in pages_of(AFTER)["zh/p/changes/"].content


def test_an_erratum_points_at_what_it_corrects_and_back() -> None:
    fixed = {**SECOND, "b": small.text("第二条的文字，改过。", "Text of the second, corrected.")}
    revised = Made("1.0.1+en.1", side(fixed), "2026-03-01", "2026-03-01", (), {"level": "translation"}, "1.0.1")
    second = Made("1.0.1", side(SECOND), "2025-06-15", "2025-06-15", (WORDED,), EDITORIAL)
    pages = pages_of(AFTER, small.released(LEDGER_FIRST, second, revised))
    assert "corrected." in bodies(pages["en/p/"])[1]
    assert bodies(pages["en/p/1.0.1/"])[1] == "Text of the second, edited."
    assert bodies(pages["en/p/1.0.1-en.1/"]) == bodies(pages["en/p/"])
    log = pages["en/p/changes/"].content
    assert "Erratum: this release corrects version 1.0.1" in log
    assert re.search(r'Erratum of 2026-03-01: corrected by <a href="#v1-0-1-en-1">1.0.1\+en.1</a>', log)


# Redlines.


def test_redlines_between_versions(pages: dict[str, SitePage]) -> None:
    pairs = {a.split("/")[3] for a in pages if ".." in a}
    assert {p for p in pairs if "draft" not in p} == {"1.0.0..1.0.1", "1.0.0..2.0.0", "1.0.1..2.0.0"}


def test_a_redline_shows_the_changed_clauses_whole_and_names_the_rest(pages: dict[str, SitePage]) -> None:
    content = pages["zh/p/changes/1.0.0..1.0.1/"].content
    assert re.findall(r'class="cb-marked" id="(.+?)"', content) == ["b"]
    body = content[content.index('<div class="cb-body">') :]
    assert "第二条的文字" in body
    assert re.search(r'<ins><span class="cb-mark">新增</span> ，改过<span class="cb-heard">（新增至此）</span></ins>', body)
    assert "未改动的 1 条" in content
    assert read(pages["zh/p/changes/1.0.0..1.0.1/"]).text.count("第一条的文字") == 0
    moved = pages["en/p/changes/1.0.1..2.0.0/"].content
    assert "Moved to another place." in moved
    assert "New clause." in moved
    assert "No longer" not in moved


def test_what_changed_in_one_language_only_is_named_in_the_other() -> None:
    """So that a link to it arrives in every language, and each language tells of as many changes."""
    edited = {**FIRST, "b": small.text("第二条的文字。", "Text of the second, translated anew.")}
    pages = pages_of(AFTER, small.released(LEDGER_FIRST, Made("1.0.1", side(edited), "2025-06-15", "2025-06-15", (WORDED,), EDITORIAL)))
    zh, en = (pages[f"{locale}/p/changes/1.0.0..1.0.1/"].content for locale in LOCALES)
    assert [re.findall(r'class="cb-marked" id="(.+?)"', content) for content in (zh, en)] == [["b"], ["b"]]
    assert re.search(r'本语言的文字未改动，改动见： <a href="../../../../en/p/changes/1.0.0..1.0.1/#b">英语</a>', zh)
    assert '<div class="cb-body">' not in zh
    assert '<div class="cb-body">' in en
    links = [target(h, "zh/p/changes/") for h in read(pages["zh/p/changes/"]).hrefs]
    assert ("zh/p/changes/1.0.0..1.0.1/", "b") in links
    assert lost({a: read(page) for a, page in pages.items()}, DATA) == []


def data_of(made: site.Site) -> dict[str, bytes]:
    return dict([*site.files(made, "p"), site.summary(made)])


DATA = {"policies.json", *(f"p/{name}.json" for name in ("timeline", "changes", "releases/1.0.0", "releases/1.0.1"))}


def versions_of(count: int) -> standing.Standing:
    made = [Made(f"1.{n}.0", side(FIRST), f"2025-01-{n + 1:02}", f"2025-01-{n + 1:02}") for n in range(count)]
    return standing.of(small.released(*made), partial(side, FIRST), datetime.date(2026, 1, 1))


@pytest.mark.parametrize(
    ("count", "wanted", "pairs"),
    [(4, "neighbours", 3), (4, "in-force", 5), (4, "all", 6), (12, "all", 66), (13, "all", 12 + 11), (13, "neighbours", 12), (1, "all", 0)],
)
def test_which_redlines_there_are(count: int, wanted: Any, pairs: int) -> None:
    assert len(places.pairs(versions_of(count), wanted)) == pairs


# Since a version.


# Of neighbours what the release recorded; of others what is judged between the two ends.
NET = {
    **{("1.0.1", locale): spoken(WORSE, BETTER, CORRECTED, locale=locale) for locale in LOCALES},
    ("1.0.0", "zh"): [
        "新增收集：人脸特征（登录；敏感个人信息）",
        "条款移动或者更名：“条”",
        "文字变更，尚未归类：“条”",
        "文字变更，尚未归类：“条”",
    ],
    ("1.0.0", "en"): [
        "Now collects: facial features (signing in; sensitive personal information)",
        "Clauses moved or renamed: “Clause”",
        "Words changed, not yet classified: “Clause”",
        "Words changed, not yet classified: “Clause”",
    ],
}


@pytest.mark.parametrize("locale", LOCALES)
def test_what_changed_since_the_version_a_person_accepted(locale: str) -> None:
    pages = pages_of(AFTER)
    for version in ("1.0.0", "1.0.1"):
        page = pages[f"{locale}/p/changes/since/{version}/"]
        assert sentences(page) == NET[version, locale]
        assert messages.say("ask-separate", locale) in page.content
        assert page.bare
    skipped = messages.say("since-skipped", locale)
    assert skipped in pages[f"{locale}/p/changes/since/1.0.0/"].content
    assert skipped not in pages[f"{locale}/p/changes/since/1.0.1/"].content
    same = read(pages[f"{locale}/p/changes/since/2.0.0/"]).text
    assert messages.say("since-same", locale, version="2.0.0") in same
    assert messages.say("ask-none", locale) in same
    index = read(pages[f"{locale}/p/changes/since/"]).hrefs
    assert [target(h, f"{locale}/p/changes/since/")[0] for h in index[:3]] == [
        f"{locale}/p/changes/since/{v}/" for v in ("2.0.0", "1.0.1", "1.0.0")
    ]


def test_an_announced_version_has_a_block_of_its_own() -> None:
    page = pages_of(BEFORE)["zh/p/changes/since/1.0.0/"]
    now, coming = page.content.split('<section class="cb-coming">')
    assert "您需要做：</span> <strong>无需操作" in now
    assert "自 2026-02-09 起：版本 2.0.0" in coming
    assert "您需要做：</span> <strong>单独同意" in coming
    early = read(pages_of(BEFORE)["zh/p/changes/since/2.0.0/"]).text
    assert "您同意的版本 2.0.0 自 2026-02-09 起生效。" in early


def test_what_was_added_and_removed_again_is_not_told() -> None:
    """The judge compares the two ends, so what came and went between them is not there to be told."""
    again = Made("3.0.0", side(FIRST), "2026-05-01", "2026-06-01", (small.change("又删除人脸"),))
    page = pages_of(AFTER, small.released(*as_made(), again))["zh/p/changes/since/1.0.0/"]
    assert sentences(page) == []
    assert "没有需要读者知悉的变化。" in page.content
    assert 'class="cb-marked"' not in page.content


def as_made() -> list[Made]:
    sides = (FIRST, SECOND, THIRD)
    return [
        Made(r.version, side(s), str(r.published), str(r.effective), tuple(r.record.changes), r.record.verdict.model_dump(mode="json"))
        for r, s in zip(RELEASES, sides, strict=True)
    ]


# Which version when.


def test_the_versions_page_answers_for_every_day() -> None:
    """For each day of three years the row that holds it names the version that a site of that day shows."""
    content = pages_of(AFTER)["zh/p/versions/"].content
    rows = re.findall(r"</span> ([\d-]+)</th><td[^>]*>(.*?)</td><td[^>]*>(?:<a [^>]*>([\d.]+)</a>|无生效版本)", content)
    periods = [(first, last if last[0].isdigit() else "9999", version) for first, last, version in rows]
    for offset in range(0, 3 * 365, 5):
        day = (datetime.date(2025, 1, 1) + datetime.timedelta(days=offset)).isoformat()
        found = [version for first, last, version in periods if first <= day <= last]
        in_force = LEDGER.in_force(datetime.date.fromisoformat(day))
        assert found == [in_force.version if in_force else ""], day


def test_the_timeline(day: str) -> None:
    found = json.loads(data_of(made(day))["p/timeline.json"])
    assert (found["format"], found["policy"], found["as_of"]) == (1, "p", day)
    assert (found["in_force"], found["announced"]) == (("1.0.1", ["2.0.0"]) if day == BEFORE else ("2.0.0", []))
    assert [(v["version"], v["from"], v["to"], v["status"]) for v in found["releases"]] == [
        ("1.0.0", "2025-03-31", "2025-06-14", "superseded"),
        ("1.0.1", "2025-06-15", "2026-02-08", STATUS[day]["1.0.1/"]),
        ("2.0.0", "2026-02-09", None, STATUS[day]["2.0.0/"]),
    ]
    assert [(v["fingerprint"], v["file"]) for v in found["releases"]] == [(r.fingerprint, f"releases/{r.version}.json") for r in RELEASES]


def test_the_change_log_and_the_policies_as_data(day: str) -> None:
    files = {address: json.loads(content) for address, content in data_of(made(day)).items()}
    assert set(files) == {"p/timeline.json", "p/changes.json", "policies.json"}
    log = files["p/changes.json"]["releases"]
    assert [(r["version"], r["base"], r["asks"]) for r in log] == [
        ("2.0.0", "1.0.1", "separate"),
        ("1.0.1", "1.0.0", "none"),
        ("1.0.0", None, None),
    ]
    assert [change["id"] for change in log[0]["changes"]] == [c.id for c in (WORSE, CORRECTED, BETTER)]
    (one,) = files["policies.json"]["policies"]
    assert (one["version"], one["status"]) == ("1.0.1" if day == BEFORE else "2.0.0", "in-force")
    assert [later["version"] for later in one["announced"]] == (["2.0.0"] if day == BEFORE else [])
    assert one["newest"] == {"version": "2.0.0", "fingerprint": RELEASES[-1].fingerprint}


def test_a_version_that_never_was_in_force() -> None:
    """Published and replaced before its day: it has an address, a status and no days."""
    releases = small.released(
        LEDGER_FIRST, Made("1.1.0", side(SECOND), "2025-05-01", "2025-08-01"), Made("1.1.1", side(THIRD), "2025-06-01", "2025-08-01")
    )
    pages = pages_of(AFTER, releases)
    assert status(pages["zh/p/1.1.0/"]) == "已被取代"
    assert "版本 1.1.0 未曾生效，已被版本 1.1.1 取代，在此仅供查阅。" in pages["zh/p/1.1.0/"].content
    assert "未曾生效" in pages["zh/p/versions/"].content


# Lists.


def test_rows_say_which_version_brought_or_will_change_them() -> None:
    now = pages_of(AFTER)
    assert re.findall(r'<span class="cb-mark">(.*?)</span>', now["zh/p/lists/collected/"].content) == ["2.0.0 变更"]
    assert re.findall(r'<span class="cb-mark">(.*?)</span>', now["en/p/lists/sensitive/"].content) == ["added in 2.0.0"]
    before = pages_of(BEFORE)
    own, coming = before["zh/p/lists/collected/"].content.split('<section class="cb-coming">')
    assert "cb-mark" not in own
    assert "自 2026-02-09 起，按版本 2.0.0 新增和变更的行" in coming
    assert re.findall(r'<tr id="(.+?)">', coming) == ["from--2-0-0--a-1"]
    assert target(re.findall(r'href="([^"]+#a)"', coming)[0], "zh/p/lists/collected/") == ("zh/p/2.0.0/", "a")


ROW = "facts:\n  collects: %s\n"
ONE, TWO = "{data: [name], subject: user, function: sign-in}", "{data: [face], subject: user, function: sign-in}"


@pytest.mark.parametrize(
    ("old", "new", "marks"),
    [
        ([ONE], [ONE], {}),
        ([ONE], [ONE, TWO], {"a-2": "added"}),
        ([ONE], [TWO, ONE], {"a-1": "added"}),  # what was there only stands elsewhere
        ([ONE], [TWO], {"a-1": "changed"}),
        ([ONE, TWO], [TWO], {}),
        ([], [ONE], {"a-1": "added"}),
    ],
)
def test_marks_of_rows(old: list[str], new: list[str], marks: dict[str, str]) -> None:
    before, after = ({"a": small.text("甲", "A", ROW % f"[{', '.join(some)}]" if some else "")} for some in (old, new))
    was, now = (rows(small.document(clauses), "collected") for clauses in (before, after))
    assert policy.marked(was, now) == marks


# The draft's outlook, other languages, strangers, sameness.


def test_the_draft_says_what_its_release_would_say() -> None:
    outlook = Outlook(Told(RELEASES[-1].record.verdict, [WORSE, BETTER]), "3.0.0", datetime.date(2027, 1, 2))
    pages = pages_of(AFTER, preview=True, outlook={"p": outlook})
    for locale, words in (("zh", "若按现状发布：版本 3.0.0，重大，最早自 2027-01-02 起生效。"), ("en", "version 3.0.0, material")):
        page = pages[f"{locale}/p/draft/"]
        assert words in page.content
        assert sentences(page) == spoken(WORSE, BETTER, locale=locale)
        assert f"{locale}/p/changes/2.0.0..draft/" in {target(h, f"{locale}/p/draft/")[0] for h in read(page).hrefs}
        assert words not in pages[f"{locale}/p/"].content
    assert re.findall(r'class="cb-marked" id="(.+?)"', pages["zh/p/changes/2.0.0..draft/"].content) == ["c"]


def test_a_third_language_and_a_release_that_lacks_it() -> None:
    """A version without the reader's language is listed with a link to its own; no code knows that there are two."""
    settings = Settings.model_validate({"locales": {"zh": {"name": "中文"}, "en": {"name": "English"}, "fr": {"name": "Français"}}})
    head = small.HEAD.replace("locales: [zh, en]", "locales: [zh, en, fr]").replace("en: Policy}", "en: Policy, fr: Politique}")
    section = "sections:\n  - {id: s, title: {zh: 章, en: Chapter, fr: Chapitre}, clauses: [a]}\n"
    clause = small.text("甲", "A") + "  fr:\n    title: Article\n    body: Texte.\n"
    profile = small.PROFILE.replace("en: Some Company", "en: Some Company, fr: Une Société")
    tree = small.files({"a": clause}, section, head, profile)
    opened = project.open(Path("nowhere"), small.Files(tree), settings)
    releases = small.released(LEDGER_FIRST, Made("2.0.0", opened.sides["p"], "2026-01-10", "2026-02-09", (WORSE,)))
    made_ = site.Site(settings, opened.library, opened.documents, (TEMPLATES,), datetime.date(2026, 11, 27), ledgers={"p": releases})
    pages = {page.address: page for page in site.build(made_)}
    assert "Texte." in pages["fr/p/2.0.0/"].content
    assert "fr/p/1.0.0/" not in pages
    assert "zh/p/1.0.0/" in {target(h, "fr/p/")[0] for h in read(pages["fr/p/"]).hrefs}
    reads = {address: read(page) for address, page in pages.items()}
    assert lost(reads, set(data_of(made_)) | {f"p/releases/{r.version}.json" for r in releases.releases}) == []


def test_the_text_of_a_stranger_comes_out_as_text() -> None:
    attack = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'"
    words = {"zh": attack, "en": attack}
    hostile = small.CHANGED.model_copy(update={"sentence": words, "why": words, "by": attack})
    first, second = small.released(LEDGER_FIRST, Made("2.0.0", side(THIRD), "2026-01-10", "2026-02-09", (hostile,))).releases
    text = second.model_dump_json(by_alias=True, exclude_none=True)
    for old, new in (("第一条的新文字。", attack), ("第一条", attack)):
        text = text.replace(old, json.dumps(new)[1:-1])
    bad = Release.model_validate_json(text.replace('"href":""', '"href":"javascript:alert(1)"'))
    pages = pages_of(AFTER, Ledger("p", (first, bad)))
    for address, page in pages.items():
        found = read(page)
        assert found.handlers == [], address
        assert not found.tags & {"script", "img"}, address
        assert not [h for h in found.hrefs if h.startswith("javascript:")], address
    assert attack in read(pages["zh/p/changes/"]).text


def test_two_builds_are_the_same(day: str, pages: dict[str, SitePage]) -> None:
    assert {a: page.content for a, page in _built(made(day, preview=True)).items()} == {a: page.content for a, page in pages.items()}
    assert data_of(made(day)) == data_of(made(day))


def test_what_versions_hold_alike_is_written_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts instead of seconds: how often the template of a clause is rendered does not depend on how busy a machine is."""
    rendered, render = Counter[str](), Writer.render

    def counted(self: Writer, template: str, **values: Any) -> Any:
        rendered[template] += 1
        return render(self, template, **values)

    monkeypatch.setattr(Writer, "render", counted)
    found = made(AFTER)
    assert all(page.content for page in site.build(found))
    shown = found.standings[0].versions
    entries = [entry for version in shown for entry in version.document.entries()]
    parts = [part for version in shown for part in version.document.walk()]
    for template, items in (("clause.html", entries), ("pair.html", entries), ("section.html", parts), ("pairs.html", parts)):
        assert rendered[template] == len({id(item) for item in items}) * len(LOCALES), template
    assert len({id(entry) for entry in entries}) < len(entries), "no two versions have a clause alike"


def test_a_preview_keeps_pages_of_releases_while_nothing_they_are_made_of_changes(tmp_path: Path) -> None:
    (tmp_path / "versions.html").write_text("<p>one</p>\n", encoding="utf-8")
    opened = small.opened(small.files(DRAFT)).sound()
    kept: Any = {}

    def build(day: str, releases: Ledger) -> dict[str, SitePage]:
        found = site.Site(
            opened.settings, opened.library, opened.documents, (tmp_path, TEMPLATES), datetime.date.fromisoformat(day),
            ledgers={"p": releases}, preview=True,
        )  # fmt: skip
        return {page.address: page for page in site.build(found, kept)}

    first, again = build(ON, LEDGER), build(ON, LEDGER)
    assert [a for a in first if first[a].content != again[a].content] == []
    assert again["zh/p/1.0.0/"] is first["zh/p/1.0.0/"]
    assert again["zh/p/draft/"] is not first["zh/p/draft/"]
    assert status(build(BEFORE, LEDGER)["zh/p/2.0.0/"]) == "已公布，尚未生效"
    assert "zh/p/2.0.0/" not in build(ON, Ledger("p", RELEASES[:2]))
    build(ON, LEDGER)
    (tmp_path / "versions.html").write_text("<p>two, longer</p>\n", encoding="utf-8")
    os.utime(tmp_path / "versions.html", ns=(1, 1))
    assert build(ON, LEDGER)["zh/p/versions/"].content == "<p>two, longer</p>"
