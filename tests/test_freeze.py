"""The gate of a release: what a plan holds, every refusal with its way out, and that the same input makes the same file."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest

from clausebook import chain, freeze, ledger, messages, project
from clausebook.errors import Problem
from clausebook.freeze import Plan, Wish
from clausebook.model import Settings
from clausebook.release import Release
from tests import small

DAY = datetime.date(2026, 3, 1)
CONTACT = "  contacts: [{role: operator, channel: e-mail, value: a@b.example}]\n"
COLLECTS = "facts:\n  collects: [{data: [name], subject: user, function: sign-in, purposes: [identify], legal_basis: consent}]\n" + CONTACT
MORE = COLLECTS.replace("[name]", "[name, phone]")
LESS = "facts:\n" + CONTACT
HEAD = small.HEAD + "sample: true\n"
A = small.text("我们收集您的姓名。", "We collect your name.", COLLECTS)
VOCABULARY = {"clauses/vocabulary/bases.yml": "scheme: bases\nterms:\n  - {id: consent, name: {zh: 同意, en: consent}}\n"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a site with one policy of one clause, not yet released."""
    (tmp_path / "mkdocs.yml").write_text("plugins: [clausebook]\n", encoding="utf-8")
    write(tmp_path, A)
    return tmp_path


def write(root: Path, clause: str, notes: str = "") -> None:
    files = {**small.files({"a": clause}, head=HEAD), **VOCABULARY}
    if notes:
        files["policies/p/changes.yml"] = notes
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


def plan(root: Path, now: datetime.date = DAY, **wish: Any) -> Plan:
    return freeze.plan(project.open(root).sound(), root, "p", Wish(**{"published": now, **wish}), now)


def released(root: Path, now: datetime.date = DAY, **wish: Any) -> Release:
    found = plan(root, now, **wish)
    assert found.refusals == ()
    ledger.append(root, "policies", chain.sealed(found.data))
    return project.open(root).sound().ledgers["p"].releases[-1]


def codes(found: Plan) -> list[str]:
    return [refusal.code for refusal in found.refusals]


def told(found: tuple[Problem, ...]) -> list[str]:
    return [messages.tell(refusal) for refusal in found]


def test_the_first_release(root: Path) -> None:
    found = plan(root)
    assert (found.base, found.version, found.effective, found.refusals) == (None, "1.0.0", DAY, ())
    made = released(root)
    assert (made.number, made.previous, made.record.changes, made.record.verdict.bump) == (1, None, [], "major")


@pytest.mark.parametrize("epoch", [1, 2])
def test_the_same_input_makes_the_same_bytes(root: Path, epoch: int) -> None:
    assert chain.dump(chain.sealed(plan(root).data)) == chain.dump(chain.sealed(plan(root).data))


def test_nothing_changed(root: Path) -> None:
    released(root)
    found = plan(root, DAY + datetime.timedelta(days=1))
    assert codes(found) == ["release-unchanged"]
    assert told(found.refusals)[0].startswith("policies/p/releases/1.0.1.json: nothing has changed since 1.0.0 (")


LATER = DAY + datetime.timedelta(days=60)
PHONE = small.text("我们收集您的姓名、手机号码。", "We collect your name and phone number.", MORE)
TEXT = A.replace("我们收集您的姓名。", "我们收集您的姓名等。")
ENGLISH = A.replace("We collect your name.", "We collect the name you give.")


@pytest.mark.parametrize(
    ("clause", "wish", "expected"),
    [
        (PHONE, {}, []),
        (
            PHONE,
            {"version": "1.0.1"},
            ["release-bump"],
        ),
        (
            PHONE,
            {"version": "1.1.0"},
            ["release-bump"],
        ),
        (PHONE, {"version": "3.0.0"}, []),
        (
            PHONE,
            {"effective": LATER + datetime.timedelta(days=29)},
            ["release-notice"],
        ),
        (
            PHONE,
            {"effective": LATER + datetime.timedelta(days=30)},
            [],
        ),
        (TEXT, {}, ["release-unclassified"]),
        (ENGLISH, {}, []),
        (ENGLISH, {"version": "1.0.0+en.1"}, []),
        (ENGLISH, {"version": "1.0.0"}, ["release-exists"]),
        (ENGLISH, {"version": "1.0"}, ["release-version-form"]),
        (ENGLISH, {"version": "01.0.0"}, ["release-version-form"]),
        (ENGLISH, {"version": "0.9.0"}, ["release-below", "release-order"]),
        (ENGLISH, {"version": "0.9.0", "published": DAY, "effective": DAY}, ["release-below"]),
        (ENGLISH, {"published": DAY - datetime.timedelta(days=1)}, ["release-clock", "release-order"]),
        (ENGLISH, {"published": LATER + datetime.timedelta(days=2)}, ["release-future"]),
        (ENGLISH, {"effective": LATER - datetime.timedelta(days=1)}, ["release-dates"]),
        (ENGLISH, {"corrects": "9.9.9"}, ["release-corrects"]),
        (ENGLISH, {"corrects": "1.0.0"}, []),
    ],
)
def test_what_the_gate_refuses(root: Path, clause: str, wish: dict[str, Any], expected: list[str]) -> None:
    released(root)
    write(root, clause)
    assert codes(plan(root, LATER, **wish)) == expected


