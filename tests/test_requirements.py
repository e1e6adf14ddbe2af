"""What the law asks: every row of every pack on documents made of a few facts, and on the policies of the repository."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest

from clausebook import formats, load, project, records, requirements, resources
from clausebook.document import Document, Entry, Part
from clausebook.facts import Facts
from clausebook.law import Match, Need, Pack, Requirement
from clausebook.model import Doc, Library, Policy
from clausebook.project import Project
from clausebook.requirements import CONDITIONS, Verdict
from clausebook.tree import Folder

ROOT = Path(__file__).parent.parent
TODAY = datetime.date(2026, 11, 22)
URL = "https://example.com/"
Stated = tuple[str, dict[str, Any]]


@cache
def opened() -> Project:
    return project.open(ROOT).sound()


@cache
def packs() -> tuple[Pack, ...]:
    found, problems = load.packs([(Folder(resources.PACKAGE), "packs")])
    assert problems == []
    return tuple(pack.value for pack in found)


@cache
def rows() -> dict[str, tuple[Pack, Requirement]]:
    return {row.id: (pack, row) for pack in packs() for row in pack.rows}


def library() -> Library:
    return opened().library


def document(facts: Iterable[Stated], doc: dict[str, Any] | None = None, **more: Any) -> Document:
    """Return a document of one clause that states the facts."""
    raw = {"id": "p", "title": {"zh": "政策"}, "locales": ["zh"], "sections": [{"id": "s", "title": {"zh": "章"}}], "doc": doc or {}}
    policy = Policy.model_validate({**raw, "profile": {"operator": {"legal_name": "某公司"}}, **more})
    made = tuple((kind, records.inner_models(Facts.model_fields[kind].annotation)[0].model_validate(fact)) for kind, fact in facts)
    entry = Entry("c", "c", 2, None, {}, {}, {}, made)  # type: ignore[arg-type]
    marked = {term for term, (_, found) in library().terms.items() if found.sensitive in ("law", "stated")}
    return Document(policy, (Part("s", 1, None, {}, (entry,), ()),), {}, frozenset(marked))


def dated(made: Document) -> Document:
    """Return a document as a version that is published and in force."""
    return replace(made, version="1.0.0", published=TODAY, effective=TODAY)


def judged(row: str, made: Document) -> Verdict:
    pack, found = rows()[row]
    return requirements.judge(made, [pack.model_copy(update={"rows": [found]})], library(), TODAY)[0]


def fact(kind: str, /, **usual: Any) -> Callable[..., Stated]:
    """Return what makes facts of a kind: what a fact must have, and what a case adds to it."""
    return lambda **more: (kind, {**usual, **more})


collects = fact("collects", data=["person-name"], subject="end-user")
shares = fact("shares", recipient="partner", relation="independent")
transfers = fact("transfers", country="某国")
retention = fact("retention", scope="all-personal-information")
storage = fact("storage", location="cn-mainland")
minors = fact("minors")
automated = fact("automated", kind="push")
incident = fact("incident")
exceptions = fact("exceptions", exception="national-security", applies_to="collection-and-use")
changes = fact("changes")
cookies = fact("cookies", name="会话", tech="cookie")
permissions = fact("permissions", permission="permission-camera", function="media")
contacts = fact("contacts", role="operator", channel="email", value="a@b.example")
duties = fact("duties", on="end-user", duty="通读")
security = fact("security", measure="firewall")
links = fact("links", url=URL)
defines = fact("defines", term="用户")
uses = fact("uses", purposes=["improvement"])


def right(name: str, **more: Any) -> Stated:
    return "rights", {"right": name, **more}


def rights(*names: str, how: str = "在设置中操作") -> list[Stated]:
    return [right(name, how=how) for name in names]


@dataclass(frozen=True)
class Case:
    """Facts that satisfy a row, facts that do not, and what is not a fact in either."""

    good: list[Stated]
    bad: list[Stated]
    doc: dict[str, Any] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)  # of the policy in the bad case


FULL = {"purposes": ["core-service"], "method": "provided-by-user", "function": "account"}
CONSENTED = collects(legal_basis="cn-consent")
SHARED = {"purposes": ["core-service"], "method": "interface-transfer", "data": ["person-name"]}
FACE = {"data": ["face-image"]}
PERIOD = {"period": "P1Y", "end_action": "delete"}
CHILD = minors(threshold={"op": "lt", "age": 14}, guardian_consent="required", special_rules_url=URL)
NINE = ("access", "copy", "portability", "rectify", "complete", "delete", "restrict-or-refuse", "close-account", "withdraw-consent")
AGREED, BY_USE = duties(agreement="explicit"), duties(agreement="by-use")
BOUND = duties(on="receiving-party")
SDK = {"relation": "sdk", "sdk": {"package": "a.b", "version": "1", "operator": "某公司"}, "rules_url": URL}
SIX = ["incident-kinds", "incident-cause", "incident-harm", "incident-remedy", "incident-advice", "incident-contact"]
TOLD = incident(to_authority="true", to_individuals={"bound": "immediately"}, contents=SIX)
APP, PLATFORM, ORGAN = {"app": "true"}, {"scale": "platform"}, {"customer": ["state-organ"]}
BIG, SMALL, ABROAD = {"scale": "large"}, {"scale": "small"}, {"offshore": "true"}
NAMELESS: dict[str, Any] = {"profile": {}}

PIPL = {
    "pipl-public-rules": Case([collects(**FULL)], [collects(purposes=["core-service"])]),
    "pipl-lawful-basis": Case([collects(legal_basis="cn-contract-hr")], [collects(legal_basis="eu-contract")]),
    "pipl-consent-quality": Case([CONSENTED, AGREED], [CONSENTED, AGREED, BY_USE]),
    "pipl-reconsent": Case([CONSENTED, changes(reconsent=["purpose", "method", "kind"])], [CONSENTED, changes(reconsent=["purpose"])]),
    "pipl-withdrawal": Case(
        [CONSENTED, right("withdraw-consent", how="在设置中", limits="不溯及既往")],
        [CONSENTED, right("withdraw-consent", limits="不溯及既往")],
    ),
    "pipl-no-forced-consent": Case(
        [CONSENTED, collects(necessity="optional", if_refused="feature-only")],
        [CONSENTED, collects(necessity="optional", if_refused="service-unavailable")],
    ),
    "pipl-controller-identity": Case([contacts()], [contacts(channel="in-app-service"), contacts(role="department")]),
    "pipl-purpose-manner-kind": Case([collects(**FULL)], [collects(method="automatic")]),
    "pipl-retention": Case([collects(), retention(**PERIOD)], [collects(), retention(scope="log-info", **PERIOD)]),
    "pipl-rights-procedure": Case(
        [*rights("access"), right("all-rights", limits="无端重复的请求")], [right("access"), right("all-rights", limits="无端重复的请求")]
    ),
    "pipl-change-notice": Case([changes(all=["this-page"])], [changes(material=["popup"])]),
    "pipl-joint": Case([shares(relation="joint", recipient_contact="电话")], [shares(relation="joint")]),
    "pipl-entrusted": Case([shares(relation="entrusted", **SHARED), BOUND], [shares(relation="entrusted", **SHARED), duties()]),
    "pipl-merger": Case(
        [shares(relation="merger", recipient_contact="届时告知", reconsent="true")],
        [shares(relation="merger", recipient_contact="届时告知")],
    ),
    "pipl-provide-others": Case(
        [shares(recipient_contact="电话", consent="separate", **SHARED)], [shares(recipient_contact="电话", consent="explicit", **SHARED)]
    ),
    "pipl-auto-optout": Case([automated(opt_out="在设置中关闭")], [automated()]),
    "pipl-auto-explain": Case([automated(kind="decision", explain="来信", opt_out="来信")], [automated(kind="profiling", opt_out="来信")]),
    "pipl-publicity": Case([shares(relation="public", consent="separate")], [shares(relation="public", consent="explicit")]),
    "pipl-sensitive-need": Case(
        [collects(**FACE, sensitive={"necessity": "考勤", "impact": "可能被冒用"})], [collects(**FACE, sensitive={"necessity": "考勤"})]
    ),
    "pipl-sensitive-consent": Case(
        [collects(**FACE, sensitive={"separate_consent": "true"})], [collects(**FACE, sensitive={"separate_consent": "false"})]
    ),
    "pipl-minors": Case([CHILD], [minors(threshold={"op": "le", "age": 14}, guardian_consent="required", special_rules_url=URL)]),
    "pipl-transfer-mechanism": Case([transfers(mechanism="cn-standard-contract")], [transfers(mechanism="as-law-requires")]),
    "pipl-transfer-notice": Case(
        [transfers(recipient="overseas-recipient", contact="电话", rights_route="来信", consent="separate", **SHARED)],
        [transfers(recipient="overseas-recipient", contact="电话", consent="separate", **SHARED)],
    ),
    "pipl-foreign-authority": Case(
        [transfers(), shares(relation="authority", condition="经主管机关批准")], [transfers(), shares(relation="authority")]
    ),
    "pipl-right-know-decide": Case(rights("restrict-or-refuse"), rights("access")),
    "pipl-right-access-copy": Case(rights("access", "copy"), rights("access")),
    "pipl-right-portability": Case(rights("portability"), [right("portability")]),
    "pipl-right-correct": Case([right("rectify", where="个人中心"), *rights("complete")], rights("rectify")),
    "pipl-right-delete": Case([*rights("delete"), retention(end_action="delete")], [*rights("delete"), retention(method="必要期间")]),
    "pipl-right-explain": Case(rights("explain-rules"), rights("access")),
    "pipl-right-deceased": Case(rights("deceased-kin"), rights("access")),
    "pipl-right-lawsuit": Case([right("sue")], [right("complaint")]),
    "pipl-officer-contact": Case([contacts(role="pi-officer")], [contacts()], BIG),
    "pipl-cn-representative": Case([contacts(role="cn-rep")], [contacts(role="eu-rep")], ABROAD),
    "pipl-incident": Case([TOLD], [incident(to_authority="true", to_individuals={"deadline": "PT72H", "bound": "within"}, contents=SIX)]),
    "pipl-platform-duties": Case(
        [links(kind="platform-rules"), links(kind="responsibility-report")], [links(kind="platform-rules")], PLATFORM
    ),
}

NDSR = {
    "ndsr-lists": Case([collects(**FULL), shares(**SHARED)], [collects(**FULL), shares(purposes=["core-service"])]),
    "ndsr-retention-end": Case([collects(), retention(**PERIOD)], [collects(), retention(period="P1Y")]),
    "ndsr-rights-set": Case(rights(*NINE), rights(*NINE[1:])),
    "ndsr-minor-rules": Case([CHILD, links(kind="children-rules")], [CHILD, links(kind="archive")]),
    "ndsr-consent-scope": Case(
        [CONSENTED, changes(reconsent=["purpose", "method", "kind", "retention"])],
        [CONSENTED, changes(reconsent=["purpose", "method", "kind"])],
    ),
    "ndsr-unneeded-data": Case(
        [retention(scope="account-data", end_action="anonymise")], [retention(scope="account-data", end_action="isolate-in-backup")]
    ),
    "ndsr-contract-records": Case([shares(), BOUND], [shares(), duties()]),
    "ndsr-incident-channels": Case(
        [incident(channels=["phone"], to_individuals={"bound": "immediately"})], [incident(to_individuals={"bound": "immediately"})]
    ),
    "ndsr-complaint-channel": Case([contacts(role="complaints")], [contacts()]),
    "ndsr-push-off": Case([automated(opt_out="设置", delete_tags="设置")], [automated(opt_out="设置")], PLATFORM),
    "ndsr-gov-service": Case(
        [uses(modality="never", data=["business-data"])],
        [uses(modality="never", data=["business-data"]), collects(handler="organisation", purposes=["marketing"])],
        ORGAN,
    ),
}

GBT = {
    "gbt-scope-date": Case([defines()], []),
    "gbt-function-map": Case([collects(function="account")], [collects()]),
    "gbt-rules": Case([collects(method="automatic"), retention(method="必要期间"), storage()], [collects(method="automatic"), storage()]),
    "gbt-sharing-types": Case([shares(**SHARED), BOUND], [shares(), BOUND]),
    "gbt-rights-mechanism": Case(
        rights("access", "rectify", "delete", "close-account", "withdraw-consent", "copy"), [*rights("access"), automated()]
    ),
    "gbt-risk-of-giving": Case([collects(necessity="core", if_refused="feature-only")], [collects(necessity="core")]),
    "gbt-security-practice": Case([security()], []),
    "gbt-complaint-external": Case([contacts(role="complaints"), contacts(role="dispute-body")], [contacts(role="complaints")]),
    "gbt-plain-public": Case([changes(all=["this-page"])], []),
    "gbt-update": Case([changes(all=["this-page"]), changes(material=["popup"])], [changes(all=["this-page"])]),
    "gbt-archive": Case([links(kind="archive")], [links(kind="collected")]),
    "gbt-response-time": Case([right("all-rights", response_days=15)], [right("all-rights", response_days=30)]),
    "gbt-consent-exceptions": Case([exceptions(legal_basis="cn-legal-duty")], [exceptions()]),
}

APPS = {
    "app-has-policy": Case([AGREED], [BY_USE], APP),
    "app-readable-zh": Case([], [], APP, {"locales": ["en"], "title": {"en": "Policy"}}),
    "app-list-all": Case([collects(**FULL)], [collects(**FULL), shares(relation="sdk", data=["person-name"])], APP),
    "app-change-tell": Case([changes(all=["this-page"], material=["popup"])], [changes(all=["this-page"], material=["site-notice"])], APP),
    "app-just-in-time": Case([permissions(trigger="拍照时")], [permissions()]),
    "app-no-precheck": Case([AGREED, *rights("withdraw-consent")], [AGREED, BY_USE, *rights("withdraw-consent")], APP),
    "app-provide-consent": Case([shares(consent="explicit")], [shares()]),
    "app-15-days": Case(
        [right("all-rights", response_days=15), contacts(role="complaints", response_days=15)],
        [right("all-rights", response_days=30), contacts(role="complaints", response_days=15)],
        APP,
    ),
    "app-list-collected": Case([collects(**FULL)], [collects(function="account")], APP),
    "app-list-shared": Case([shares(condition="用户选择时", **SHARED)], [shares(**SHARED)]),
    "app-sdk-list": Case([shares(**SDK, **SHARED)], [shares(relation="sdk", **SHARED)]),
    "app-necessary-scope": Case(
        [collects(data=["mobile-number"], necessity="core", if_refused="service-unavailable")],
        [collects(data=["mobile-number", "geo-location"], necessity="core", if_refused="service-unavailable")],
        APP,
    ),
    "app-draft-function-list": Case(
        [collects(**FULL), permissions(frequency="每次拍照")], [collects(**FULL), permissions(trigger="拍照时")], APP
    ),
    "app-draft-sdk-fields": Case([shares(**SDK, **SHARED)], [shares(**{**SDK, "sdk": {"package": "a.b", "operator": "某公司"}}, **SHARED)]),
    "app-draft-consultation": Case(
        [changes(material=["consultation"], notice_days=7)], [changes(material=["popup"], notice_days=7)], PLATFORM
    ),
}

LOGGED = collects(data=["network-log"])
OTHER = {
    "csl-logs": Case([LOGGED, retention(scope="network-log", floor="P6M")], [LOGGED, retention(scope="network-log", floor="P5M")]),
    "csl-real-name": Case(
        [collects(purposes=["verify-identity"], legal_basis="cn-legal-duty")], [collects(purposes=["verify-identity"])], APP
    ),
    "csl-incident": Case([TOLD], [incident(to_authority="true")]),
    "incident-report-clock": Case(
        [incident(to_authority="true", authority_deadline="PT4H")], [incident(to_authority="true", authority_deadline="PT24H")]
    ),
    "minors-rules-content": Case(
        [minors(guardian_consent="required", special_rules_url=URL, officer="专人", refusal="可以拒绝")],
        [minors(guardian_consent="required", special_rules_url=URL, officer="专人")],
    ),
    "minors-rights": Case(
        [CHILD, right("all-rights", via="guardian", how="来信")],
        [CHILD, right("access", via="guardian", how="来信"), right("all-rights", how="来信")],
    ),
    "minors-incident": Case(
        [CHILD, incident(plan="true", to_authority="true", to_guardians="true")], [CHILD, incident(plan="true", to_authority="true")]
    ),
    "minors-audit": Case([CHILD, security(measure="minors-audit")], [CHILD, security()]),
    "state-organ-limits": Case([storage(), collects(legal_basis="cn-legal-duty")], [storage(location="user-device")], ORGAN),
    "ecommerce-rule-change": Case(
        [changes(material=["consultation"]), changes(notice_days=7)], [changes(material=["consultation"], notice_days=6)], PLATFORM
    ),
    "ecommerce-rights": Case(rights("access", "rectify", "delete", "close-account"), rights("access", "rectify", "delete")),
    "audit-cycle": Case([security(measure="compliance-audit")], [security()], BIG),
    "small-handler": Case(
        [contacts(), collects(**FULL), retention(period="P1Y")], [contacts(), collects(**FULL), retention(floor="P1Y")], SMALL
    ),
}

GROUND = {"necessity": "考勤", "ground": "explicit-consent"}
WEIGHED = {"necessity": "core", "if_refused": "feature-only"}
EU = {
    "gdpr-response": Case([right("all-rights", response_days=30, fee="free")], [right("all-rights", response_days=45, fee="free")]),
    "gdpr-controller": Case([contacts()], [contacts()], {}, NAMELESS),
    "gdpr-dpo": Case([contacts(role="dpo")], [contacts()]),
    "gdpr-purpose-basis": Case(
        [collects(legal_basis="eu-contract", purposes=["billing"])], [collects(legal_basis="cn-consent", purposes=["billing"])]
    ),
    "gdpr-legit-interest": Case(
        [collects(legal_basis="eu-legitimate-interest", interest="防止欺诈")], [collects(legal_basis="eu-legitimate-interest")]
    ),
    "gdpr-recipients": Case([shares()], []),
    "gdpr-transfers": Case([transfers(mechanism="eu-scc", copy_route="来信")], [transfers(mechanism="eu-scc")]),
    "gdpr-retention": Case([collects(), retention(method="必要期间")], [collects(), retention(end_action="delete")]),
    "gdpr-rights": Case(
        rights("access", "rectify", "delete", "restrict-or-refuse", "object", "portability"), rights("access", "rectify", "delete")
    ),
    "gdpr-withdraw": Case([CONSENTED, right("withdraw-consent")], [CONSENTED]),
    "gdpr-complaint": Case([right("complain-authority")], [right("complaint")]),
    "gdpr-obligatory": Case([collects(**WEIGHED)], [collects(necessity="core")]),
    "gdpr-automated": Case([automated(kind="decision", logic="评分", effect="拒绝")], [automated(kind="decision", logic="评分")]),
    "gdpr-further-purpose": Case([changes(material=["popup"], notice_days=7)], [changes(material=["popup"]), changes(notice_days=7)]),
    "gdpr-indirect": Case([collects(method="from-third-party", source="affiliated-bodies")], [collects(method="from-third-party")]),
    "gdpr-child": Case(
        [minors(threshold={"op": "lt", "age": 16}, guardian_consent="required")], [minors(threshold={"op": "lt", "age": 16})]
    ),
    "gdpr-special": Case([collects(**FACE, sensitive=GROUND)], [collects(**FACE, sensitive={"necessity": "考勤"})]),
    "gdpr-joint": Case([shares(relation="joint", rules_url=URL)], [shares(relation="joint")]),
    "gdpr-ropa": Case(
        [collects(purposes=["billing"]), shares(), retention(period="P1Y"), security()],
        [collects(purposes=["billing"]), shares(), security()],
    ),
    "gdpr-breach": Case(
        [incident(to_authority="true", to_individuals={"bound": "immediately"}, authority_deadline="PT72H")],
        [incident(to_authority="true", to_individuals={"bound": "immediately"}, authority_deadline="P7D")],
    ),
    "gdpr-change": Case([changes(material=["email"], notice_days=30)], [changes(material=["this-page"], notice_days=30)]),
    "eprivacy-consent": Case([cookies(purposes=["analytics"], party="first")], [cookies(purposes=["analytics"])]),
    "eprivacy-duration": Case([cookies(duration="P30D", party="first")], [cookies(party="first")]),
    "eprivacy-pixel": Case(
        [cookies(tech="pixel", purposes=["read-tracking"], control="收件人可以拒绝")], [cookies(tech="pixel", purposes=["read-tracking"])]
    ),
    "eprivacy-refuse": Case([cookies(control="浏览器设置")], [cookies()]),
}

ASKED = [contacts(channel="phone"), contacts()]
US = {
    "ccpa-at-collection": Case([collects(**FULL), shares(sale="neither")], [collects(**FULL), shares()]),
    "ccpa-retention": Case([collects(), retention(period="P1Y")], [collects()]),
    "ccpa-12m": Case([], []),
    "ccpa-lists": Case([shares(data=["person-name"], sale="sold")], [shares(data=["person-name"])]),
    "ccpa-sources": Case([collects(source="org-admin")], [collects()]),
    "ccpa-rights": Case(
        rights("access", "delete", "rectify", "opt-out-sale", "limit-sensitive", "no-retaliation"), rights("access", "delete")
    ),
    "ccpa-how": Case(
        [*ASKED, right("all-rights", how="核验身份后办理", response_days=45)], [*ASKED, right("all-rights", how="来信", response_days=60)]
    ),
    "ccpa-optout-link": Case(
        [shares(sale="sold"), right("opt-out-sale", where="页脚"), right("limit-sensitive", where="页脚")],
        [shares(sale="sold"), right("opt-out-sale", where="页脚")],
    ),
    "ccpa-sensitive": Case([collects(**FACE, **FULL), *rights("limit-sensitive")], [collects(**FACE), *rights("limit-sensitive")]),
    "ccpa-minors": Case([shares(relation="prohibited", data=["minors-information"])], [shares(relation="prohibited")]),
    "ccpa-date": Case([contacts()], []),
}

CASES = PIPL | NDSR | GBT | APPS | OTHER | EU | US
BY_SITE = {"ndsr-display", "gdpr-form", "ccpa-language"}  # rows that a page of the site meets, whatever the facts
DATED = {"gbt-scope-date", "ccpa-12m", "ccpa-date"}  # a draft has no dates; only a version can meet these
MET = ("satisfied", "elsewhere")


def test_every_row_has_a_case() -> None:
    assert set(CASES) | BY_SITE == set(rows())


@pytest.mark.parametrize("row", sorted(CASES))
def test_facts_that_satisfy_a_row(row: str) -> None:
    verdict = judged(row, dated(document(CASES[row].good, CASES[row].doc)))
    assert (verdict.outcome in MET, verdict.missing) == (True, ())


@pytest.mark.parametrize("row", sorted(DATED))
def test_a_draft_has_no_dates(row: str) -> None:
    verdict = judged(row, document(CASES[row].good, CASES[row].doc))
    assert [missing.names for missing in verdict.missing] == [("dates",)]


@pytest.mark.parametrize("row", sorted(CASES))
def test_facts_that_fall_short_of_a_row(row: str) -> None:
    verdict = judged(row, document(CASES[row].bad, CASES[row].doc, **CASES[row].more))
    assert verdict.outcome in ("gap", "partial")
    assert verdict.missing


@pytest.mark.parametrize("row", sorted(row for row, (_, found) in rows().items() if found.when != "always"))
def test_a_row_whose_condition_does_not_hold(row: str) -> None:
    """The facts of the good case, without those and the record on which the condition rests."""
    condition = CONDITIONS[rows()[row][1].when]
    kept = [stated for stated in CASES[row].good if not condition(document([stated]))]
    assert judged(row, document(kept)).outcome == "not-applicable"


@pytest.mark.parametrize("row", sorted(BY_SITE))
def test_what_the_site_provides_is_satisfied_elsewhere(row: str) -> None:
    verdict = judged(row, document([]))
    assert (verdict.outcome, verdict.evidence, verdict.features) == ("elsewhere", (), ("one-page",))


def conditions() -> dict[str, tuple[list[Stated], list[Stated], dict[str, Any], dict[str, Any]]]:
    """Return for each condition facts under which it holds and near ones under which it does not; likewise the record."""
    by_facts = {
        "consent": ([CONSENTED], [collects(legal_basis="cn-contract-hr")]),
        "sensitive": ([collects(**FACE)], [collects(data=["geo-location"])]),
        "minors": ([CHILD], [collects()]),
        "sharing": ([shares()], [shares(relation="prohibited")]),
        "entrusted": ([shares(relation="entrusted")], [shares()]),
        "joint": ([shares(relation="joint")], [shares()]),
        "merger": ([shares(relation="merger")], [shares()]),
        "publicity": ([shares(relation="public")], [shares()]),
        "cross-border": ([transfers()], [storage()]),
        "automated": ([automated(kind="decision")], [automated()]),
        "push": ([automated(kind="marketing")], [automated(kind="decision")]),
        "cookies": ([cookies()], [collects()]),
        "email-tracking": ([cookies(tech="pixel", purposes=["read-tracking"])], [cookies(tech="pixel", purposes=["analytics"])]),
        "sdk": ([shares(relation="sdk")], [shares()]),
        "permissions": ([permissions()], [collects(method="device-permission")]),
        "logs": ([LOGGED], [collects(data=["device-model"])]),
        "indirect": ([collects(method="from-third-party")], [collects(method="automatic")]),
        "sale": ([shares(sale="shared")], [shares(sale="neither")]),
    }
    by_record: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        "app": (APP, {}),
        "small": (SMALL, {}),
        "large": (BIG, SMALL),
        "platform": (PLATFORM, BIG),
        "state-organ": (ORGAN, {"customer": ["enterprise"]}),
        "gov-service": (ORGAN, {"customer": ["consumer"]}),
        "offshore-controller": (ABROAD, {}),
    }
    return {
        **{name: (yes, no, {}, {}) for name, (yes, no) in by_facts.items()},
        **{name: ([], [], yes, no) for name, (yes, no) in by_record.items()},
    }


@pytest.mark.parametrize("name", sorted(set(CONDITIONS) - {"always"}))
def test_conditions(name: str) -> None:
    yes, no, record, other = conditions()[name]
    assert CONDITIONS[name](document(yes, record))
    assert not CONDITIONS[name](document(no, other))


def test_a_platform_is_large() -> None:
    assert CONDITIONS["large"](document([], PLATFORM))
    assert Doc().scale == "normal"


def one(need: dict[str, Any], facts: list[Stated], **more: Any) -> Verdict:
    """Judge a row of one need."""
    raw = {"id": "r", "cite": [{"instrument": "i", "article": "1"}], "summary": {"en": "S"}, "level": "info", "sure": "read", "mend": {}}
    row = Requirement.model_validate({**raw, "needs": [need]})
    pack = Pack(pack="x", title={"en": "X"}, jurisdiction="cn", rows=[row])
    return requirements.judge(document(facts, **more), [pack], library(), TODAY)[0]


def outcome(need: dict[str, Any], *facts: Stated) -> str:
    return one(need, list(facts)).outcome


def names(need: dict[str, Any], *facts: Stated) -> list[tuple[str, ...]]:
    return [missing.names for missing in one(need, list(facts)).missing]


def test_some() -> None:
    need = {"some": {"kind": "rights", "where": {"right": "access"}, "fields": ["how"]}}
    assert outcome(need, right("access"), *rights("access")) == "satisfied"
    assert outcome(need, *rights("copy")) == "gap"
    assert names(need, *rights("copy")) == [("access",)]
    assert names(need, right("access")) == [("how",)]


def test_each() -> None:
    need = {"each": {"kind": "collects", "fields": ["purposes"]}}
    assert outcome(need, collects(**FULL), collects(**FULL)) == "satisfied"
    assert outcome(need, collects(**FULL), collects()) == "partial"
    assert outcome(need, collects()) == "gap"
    assert outcome(need, shares()) == "not-applicable"


def test_none() -> None:
    need = {"none": {"kind": "duties", "where": {"agreement": "by-use"}}}
    assert outcome(need, AGREED) == "not-applicable"
    assert outcome(need, BY_USE) == "gap"
    assert names(need, BY_USE) == [("by-use",)]


def test_terms() -> None:
    need = {"terms": {"kind": "rights", "field": "right", "all": ["access", "copy"], "fields": ["how|where"]}}
    assert outcome(need, right("access", where="设置"), *rights("copy")) == "satisfied"
    assert outcome(need, *rights("access")) == "partial"
    assert names(need, right("access"), *rights("copy")) == [("access",)]
    assert names(need) == [("access",), ("copy",)]


@pytest.mark.parametrize(
    ("scope", "covered"), [("mail-content", True), ("email-content", True), ("all-personal-information", True), ("log-info", False)]
)
def test_covered(scope: str, covered: bool) -> None:
    """A term is covered by itself, by a wider one and by all personal information, not by another."""
    need = {"covered": {"kind": "collects", "field": "data", "by": "retention", "scope": "scope", "fields": ["period"]}}
    stated = [collects(data=["mail-content"]), retention(scope=scope, period="P1Y")]
    assert (outcome(need, *stated) == "satisfied") is covered
    assert names(need, *stated) == ([] if covered else [("mail-content",)])


def test_covered_only_by_facts_that_say_enough() -> None:
    need = {"covered": {"kind": "collects", "field": "data", "by": "retention", "scope": "scope", "fields": ["period"]}}
    assert outcome(need, collects(), retention(method="必要期间")) == "gap"
    assert outcome(need, collects()) == "gap"


def test_document() -> None:
    assert one({"document": "controller"}, []).outcome == "elsewhere"
    assert one({"document": "controller"}, [], profile={}).outcome == "gap"
    assert one({"document": "dates"}, []).outcome == "gap"
    assert one({"document": "source-language"}, []).outcome == "elsewhere"
    assert one({"document": "source-language"}, [], locales=["en"], title={"en": "P"}).outcome == "gap"


@pytest.mark.parametrize("lacking", [{"version": ""}, {"published": None}, {"effective": None}])
def test_a_version_without_one_of_its_dates_is_not_dated(lacking: dict[str, Any]) -> None:
    whole = dated(document(CASES["ccpa-12m"].good))
    assert judged("ccpa-12m", whole).outcome == "elsewhere"
    assert judged("ccpa-12m", replace(whole, **lacking)).outcome == "gap"


def test_feature() -> None:
    verdict = one({"feature": "print"}, [])
    assert (verdict.outcome, verdict.features) == ("elsewhere", ("print",))


def test_sensitive_picks_facts_by_what_the_document_calls_sensitive() -> None:
    need = {"each": {"kind": "collects", "sensitive": "true", "fields": ["purposes"]}}
    assert outcome(need, collects(), collects(**FACE, **FULL)) == "satisfied"
    assert outcome(need, collects(**FULL), collects(**FACE)) == "gap"
    assert outcome(need, collects()) == "not-applicable"


@pytest.mark.parametrize(
    ("bounds", "stated", "met"),
    [
        ({"most": {"response_days": "15"}}, right("access", response_days=15), True),
        ({"most": {"response_days": "15"}}, right("access", response_days=16), False),
        ({"most": {"response_days": "15"}}, right("access"), False),
        ({"least": {"floor": "P6M"}}, retention(floor="P180D"), True),
        ({"least": {"floor": "P6M"}}, retention(floor="P1Y"), True),
        ({"least": {"floor": "P6M"}}, retention(floor="P25W"), False),
        ({"least": {"floor": "P6M"}}, retention(), False),
        ({"most": {"authority_deadline": "PT4H"}}, incident(authority_deadline="PT240M"), True),
        ({"most": {"authority_deadline": "PT4H"}}, incident(authority_deadline="P1D working"), False),
        ({"most": {"how": "1"}}, right("access", how="来信"), False),
    ],
)
def test_bounds(bounds: dict[str, Any], stated: Stated, met: bool) -> None:
    assert outcome({"some": {"kind": stated[0], **bounds}}, stated) == ("satisfied" if met else "gap")


def test_a_field_inside_a_record_and_false_is_not_filled_in() -> None:
    need = {"some": {"kind": "minors", "must": {"threshold.op": "lt"}}}
    assert outcome(need, CHILD) == "satisfied"
    assert outcome(need, minors()) == "gap"
    assert outcome({"some": {"kind": "incident", "fields": ["plan"]}}, incident(plan="false")) == "gap"


def test_evidence_names_each_fact_once() -> None:
    made = document([contacts()])
    verdict = judged("pipl-controller-identity", made)
    assert [(e.entry.anchor, e.kind) for e in verdict.evidence] == [("c", "contacts")]
    assert verdict.evidence[0].fact is next(made.facts("contacts"))[1]


@pytest.mark.parametrize(("until", "expected"), [("2026-11-22", "waived"), ("2026-11-21", "gap")])
def test_a_waiver_holds_until_its_day(until: str, expected: str) -> None:
    waiver = {"rule": "gbt-archive", "reason": "首次发布", "by": "法务", "until": until}
    assert judged("gbt-archive", document([], waivers=[waiver])).outcome == expected
    assert judged("gbt-archive", document([links(kind="archive")], waivers=[waiver])).outcome == "satisfied"


def test_jurisdictions_choose_packs_and_drafts_are_asked_for() -> None:
    def chosen(*jurisdictions: str, drafts: bool = False) -> set[str]:
        made = document([], jurisdictions=list(jurisdictions))
        return {pack.pack for pack in requirements.chosen(packs(), made, drafts=drafts)}

    assert chosen() == set()
    assert chosen("eu", "us-ca") == {"eu-gdpr", "eu-eprivacy", "us-ccpa"}
    assert chosen("cn") == {"cn-pipl", "cn-ndsr", "cn-gbt-35273", "cn-app", "cn-other"}
    assert chosen("cn", drafts=True) - chosen("cn") == {"cn-app-draft"}


@pytest.mark.parametrize("row", sorted(rows()))
def test_a_row_is_complete(row: str) -> None:
    """Both languages, cited instruments that exist, a condition that exists, and no error on uncertain ground."""
    pack, found = rows()[row]
    assert set(found.summary) == set(found.mend) == {"zh", "en"}
    assert {c.instrument for c in found.cite} <= {i.id for i in pack.instruments}
    assert found.when in CONDITIONS
    assert found.sure != "uncertain" or found.level == "info"
    assert not pack.draft or found.level == "info"
    assert not any(character in found.summary["en"] + found.mend["en"] for character in "，。；：（）")


@pytest.mark.parametrize("pack", packs(), ids=lambda pack: pack.pack)
def test_a_pack_lists_the_instruments_it_cites(pack: Pack) -> None:
    assert {i.id for i in pack.instruments} == {c.instrument for row in pack.rows for c in row.cite}
    for instrument in pack.instruments:
        assert set(instrument.name) == set(instrument.short) == {"zh", "en"}
        assert instrument.since or instrument.status in ("draft", "foreign")
        assert (instrument.status == "draft") is pack.draft


def test_packs_do_not_tell_different_stories_about_an_instrument() -> None:
    told: dict[str, Any] = {}
    for instrument in (i for pack in packs() for i in pack.instruments):
        assert told.setdefault(instrument.id, instrument) == instrument


def asked(need: Need) -> Iterator[tuple[str, str, list[str]]]:
    """Yield (kind, field, values) for everything a need asks of facts."""
    what = getattr(need, need.predicate)
    if isinstance(what, Match):
        yield from ((what.kind, name, values) for name, values in [*what.where.items(), *what.must.items()])
        yield from ((what.kind, name, []) for name in [*what.fields, *what.most, *what.least])
    elif need.terms:
        yield from ((need.terms.kind, name, []) for name in need.terms.fields)
        yield need.terms.kind, need.terms.field, need.terms.all
    elif need.covered:
        yield need.covered.kind, need.covered.field, []
        yield from ((need.covered.by, name, []) for name in [need.covered.scope, *need.covered.fields])


def literals(annotation: Any) -> set[str]:
    if get_origin(annotation) is Literal:
        return set(get_args(annotation))
    return {value for inner in get_args(annotation) for value in literals(inner)}


@pytest.mark.parametrize("row", sorted(rows()))
def test_a_row_asks_for_fields_and_values_that_there_are(row: str) -> None:
    for need in rows()[row][1].needs:
        for kind, path, values in asked(need):
            for name in path.split("|"):
                model: Any = records.inner_models(Facts.model_fields[kind].annotation)[0]
                *outer, last = name.split(".")
                for step in outer:
                    model = records.inner_models(model.model_fields[step].annotation)[0]
                found = model.model_fields[last]
                scheme, known = records.field_scheme(found), literals(found.annotation)
                if scheme:
                    assert {library().scheme_of(value) for value in values} <= {scheme}, (name, values)
                elif known:
                    assert set(values) <= known, (name, values)


# --- the repository's policies: a row rests on the facts it names as evidence, and on no other


def gist(verdict: Verdict) -> tuple[Any, ...]:
    """Return what a verdict says, with facts told apart by identity."""
    missing = [(m.kind, m.names, m.entry.anchor if m.entry else "") for m in verdict.missing]
    return verdict.outcome, [id(e.fact) for e in verdict.evidence], missing, verdict.features


@cache
def before(policy: str) -> tuple[Document, tuple[Verdict, ...]]:
    made = opened().documents[policy]
    doc = Doc(app=True, customer=["state-organ"], scale="platform", offshore=True)  # so that every condition is met
    made = replace(made, policy=made.policy.model_copy(update={"doc": doc}))
    return made, tuple(requirements.judge(made, packs(), library(), TODAY))


@cache
def deletions(policy: str) -> list[tuple[Entry, str, Any, Document, list[Verdict]]]:
    """Return every fact of a policy: its clause, its kind, itself, the document without it and what is judged of that."""
    made, _ = before(policy)
    stated = [(entry, kind, found, less(made, found)) for entry in made.entries() for kind, found in entry.facts]
    return [(*of, left, requirements.judge(left, packs(), library(), TODAY)) for *of, left in stated]  # type: ignore[misc]


@pytest.mark.parametrize("policy", sorted(opened().documents))
def test_evidence_stands_in_the_document(policy: str) -> None:
    made, verdicts = before(policy)
    stated = {id(found) for entry in made.entries() for _, found in entry.facts}
    for verdict in verdicts:
        assert {id(e.fact) for e in verdict.evidence} <= stated
        assert all(any(found is e.fact for _, found in e.entry.facts) for e in verdict.evidence)
        assert (verdict.outcome == "satisfied") <= bool(verdict.evidence)


def grounds(made: Document, verdict: Verdict) -> Document:
    """Return a document with nothing but what a met row rests on: its evidence, what it asks to be covered, why it applies."""
    named = {id(e.fact) for e in verdict.evidence}
    covered = {need.covered.kind for need in verdict.row.needs if need.covered}
    holds = CONDITIONS[verdict.row.when]

    def kept(entry: Entry) -> Entry:
        found = [
            (kind, f) for kind, f in entry.facts if id(f) in named or kind in covered or holds(replace(made, parts=only(entry, kind, f)))
        ]
        return replace(entry, facts=tuple(found))

    return replace(made, parts=tuple(mapped(part, kept) for part in made.parts))


def only(entry: Entry, kind: str, found: Any) -> tuple[Part, ...]:
    return (Part("s", 1, None, {}, (replace(entry, facts=((kind, found),)),), ()),)


def mapped(part: Part, change: Callable[[Entry], Entry]) -> Part:
    return replace(part, entries=tuple(map(change, part.entries)), parts=tuple(mapped(inner, change) for inner in part.parts))


def less(made: Document, gone: Any) -> Document:
    """Return a document without a fact."""
    change = partial(_less, gone=gone)
    return replace(made, parts=tuple(mapped(part, change) for part in made.parts))


def _less(entry: Entry, gone: Any) -> Entry:
    return replace(entry, facts=tuple((kind, f) for kind, f in entry.facts if f is not gone))


def met(verdict: Verdict) -> bool:
    return verdict.outcome in MET


@pytest.mark.parametrize("policy", sorted(opened().documents))
def test_what_a_row_rests_on_is_enough_to_meet_it(policy: str) -> None:
    made, verdicts = before(policy)
    for verdict in filter(met, verdicts):
        alone = judged(verdict.row.id, grounds(made, verdict))
        assert (alone.row.id, met(alone)) == (verdict.row.id, True)
        assert [e.fact for e in alone.evidence] == [e.fact for e in verdict.evidence]


@pytest.mark.parametrize("policy", sorted(opened().documents))
def test_deleting_a_fact_loses_exactly_the_rows_that_rest_on_it(policy: str) -> None:
    """Over all facts: rows are lost that were met and whose own grounds, the fact taken out of them, meet them no longer."""
    made, verdicts = before(policy)
    resting = [(verdict, grounds(made, verdict)) for verdict in verdicts if met(verdict)]
    within = {v.row.id: {id(f) for e in alone.entries() for _, f in e.facts} for v, alone in resting}
    lost_ever = set()
    for *_, gone, _left, after in deletions(policy):
        lost = {old.row.id for old, new in zip(verdicts, after, strict=True) if met(old) and not met(new)}
        asked = [(v, alone) for v, alone in resting if id(gone) in within[v.row.id]]
        assert lost == {v.row.id for v, alone in asked if not met(judged(v.row.id, less(alone, gone)))}, gone
        lost_ever |= lost
    assert "pipl-change-notice" in lost_ever


@pytest.mark.parametrize("policy", sorted(opened().documents))
def test_deleting_a_fact_changes_rows_that_name_it_or_faulted_it(policy: str) -> None:
    """Rows that name it as evidence all change. Any other that changes had found fault with the fact, or applied because of it."""
    made, verdicts = before(policy)
    for entry, kind, gone, left, after in deletions(policy):
        for old, new in zip(verdicts, after, strict=True):
            where = (entry.anchor, kind, old.row.id)
            holds = any(e.fact is gone for e in old.evidence)
            applied = CONDITIONS[old.row.when](made) != CONDITIONS[old.row.when](left)
            changed = gist(old) != gist(new)
            assert changed or not holds, where
            if holds or applied or not changed:
                continue
            assert not met(old), where
            data = set(getattr(gone, "data", []))
            assert any((m.kind == kind and m.entry is entry) or (m.entry is None and data & set(m.names)) for m in old.missing), where


# --- what is said of every rule


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize("row", sorted(rows()))
def test_a_row_is_explained(row: str, locale: str) -> None:
    pack, found = rows()[row]
    told = formats.rule(pack, found, locale)
    names = {i.id: i.name[locale] for i in pack.instruments}
    said = [
        row,
        found.summary[locale],
        found.mend[locale],
        f"{{rule: {row}, ",
        *(f"{names[c.instrument]}, {c.article}" for c in found.cite),
    ]
    assert [part for part in said if part not in told] == []


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_the_guide_lists_every_rule(locale: str) -> None:
    checks, problems = load.checks(Folder(resources.PACKAGE), "checks")
    assert problems == []
    page = (ROOT / "docs" / locale / "guide" / "rules.md").read_text(encoding="utf-8")
    assert page.partition("\n## ")[2] == formats.rules(packs(), checks.rules, locale).removeprefix("## ") + "\n"
    assert page.count("\n| `") == len(rows()) + len(checks.rules)
