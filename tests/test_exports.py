"""Exports: read back by the programs they are for, equal to the facts, and the same bytes each time."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from jsonschema import Draft7Validator
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import RDF, RDFS, SKOS

from clausebook import exports, lists, messages, project, schema
from clausebook.exports import csv_, jsonld, policy, ropa
from clausebook.naming import Naming
from clausebook.project import Project
from tests import small

ROOT = Path(__file__).parent.parent
POLICIES = ("enterprise-email", "gov-im")
DPV, PD = Namespace("https://w3id.org/dpv#"), Namespace("https://w3id.org/dpv/pd#")
OWN = Namespace(jsonld.BASE)

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")  # rdflib's own parser uses it

HOSTILE = ["=1+1", "+86 10", "-2", "@SUM(A1)", "＝1", "＋1", "－1", "＠x", 'a "b", c', "d\\te", "= 2; 3", "plain = text"]
FACTS = "facts:\n  retention:\n" + "".join(f"    - {{scope: ip, method: {json.dumps(text, ensure_ascii=False)}}}\n" for text in HOSTILE)
GOLDEN = """Row,Information,Period,How the period is fixed,What happens then,Law,Clause\r
a-1,IP address,not stated,'=1+1,not stated,not stated,(a) Clause\r
a-2,IP address,not stated,'+86 10,not stated,not stated,(a) Clause\r
a-3,IP address,not stated,'-2,not stated,not stated,(a) Clause\r
a-4,IP address,not stated,'@SUM(A1),not stated,not stated,(a) Clause\r
a-5,IP address,not stated,'＝1,not stated,not stated,(a) Clause\r
a-6,IP address,not stated,'＋1,not stated,not stated,(a) Clause\r
a-7,IP address,not stated,'－1,not stated,not stated,(a) Clause\r
a-8,IP address,not stated,'＠x,not stated,not stated,(a) Clause\r
a-9,IP address,not stated,"a ""b"", c",not stated,not stated,(a) Clause\r
a-10,IP address,not stated,d\\te,not stated,not stated,(a) Clause\r
a-11,IP address,not stated,'= 2; 3,not stated,not stated,(a) Clause\r
a-12,IP address,not stated,plain = text,not stated,not stated,(a) Clause\r
"""


def naming(facts: str, locale: str = "en", **more: str) -> Naming:
    found = small.opened(small.files({"a": small.text("甲", "A", facts)}, **more)).sound()
    return Naming(found.documents["p"], locale, found.library)


@pytest.fixture(scope="module")
def opened() -> Project:
    return project.open(ROOT).sound()


@pytest.fixture(scope="module", params=POLICIES)
def real(request: pytest.FixtureRequest, opened: Project) -> Naming:
    return Naming(opened.documents[request.param], "zh", opened.library)


# CSV


def test_csv_golden() -> None:
    assert csv_.of_list(naming(FACTS), "retention").decode() == GOLDEN


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_a_cell_a_spreadsheet_would_run_is_text(sign: str) -> None:
    assert csv_.harmless(f"{sign}1") == f"'{sign}1"
    assert csv_.harmless(f"1{sign}") == f"1{sign}"
    assert csv_.harmless("") == ""


def test_the_mark_for_excel_is_asked_for() -> None:
    made = naming(FACTS)
    assert csv_.of_list(made, "retention", bom=True) == b"\xef\xbb\xbf" + csv_.of_list(made, "retention")


def read_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))


@pytest.mark.parametrize("key", lists.LISTS)
def test_a_csv_file_holds_the_rows_of_its_list(real: Naming, key: str) -> None:
    head, *rows = read_csv(csv_.of_list(real, key))
    assert len(head) == len(lists.LISTS[key].columns) + 2
    assert [row[0] for row in rows] == [row.id for row in lists.rows(real.document, key)]
    for row, named in zip(rows, real.rows(key), strict=True):
        for text, cell in zip(row[1:-1], named.cells, strict=True):
            assert all(value.text in text for value in cell)
            assert cell or text == messages.say("not-stated", "zh")


def test_what_is_sensitive_is_labelled(opened: Project) -> None:
    made = Naming(opened.documents["gov-im"], "en", opened.library)
    assert "facial features (sensitive)" in csv_.of_list(made, "sensitive").decode()


# XLSX


def test_a_workbook_holds_every_list(real: Naming) -> None:
    book = openpyxl.load_workbook(io.BytesIO(exports.make("xlsx", real)))
    assert book.sheetnames == list(lists.LISTS)
    for key in lists.LISTS:
        rows = [[str(cell) for cell in row] for row in book[key].iter_rows(values_only=True)]
        assert rows == csv_.table(real, key)


def test_cells_of_a_workbook_are_text() -> None:
    """A formula would be of type f; the text stands unchanged, without the sign CSV needs."""
    book = openpyxl.load_workbook(io.BytesIO(exports.make("xlsx", naming(FACTS), "retention")))
    (sheet,) = book.worksheets
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [sheet.cell(n, 4).value for n in range(2, len(HOSTILE) + 2)] == HOSTILE


def test_a_workbook_has_no_time_of_its_own() -> None:
    content = exports.make("xlsx", naming(FACTS))
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        assert {info.date_time for info in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert packed.read("docProps/core.xml").count(b">1980-01-01T00:00:00Z<") == 2


@pytest.mark.slow
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_libreoffice_reads_it(office: Path, form: str, tmp_path: Path) -> None:
    """The files as the site offers them; without a window nothing asks LibreOffice to look at the mark of a CSV file, so it is told."""
    made = naming(FACTS)
    content = csv_.of_list(made, "retention", bom=True) if form == "csv" else exports.make(form, made, "retention")
    (tmp_path / f"list.{form}").write_bytes(content)
    told = ["--infilter=CSV:44,34,76,1"] if form == "csv" else []
    target = [*told, "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76", "--outdir", str(tmp_path / "out")]
    home = f"-env:UserInstallation=file://{tmp_path}/home"
    subprocess.run([office, home, "--headless", *target, tmp_path / f"list.{form}"], check=True, capture_output=True, timeout=180)
    rows = read_csv((tmp_path / "out" / "list.csv").read_bytes())
    assert [row[0] for row in rows[1:]] == [row.id for row in lists.rows(made.document, "retention")]
    assert [row[3].removeprefix("'") for row in rows[1:]] == HOSTILE


# JSON


def validator() -> Draft7Validator:
    written = json.loads((ROOT / "schemas" / "policy-export.json").read_text(encoding="utf-8"))
    Draft7Validator.check_schema(written)
    return Draft7Validator(written)


def test_a_policy_follows_its_schema(real: Naming) -> None:
    data = json.loads(exports.make("policy", real))
    assert [error.message for error in validator().iter_errors(data)] == []
    document = real.document
    assert list(data["lists"]) == list(lists.LISTS)
    for key, found in data["lists"].items():
        assert [row["id"] for row in found["rows"]] == [row.id for row in lists.rows(document, key)]
    clauses = list(_clauses(data["sections"]))
    assert [c["id"] for c in clauses] == [e.anchor for e in document.entries()]
    for clause, entry in zip(clauses, document.entries(), strict=True):
        assert sum(map(len, clause["facts"].values())) == len(entry.facts)
        for locale, blocks in entry.blocks.items():
            assert ["".join(run["text"] for run in block["runs"]) for block in clause["text"][locale]] == [block.text for block in blocks]


def _clauses(sections: list[dict[str, Any]]) -> Any:
    for section in sections:
        yield from section["clauses"]
        yield from _clauses(section["sections"])


ALL = """facts:
  collects:
    - {data: [name, face], subject: user, sensitive: {necessity: {zh: 核验, en: to check}, separate_consent: true}}
  retention: [{scope: ip, period: P6M, floor: P1Y}]
  rights: [{right: erase, response_days: 15}]
  automated: [{kind: push, opt_out: off}]
  links: [{kind: archive, url: "https://a.example/"}]
  shares: [{recipient: carrier, relation: sdk, rules_url: "https://b.example/"}]
  minors: [{threshold: {op: lt, age: 14}}]