def test_every_refusal_is_told_at_once(root: Path) -> None:
    released(root)
    write(root, TEXT)
    found = plan(root, LATER, version="1.0.0", effective=DAY, corrects="2.0.0")
    assert codes(found) == ["release-unclassified", "release-corrects", "release-dates", "release-exists"], told(found.refusals)
    assert all("(" in line and line.endswith(")") for line in told(found.refusals))


def test_a_machine_whose_clock_went_back(root: Path) -> None:
    released(root)
    write(root, ENGLISH)
    found = plan(root, datetime.date(1970, 1, 1), published=DAY)
    assert "release-clock" in codes(found)


@pytest.mark.parametrize(("level", "bump"), [("editorial", "patch"), ("substantive", "minor"), ("material", "major")])
def test_an_attested_change_of_text(root: Path, level: str, bump: str) -> None:
    released(root)
    text = A.replace("我们收集您的姓名。", "我们收集您的姓名")
    write(root, text)
    id_ = next(iter(plan(root, LATER).report.judged)).id  # type: ignore[union-attr]
    who = "reason: {zh: 标点。, en: Punctuation.}\n    by: Li\n    second: Wang\n"
    write(root, text, f"version: 9.0.0\nchanges:\n  - change: {id_}\n    level: {level}\n    {who}")
    found = plan(root, LATER)
    assert found.refusals == ()
    assert (found.verdict.level, found.verdict.bump) == (level, bump)
    assert found.data["record"]["changes"][0]["why"] == {"zh": "标点。", "en": "Punctuation."}


def test_a_word_about_a_text_that_moved_on_does_not_hold(root: Path) -> None:
    released(root)
    write(root, TEXT, "version: 9.0.0\nchanges:\n  - change: 0123456789ab\n    level: editorial\n    reason: {zh: 甲, en: A}\n    by: Li\n")
    found = plan(root, LATER)
    assert codes(found) == ["release-unclassified", "attested-unknown"]
    assert told(found.refusals)[1].startswith("policies/p/changes.yml:3:")


def test_notes_of_a_released_version_count_no_more(root: Path) -> None:
    write(root, A, "version: 1.0.0\nsummary: {zh: 首版。, en: First.}\n")
    assert released(root).record.summary == {"zh": "首版。", "en": "First."}
    write(root, ENGLISH, "version: 1.0.0\nsummary: {zh: 首版。, en: First.}\n")
    assert "summary" not in plan(root, LATER).data["record"]


def test_an_exception_sets_one_gate_aside_and_is_kept(root: Path) -> None:
    released(root)
    clause = PHONE
    write(root, clause, "version: 2.0.0\nexceptions:\n  - {gate: notice, reason: An order of the authority., by: Li}\n")
    found = plan(root, LATER, effective=LATER)
    assert found.refusals == ()
    assert found.data["record"]["exceptions"] == [{"gate": "notice", "reason": "An order of the authority.", "by": "Li"}]


STALE = A.replace("title: Clause\n", "title: Clause\n    translates: 00000000\n")


def test_a_translation_behind_a_material_change(root: Path) -> None:
    released(root)
    clause = PHONE
    write(root, clause.replace("title: Clause\n", "title: Clause\n    translates: 00000000\n"))
    assert codes(plan(root, LATER)) == ["release-stale"]


@pytest.mark.parametrize(("blocks", "expected"), [("never", []), ("material", []), ("always", ["release-stale"])])
def test_the_setting_says_which_translations_block(root: Path, blocks: str, expected: list[str]) -> None:
    released(root)
    (root / "mkdocs.yml").write_text(f"plugins:\n  - clausebook: {{blocks: {blocks}}}\n", encoding="utf-8")
    write(root, ENGLISH.replace("title: Clause\n", "title: Clause\n    translates: 00000000\n"))
    assert codes(plan(root, LATER)) == expected


