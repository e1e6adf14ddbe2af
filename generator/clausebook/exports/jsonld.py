"""A policy as JSON-LD in the terms of the Data Privacy Vocabulary (https://w3id.org/dpv).

A term of the vocabulary for which DPV has exactly one word is that word. Every other term has an IRI of its own and, where DPV comes
near, `skos:closeMatch`, or `skos:broadMatch` to what a wider term is; so have the legal bases and the rights of Chinese law, for which
DPV has no words at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from clausebook import lists
from clausebook.exports import json_
from clausebook.model import Term
from clausebook.naming import Naming

BASE = "urn:clausebook:"
PREFIXES = {
    "dcterms": "http://purl.org/dc/terms/",
    "dpv": "https://w3id.org/dpv#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "pd": "https://w3id.org/dpv/pd#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
}
CLASSES = {  # what a term of a scheme is in DPV
    "bases": "dpv:LegalBasis",
    "data": "dpv:PersonalData",
    "locations": "dpv:Location",
    "measures": "dpv:TechnicalOrganisationalMeasure",
    "mechanisms": "dpv:LegalBasis",
    "methods": "dpv:Processing",
    "purposes": "dpv:Purpose",
    "recipients": "dpv:Recipient",
    "rights": "dpv:DataSubjectRight",
    "subjects": "dpv:DataSubject",
}
_NEAR = re.compile(r"(?P<word>(?:dpv|pd|eu-gdpr):[A-Za-z0-9-]+)(?P<mark>\s*\([^)]*\))?")


def of(naming: Naming, base: str = BASE) -> bytes:
    """Return the policy as a JSON-LD document; `base` begins every IRI that is not of DPV."""
    return json_.dumped(data(naming, base))


def data(naming: Naming, base: str = BASE) -> dict[str, Any]:
    """Return the policy as data: one process for each collection, provision and transfer, and the terms they name."""
    return _Graph(naming, base).document()


class _Graph:
    def __init__(self, naming: Naming, base: str) -> None:
        self.naming, self.base = naming, base
        self.every = json_.all_locales(naming)
        self.named: dict[str, dict[str, Any]] = {}

    def document(self) -> dict[str, Any]:
        policy = self.naming.document.policy
        processes = [
            *(self.process(row, "collected") for row in lists.rows(self.naming.document, "collected")),
            *(self.process(row, "shared") for row in lists.rows(self.naming.document, "shared")),
            *(self.process(row, "transfers") for row in lists.rows(self.naming.document, "transfers")),
        ]
        facts = self.naming.document.facts
        found = {
            "@id": self.base + policy.id,
            "@type": "dpv:PrivacyNotice",
            "dcterms:title": self.words({n.locale: n.title for n in self.every}),
            "dpv:hasDataController": self.controller(),
            "dpv:hasProcess": processes,
            "dpv:hasRight": self.terms(str(getattr(f, "right", "")) for _, f in facts("rights")),
            "dpv:hasTechnicalOrganisationalMeasure": self.terms(str(getattr(f, "measure", "")) for _, f in facts("security")),
        }
        graph = [_filled(found), *(self.named[key] for key in sorted(self.named))]
        return {"@context": PREFIXES, "@graph": graph}

    def process(self, row: lists.Row, kind: str) -> dict[str, Any]:
        fact = row.fact
        node = {
            "@id": f"{self.base}{self.naming.document.policy.id}/{kind}/{row.id}",
            "@type": "dpv:Process",
            "dcterms:title": self.words({n.locale: n.heading(row.entry) for n in self.every}),
            "dpv:hasPersonalData": self.terms(lists.ids(fact.data)),
            "dpv:hasPurpose": self.terms(lists.ids(fact.purposes)),
            "dpv:hasProcessing": self.terms(self.one(fact, "method")),
            "dpv:hasDataSubject": self.terms(self.one(fact, "subject")),
            "dpv:hasRecipient": self.terms(self.one(fact, "recipient")),
            "dpv:hasLegalBasis": self.terms([*self.one(fact, "legal_basis"), *self.one(fact, "mechanism")]),
        }
        return _filled(node)

    @staticmethod
    def one(fact: Any, name: str) -> list[str]:
        value = getattr(fact, name, None)
        return [] if value is None else [str(value)]

    def controller(self) -> dict[str, Any]:
        name = self.naming.document.policy.profile.get("operator", {}).get("legal_name")
        if not name:
            return {}
        node = {"@id": f"{self.base}{self.naming.document.policy.id}/controller", "@type": "dpv:DataController"}
        return {**node, "rdfs:label": self.words({n.locale: n.text(name) for n in self.every})}

    def words(self, found: dict[str, str]) -> list[dict[str, str]]:
        return [{"@language": locale, "@value": text} for locale, text in found.items()]

    def terms(self, terms: Iterable[str]) -> list[dict[str, str]]:
        return [{"@id": self.term(term)} for term in dict.fromkeys(terms)]

    def term(self, term: str) -> str:
        """Return the IRI of a term, and note what it is called and what it is near to."""
        scheme, record = self.naming.library.terms[term]
        near = _near(record)
        exact = len(near) == 1 and near[0][1]
        iri = near[0][0] if exact else f"{self.base}term/{term}"
        node: dict[str, Any] = {"@id": iri}
        if not exact:
            node["@type"] = CLASSES.get(scheme, "skos:Concept")
            node["skos:prefLabel"] = self.words({n.locale: n.name(term) for n in self.every})
            node["skos:closeMatch"] = [{"@id": word} for word, _ in near]
            node["skos:broadMatch"] = [] if near else [{"@id": word} for word in self.wider(record)]
            if term in self.naming.document.sensitive and scheme == "data":
                node["@type"] = "dpv:SensitivePersonalData"
            self.named[iri] = _filled(node)
        return iri

    def wider(self, term: Term) -> list[str]:
        """Return the words of DPV for the nearest wider term that has any."""
        seen: set[str] = set()
        while term.broader and term.broader not in seen:
            seen.add(term.broader)
            term = self.naming.library.terms[term.broader][1]
            if found := _near(term):
                return [word for word, _ in found]
        return []


def _near(term: Term) -> list[tuple[str, bool]]:
    """Return the words of DPV a term names, each with whether it is meant exactly."""
    return [(m["word"], m["mark"] is None) for m in _NEAR.finditer(term.dpv or "")]


def _filled(node: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in node.items() if value not in ([], {}, None)}