"""


def test_every_kind_of_value_follows_the_schema() -> None:
    data = policy.data(naming(ALL))
    assert [error.message for error in validator().iter_errors(data)] == []
    found = {next(k for k in item if k not in ("words", "sensitive")) for item in _items(data)}
    assert found == {"term", "text", "choice", "duration", "floor", "days", "flag", "link"}


def _items(data: dict[str, Any]) -> list[dict[str, Any]]:
    return [i for found in data["lists"].values() for row in found["rows"] for cell in row["cells"].values() for i in cell]


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"more": 1},
        {"prevails": None},
        {"fingerprint": "abc"},
        {"sections": [{"id": "s"}]},
        {"lists": {"x": {}}},
        {"terms": {"name": {"name": {"zh": "名"}}}},
    ],
)
def test_the_schema_refuses_what_is_wrong(change: dict[str, Any]) -> None:
    assert not validator().is_valid({**policy.data(naming(ALL)), **change})


def test_facts_in_the_schema_are_filled_in() -> None:
    assert "From" not in json.dumps(schema.exported())


def test_a_list_alone_is_the_list_of_the_policy(real: Naming) -> None:
    whole = json.loads(exports.make("policy", real))["lists"]
    assert json.loads(exports.make("json", real)) == {"format": 1, "policy": real.document.policy.id, "lists": whole}
    for key in lists.LISTS:
        assert json.loads(exports.make("json", real, key))["lists"] == {key: whole[key]}


# JSON-LD


def graph(made: Naming) -> Graph:
    return Graph().parse(data=exports.make("jsonld", made).decode(), format="json-ld")


def test_a_real_parser_finds_the_processes(real: Naming) -> None:
    found = graph(real)
    notice = OWN[real.document.policy.id]
    kinds = ("collected", "shared", "transfers")
    processes = {OWN[f"{real.document.policy.id}/{kind}/{row.id}"] for kind in kinds for row in lists.rows(real.document, kind)}
    assert (notice, RDF.type, DPV.PrivacyNotice) in found
    assert set(found.objects(notice, DPV.hasProcess)) == processes
    name = real.document.policy.profile["operator"]["legal_name"]
    for locale in ("zh", "en"):
        assert (OWN[f"{real.document.policy.id}/controller"], RDFS.label, Literal(name[locale], lang=locale)) in found


def test_known_triples(opened: Project) -> None:
    """An exact word of DPV stands itself; the bases and rights of Chinese law have IRIs of their own that point to what is near."""
    found = graph(Naming(opened.documents["gov-im"], "zh", opened.library))
    rows = lists.rows(opened.documents["gov-im"], "collected")
    exact = {t for row in rows for t in lists.ids(row.fact.data) if opened.library.terms[t][1].dpv == "pd:Name"}
    assert exact
    row = next(row for row in rows if exact & set(lists.ids(row.fact.data)))
    assert (OWN[f"gov-im/collected/{row.id}"], DPV.hasPersonalData, PD.Name) in found
    delete = OWN["term/rectify"]
    assert (OWN["gov-im"], DPV.hasRight, delete) in found
    assert (delete, SKOS.closeMatch, URIRef("https://w3id.org/dpv/legal/eu/gdpr#A16")) in found
    assert (delete, SKOS.prefLabel, Literal("更正", lang="zh")) in found


def test_every_term_is_of_dpv_or_described(real: Naming) -> None:
    found = graph(real)
    linked = [
        o for p in ("hasPersonalData", "hasPurpose", "hasRecipient", "hasLegalBasis", "hasRight") for o in found.objects(None, DPV[p])
    ]
    assert linked
    own = {o for o in linked if str(o).startswith(jsonld.BASE)}
    assert all(str(o).startswith("https://w3id.org/dpv") for o in set(linked) - own)
    assert all((o, RDF.type, None) in found and len(set(found.objects(o, SKOS.prefLabel))) == 2 for o in own)
    matches = {str(o) for p in (SKOS.closeMatch, SKOS.broadMatch) for o in found.objects(None, p)}
    assert matches
    assert all(match.startswith("https://w3id.org/dpv") for match in matches)


def test_own_iris_may_begin_elsewhere() -> None:
    text = jsonld.of(naming(ALL), "https://p.example/").decode()
    assert jsonld.BASE not in text
    assert '"https://p.example/term/carrier"' in text


# The record of processing


def test_the_record_of_processing() -> None:
    facts = (
        "facts:\n"
        "  collects:\n    - {data: [name], subject: user, function: sign-in, purposes: [identify]}\n    - {data: [ip], subject: user}\n"
        "  shares: [{recipient: carrier, relation: entrusted, data: [name]}, {recipient: court, relation: authority}]\n"
        "  transfers: [{country: {zh: 甲国, en: Country A}, data: [ip]}]\n"
        "  retention: [{scope: ip, period: P6M, end_action: delete}]\n"
        "  contacts: [{role: operator, channel: e-mail, value: c@d.example}]\n"
    )
    profile = "profile:\n  operator: {legal_name: {zh: 某公司, en: Some Company}}\n"
    controller, clause = "Some Company; c@d.example", "(a) Clause"
    none = "not stated"
    assert ropa.rows(naming(facts, profile=profile)) == [
        ["Signing in", controller, "identification", "user", "name", "carrier; court", none, none, none, clause],
        [clause, controller, none, "user", "IP address", "court", "Country A", "IP address: six months; then deleted", none, clause],
    ]


def test_the_record_has_a_row_for_every_collection(real: Naming) -> None:
    head, *rows = read_csv(exports.make("ropa", real))
    assert len(head) == len(ropa.COLUMNS)
    assert len(rows) == len(lists.rows(real.document, "collected"))
    assert all(len(row) == len(head) and all(row) for row in rows)


# All of them


MADE = """
import hashlib, sys
from pathlib import Path
from clausebook import exports, project
from clausebook.naming import Naming
opened = project.open(Path(sys.argv[1])).sound()
for document in opened.documents.values():
    for address, content in exports.files(document, opened.library, exports.downloads()):
        print(address, hashlib.sha256(content).hexdigest())
    print("ropa", hashlib.sha256(exports.make("ropa", Naming(document, "en", opened.library))).hexdigest())
"""


def test_two_runs_write_equal_bytes() -> None:
    """In two processes whose sets are ordered differently and whose clocks differ by more than a zip file can tell."""
    printed = []
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT / "generator")}
        done = subprocess.run([sys.executable, "-c", MADE, ROOT], env=environment, capture_output=True, text=True, check=True)
        printed.append(done.stdout.splitlines())
    assert len(printed[0]) == 2 * (10 * 3 + 2 + 3)
    assert printed[0] == printed[1]


def test_addresses_of_files_differ(opened: Project) -> None:
    forms = exports.downloads()
    addresses = [address for d in opened.documents.values() for address, _ in exports.files(d, opened.library, forms)]
    assert len(addresses) == len(set(addresses))
    assert {"gov-im/policy.json", "gov-im/policy.jsonld", "zh/gov-im/lists/rights.csv", "en/gov-im/lists/lists.xlsx"} <= set(addresses)


def test_a_preview_writes_no_workbook() -> None:
    assert exports.downloads() == ("csv", "xlsx", "json")
    assert exports.downloads(fast=True) == ("csv", "json")