def test_a_correction_of_the_text_in_force_while_a_later_version_waits(root: Path) -> None:
    """The base is the highest version below: 1.0.0, though 2.0.0 was published last."""
    released(root)
    write(root, PHONE)
    waiting = released(root, LATER)
    write(root, ENGLISH)
    made = released(root, LATER + datetime.timedelta(days=1), version="1.0.0+en.1", corrects="1.0.0")
    assert (made.number, made.previous.version if made.previous else "", made.record.verdict.base) == (3, "2.0.0", "1.0.0")
    found = project.open(root).sound().ledgers["p"]
    in_force = [found.in_force(day) for day in (LATER, made.effective, waiting.effective)]
    assert [r.version if r else None for r in in_force] == ["1.0.0", "1.0.0+en.1", "2.0.0"]


def test_an_error_that_is_new_refuses_and_one_that_stood_does_not(root: Path) -> None:
    """Chinese law asks for much that this policy does not say: the first release notes an exception, the next carries it on."""
    head = HEAD.replace("locales: [zh, en]\n", "locales: [zh, en]\njurisdictions: [cn]\n")

    def lay(clause: str, notes: str = "") -> None:
        write(root, clause, notes)
        (root / "policies/p/policy.yml").write_text(small.files({"a": clause}, head=head)["policies/p/policy.yml"], encoding="utf-8")

    lay(A)
    assert set(codes(plan(root))) == {"release-finding"}
    lay(A, "version: 1.0.0\nexceptions:\n  - {gate: findings, reason: Published elsewhere before., by: Li}\n")
    first = released(root)
    assert {found.level for found in first.record.findings} >= {"error"}
    lay(ENGLISH)
    assert plan(root, LATER).refusals == ()
    lay(ENGLISH.replace("data: [name]", "data: [face]"))
    rules = {dict(refusal.values)["rule"] for refusal in plan(root, LATER).refusals if refusal.code == "release-finding"}
    assert rules == {"pipl-sensitive-consent", "pipl-sensitive-need"}


def test_the_record_names_what_made_it(root: Path) -> None:
    made = plan(root).data["record"]["made"]
    assert set(made) == {"clausebook", "templates"}
    (root / "templates").mkdir()
    (root / "templates/policy.html").write_text("x", encoding="utf-8")
    assert plan(root).data["record"]["made"] != made
    assert chain.fingerprint(chain.sealed(plan(root).data)) == chain.sealed(plan(root).data)["fingerprint"]


def test_another_template_leaves_the_fingerprint(root: Path) -> None:
    before = chain.sealed(plan(root).data)
    (root / "templates").mkdir()
    (root / "templates/policy.html").write_text("x", encoding="utf-8")
    after = chain.sealed(plan(root).data)
    assert (after["fingerprint"], after["seal"] == before["seal"]) == (before["fingerprint"], False)


def test_plans_are_plain_data(root: Path) -> None:
    data = chain.sealed(plan(root).data)
    assert json.loads(chain.dump(data)) == data
    assert Release.model_validate(data).policy == "p"
    assert Settings().policies == "policies"


def test_a_release_without_its_approvals_is_refused_and_says_who_is_missing(root: Path) -> None:
    settings = "plugins:\n  - clausebook:\n      changes: {approvals: {material: [legal, product]}}\n"
    (root / "mkdocs.yml").write_text(settings, encoding="utf-8")
    released(root)
    write(root, small.text("我们收集您的姓名、手机号码。", "We collect your name and phone number.", MORE))
    found = plan(root)
    missing = [refusal for refusal in found.refusals if refusal.code == "release-approval"]
    assert [dict(refusal.values)["role"] for refusal in missing] == ["legal", "product"]
    name = dict(missing[0].values)["changes"]
    given = [f"  - {{role: {role}, by: {by}, on: 2026-03-01, changes: {name}}}\n" for role, by in (("legal", "A"), ("product", "B"))]
    notes = f"version: 2.0.0\napprovals:\n{''.join(given)}"
    write(root, small.text("我们收集您的姓名、手机号码。", "We collect your name and phone number.", MORE), notes)
    approved = plan(root)
    assert "release-approval" not in codes(approved)
    assert [one["role"] for one in approved.data["record"]["approvals"]] == ["legal", "product"]
    write(root, small.text("我们收集您的姓名和手机号码。", "We collect your name and phone number.", MORE), notes)
    assert "release-approval" in codes(plan(root))
