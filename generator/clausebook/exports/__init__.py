"""Exports: a policy as files that other programs read. Every one is made from documents alone and comes out the same each time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec

from clausebook import lists
from clausebook.document import Document
from clausebook.errors import Place, UserError, problem
from clausebook.exports import csv_, json_, jsonld, policy, ropa, xlsx
from clausebook.model import Library
from clausebook.naming import Naming


@dataclass(frozen=True)
class Format:
    """A form of file: whether it holds one list, several or the whole policy, and what makes it."""

    lists: str
    make: Callable[[Naming, tuple[str, ...], str], bytes]


FORMATS: dict[str, Format] = {
    "csv": Format("one", lambda naming, chosen, _: csv_.of_list(naming, chosen[0])),
    "xlsx": Format("any", lambda naming, chosen, _: xlsx.of_lists(naming, chosen)),
    "json": Format("any", lambda naming, chosen, _: json_.of_lists(naming, chosen)),
    "policy": Format("none", lambda naming, *_: policy.of(naming)),
    "jsonld": Format("none", lambda naming, _, iri: jsonld.of(naming, iri)),
    "ropa": Format("none", lambda naming, *_: ropa.of(naming)),
}


def make(form: str, naming: Naming, chosen: str | None = None, iri: str = jsonld.BASE) -> bytes:
    """Return a policy, or a list of it, in a form; `iri` begins its names in RDF. Raises UserError where the two do not go together."""
    known = ", ".join(lists.LISTS)
    if chosen is not None and chosen not in lists.LISTS:
        raise UserError([problem(Place("export"), "list-unknown", id=chosen, known=known)])
    if chosen is None and FORMATS[form].lists == "one":
        raise UserError([problem(Place("export"), "list-missing", form=form, known=known)])
    if chosen is not None and FORMATS[form].lists == "none":
        raise UserError([problem(Place("export"), "list-unfit", form=form)])
    if form == "xlsx" and not has_xlsx():
        raise UserError([problem(Place("export"), "extra-missing", package="openpyxl", extra="xlsx")])
    return FORMATS[form].make(naming, (chosen,) if chosen else tuple(lists.LISTS), iri)


def has_xlsx() -> bool:
    """Tell whether spreadsheets can be written here."""
    return find_spec("openpyxl") is not None


def downloads(*, fast: bool = False) -> tuple[str, ...]:
    """Return the forms in which a site keeps its lists; `fast` leaves out the one that takes long to write."""
    return ("csv", "json") if fast or not has_xlsx() else ("csv", "xlsx", "json")


def files(document: Document, library: Library, forms: tuple[str, ...], iri: str = jsonld.BASE) -> Iterator[tuple[str, bytes]]:
    """Yield every file a site has of a policy, with its address."""
    policy_id = document.policy.id
    first, *others = [Naming(document, locale, library) for locale in document.policy.locales]
    for naming in (first, *others):
        if "xlsx" in forms:
            yield lists.address(policy_id, "", "xlsx", naming.locale), make("xlsx", naming)
        for key in lists.LISTS:
            yield lists.address(policy_id, key, "csv", naming.locale), csv_.of_list(naming, key, bom=True)
    for key in lists.LISTS:
        yield lists.address(policy_id, key, "json"), make("json", first, key)
    yield f"{policy_id}/policy.json", make("policy", first)
    yield f"{policy_id}/policy.jsonld", make("jsonld", first, iri=iri)
