"""Assembly: a policy and the clauses it names become a document, in every locale at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from pydantic import BaseModel, ValidationError

from clausebook import blocks, language, numbering, records, scope, translation
from clausebook.document import Document, Entry, Part
from clausebook.errors import Place, Problem, problem, warning
from clausebook.facts import KINDS, Fact, From
from clausebook.language import Fitting, RenderError, Said, escape
from clausebook.model import Clause, ClauseUse, Library, Loaded, Path, Policy, Section
from clausebook.numbering import Position
from clausebook.scope import BadValue, Scope, Value
from clausebook.wording import Wording


def document(library: Library, policy_id: str, known: Known | None = None) -> tuple[Document, list[Problem]]:
    """Assemble one policy of a library that `resolve` found sound; return it with what assembly found wrong.

    `known` is what earlier policies of the same library had worked out.
    """
    job = _Assembly(library, library.policies[policy_id], known or Known())
    return job.document(), job.problems


def documents(library: Library, policies: Iterable[str]) -> Iterator[tuple[str, Document, list[Problem]]]:
    """Assemble policies of a library that `resolve` found sound; what several state alike is worked out once."""
    known = Known()
    for policy_id in policies:
        yield policy_id, *document(library, policy_id, known)


@dataclass(frozen=True)
class _Stated:
    """What a placed clause states: its facts, the terms they name, and in each locale what a body calls them."""

    facts: tuple[tuple[str, Fact], ...]
    terms: frozenset[str]
    names: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)


_Blocks = tuple[blocks.Block, ...] | None


@dataclass(frozen=True)
class _Rests:
    """What the uses of a clause rest on beside its parameters: names of the profile, for its facts and by locale for its body.

    `refs` are the anchors its bodies refer to by name, `links` the parameters that hold others.
    """

    facts: tuple[str, ...]
    bodies: dict[str, tuple[str, ...]]
    refs: dict[str, tuple[str, ...]]
    links: tuple[str, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Return the names of the profile that facts or any body rests on."""
        return tuple(sorted({*self.facts, *(name for names in self.bodies.values() for name in names)}))


@dataclass(frozen=True)
class _Placed:
    """What a use of a clause comes to wherever it stands: the same for all policies that give it the same values."""

    stated: _Stated
    titles: dict[str, str]
    blocks: dict[str, tuple[blocks.Block, ...]]
    numbers: dict[str, tuple[tuple[int, int], ...]]  # depth and number of each block by locale; none where no block has a number
    missing: frozenset[str]
    stale: frozenset[str]
    drafts: frozenset[str]


@dataclass
class Known:
    """What earlier policies had worked out; a key holds all that the value follows from within one library."""

    rests: dict[str, _Rests] = field(default_factory=dict)
    params: dict[tuple[str, str], dict[str, Value]] = field(default_factory=dict)
    stated: dict[tuple[str, ...], _Stated] = field(default_factory=dict)
    written: dict[tuple[str, ...], _Blocks] = field(default_factory=dict)
    names: dict[tuple[str, ...], dict[str, str]] = field(default_factory=dict)
    standing: dict[tuple[str, ...], tuple[frozenset[str], frozenset[str]]] = field(default_factory=dict)
    placed: dict[tuple[object, ...], _Placed] = field(default_factory=dict)
    manners: dict[str, str] = field(default_factory=dict)


@dataclass
class _Assembly:
    library: Library
    loaded: Loaded[Policy]
    known: Known
    problems: list[Problem] = field(default_factory=list)
    terms: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.policy = self.loaded.value
        self.locales = self.policy.locales
        self.profile = self.library.memory.once("profile", (self.policy,), lambda: scope.profile(self.policy))
        self.plain = Wording(self.policy.source, self.library, self.policy, lambda _: Said(""))
        self.said = {"": scope.said(self.profile, self.plain)}
        self.policy = self._shown_policy()
        manner = repr((self.locales, self.policy.names))  # what a wording rests on beside the library
        self.manner = self.known.manners.setdefault(manner, manner)
        self.texts: dict[str, str] = {}
        self.positions = numbering.positions(self.policy)
        self.titles = dict(self._titles())
        self.references = {loc: cache(self._ref(loc)) for loc in self.locales}
        self.wordings = {loc: Wording(loc, self.library, self.policy, self.references[loc]) for loc in self.locales}
        self.said |= {loc: scope.said(self.profile, wording) for loc, wording in self.wordings.items()}
        self.filters = {loc: wording.filters() for loc, wording in self.wordings.items()}

    def _shown_policy(self) -> Policy:
        """Return the policy without the clauses whose condition does not hold."""
        chosen = [self._chosen(section) for section in self.policy.sections]
        return self.policy.model_copy(update={"sections": chosen})

    def _chosen(self, section: Section) -> Section:
        kept = [use for use in section.clauses if self._holds(use.when, Scope({}, self.profile), Place(self.loaded.source.path))]
        below = [self._chosen(inner) for inner in section.sections]
        return section.model_copy(update={"clauses": kept, "sections": below})

    def _titles(self) -> Iterator[tuple[str, dict[str, str]]]:
        for part in _walk(self.policy.sections):
            yield part.id, part.title
            for use in part.clauses:
                clause = self.library.clauses[use.id].value
                yield use.anchor, {loc: text.title for loc, text in clause.text.items()}

    def _ref(self, locale: str) -> Any:
        def ref(anchor: str) -> Said:
            if anchor not in self.titles:
                raise Fitting("ref-absent", id=anchor, policy=self.policy.id)
            titles = self.titles[anchor]
            title = titles.get(locale) or titles[self.policy.source]
            text = numbering.full_reference(self.positions[anchor], title, locale)
            return Said(f"[{escape(text)}](#{anchor})")

        return ref

    def document(self) -> Document:
        parts = tuple(self._part(section, 1) for section in self.policy.sections)
        terms = {term: self._names(term) for term in sorted(self.terms | set(self.policy.sensitive))}
        return Document(self.policy, parts, terms, self._sensitive(terms))

    def _names(self, term: str) -> dict[str, str]:
        """Return what this policy calls a term in each locale; where nothing was wrong, the next that calls it so has it already."""
        key = (term, self.manner, *self.locales)
        if key in self.known.names:
            return self.known.names[key]
        before = len(self.problems)
        made = {loc: self._name(term, loc) for loc in self.locales}
        if len(self.problems) == before:
            self.known.names[key] = made
        return made

    def _name(self, term: str, locale: str) -> str:
        try:
            return self.wordings[locale].term_name(term)
        except Fitting as error:
            told = problem if locale == self.policy.source else warning
            self.problems.append(told(self._term_place(term), error.code, **error.values))
            return self.wordings[self.policy.source].term_name(term)

    def _term_place(self, term: str) -> Place:
        vocabulary = self.library.vocabularies[self.library.terms[term][0]]
        index = next(n for n, t in enumerate(vocabulary.value.terms) if t.id == term)
        return vocabulary.source.place(("terms", index, "name"))

    def _sensitive(self, terms: dict[str, dict[str, str]]) -> frozenset[str]:
        marked = {t for t in terms if self.library.terms[t][1].sensitive in ("law", "stated")}
        return frozenset(marked | set(self.policy.sensitive))

    def _part(self, section: Section, level: int) -> Part:
        entries = tuple(self._entry(use, level + 1) for use in section.clauses)
        parts = tuple(self._part(inner, level + 1) for inner in section.sections)
        found = numbering.number(self.positions[section.id], self.locales)
        return Part(section.id, level, found, section.title, entries, parts)

    def _entry(self, use: ClauseUse, level: int) -> Entry:
        placed = self._placed(use)
        self.terms |= placed.stated.terms
        position = self.positions[use.anchor]
        return Entry(
            anchor=use.anchor,
            clause=use.id,
            level=level,
            number=numbering.number(position, self.locales),
            titles=placed.titles,
            blocks=placed.blocks,
            markers={loc: self._markers(placed.numbers[loc], found, position, loc) for loc, found in placed.blocks.items()},
            facts=placed.stated.facts,
            missing=placed.missing,
            stale=placed.stale,
            drafts=placed.drafts,
        )

    def _placed(self, use: ClauseUse) -> _Placed:
        """Return what a clause says here; where nothing was wrong, the next use with the same values has it already."""
        loaded, given = self.library.clauses[use.id], (use.id, repr(use.params))
        rests, params = self._rests(loaded.value), self._params(given, use, loaded.value)
        refs = [self._said(anchor, loc) for loc in self.locales for anchor in self._anchors(rests, loc, params)]
        key = (given, self.manner, *map(self._text, rests.names), *refs)
        if key not in self.known.placed:
            before = len(self.problems)
            made = self._made(loaded, given, Scope(params, self.profile))
            if len(self.problems) > before:
                return made
            self.known.placed[key] = made
        return self.known.placed[key]

    def _made(self, loaded: Loaded[Clause], given: tuple[str, str], here: Scope) -> _Placed:
        clause, stated = loaded.value, self._stated(loaded, given, here)
        written = {loc: self._written(loaded, loc, given, here, stated) for loc in self.locales if loc in clause.text}
        made = {loc: found for loc, found in written.items() if found is not None}
        pairs = {loc: tuple((block.depth, block.number) for block in found) for loc, found in made.items()}
        stale, drafts = self._standing(clause)
        return _Placed(
            stated=stated,
            titles={loc: text.title for loc, text in clause.text.items() if loc in self.locales},
            blocks=made,
            numbers={loc: found if any(number for _, number in found) else () for loc, found in pairs.items()},
            missing=frozenset(self.locales) - made.keys(),
            stale=stale,
            drafts=drafts,
        )

    def _standing(self, clause: Clause) -> tuple[frozenset[str], frozenset[str]]:
        """Return the languages of a clause that are behind, and those that are drafts."""
        key = (clause.id, *self.locales)
        if key not in self.known.standing:
            self.known.standing[key] = translation.behind(clause, self.locales), translation.drafts(clause, self.locales)
        return self.known.standing[key]

    def _params(self, given: tuple[str, str], use: ClauseUse, clause: Clause) -> dict[str, Value]:
        if given not in self.known.params:
            pairs = ((name, param, use.params.get(name, param.default)) for name, param in clause.params.items())
            self.known.params[given] = {name: scope.typed(param, value, self.library, None) for name, param, value in pairs}
        return self.known.params[given]

    def _markers(
        self, numbers: tuple[tuple[int, int], ...], found: tuple[blocks.Block, ...], position: Position | None, locale: str
    ) -> tuple[str, ...]:
        if not numbers:
            return ("",) * len(found)
        return numbering.markers(numbers, position, position.scheme if position else self.policy.numbering, locale)

    def _rests(self, clause: Clause) -> _Rests:
        if clause.id not in self.known.rests:
            bodies = {loc: _body_names(text.body) for loc, text in clause.text.items()}
            refs = {loc: tuple(use.parts[0] for use in language.parse(text.body).refs) for loc, text in clause.text.items()}
            links = tuple(name for name, param in clause.params.items() if param.type in ("clause", "clauses"))
            self.known.rests[clause.id] = _Rests(_profile_names(clause), bodies, refs, links)
        return self.known.rests[clause.id]

    def _stated(self, loaded: Loaded[Clause], given: tuple[str, str], here: Scope) -> _Stated:
        """Return what a clause states here; where nothing was wrong, the next use with the same values has it already."""
        key = (*given, *map(self._text, self._rests(loaded.value).facts))
        if key in self.known.stated:
            return self.known.stated[key]
        before = len(self.problems)
        facts = tuple(self._facts(loaded, here))
        made = _Stated(facts, frozenset(term for _, fact in facts for _, _, term in records.terms(fact)))
        if len(self.problems) == before:
            self.known.stated[key] = made
        return made

    def _facts(self, loaded: Loaded[Clause], here: Scope) -> Iterator[tuple[str, Fact]]:
        for kind in KINDS:
            for index, fact in enumerate(getattr(loaded.value.facts, kind)):
                path: Path = ("facts", kind, index)
                if not self._holds(fact.when, here, loaded.source.place((*path, "when"))):
                    continue
                try:
                    raw = _given(fact, here)
                    made = type(fact).model_validate({**raw, "when": None})
                except (ValidationError, BadValue) as error:
                    self._bad_fact(error, type(fact), loaded, path)
                    continue
                yield from self._sound(kind, made, loaded, path)

    def _bad_fact(self, error: ValidationError | BadValue, model: type[Fact], loaded: Loaded[Clause], path: Path) -> None:
        if isinstance(error, BadValue):
            self.problems.append(problem(loaded.source.place(path + error.path), error.code, **error.values))
            return
        for item in error.errors(include_url=False):
            inner = tuple(p for p in item["loc"] if not str(p).startswith("@"))
            place = loaded.source.place(path + inner)
            self.problems.append(problem(place, "fact-value", what=item["msg"], policy=self.policy.id))

    def _sound(self, kind: str, fact: Fact, loaded: Loaded[Clause], path: Path) -> Iterator[tuple[str, Fact]]:
        """Yield a fact unless a value that was filled in names a term of the wrong scheme."""
        good = True
        for inner, scheme_name, term in records.terms(fact):
            fault = scope.term_fault(term, scheme_name, self.library)
            if fault:
                good = False
                self.problems.append(problem(loaded.source.place(path + inner), fault[0], **fault[1]))
        if good:
            yield kind, fact

    def _holds(self, when: str | None, here: Scope, place: Place) -> bool:
        if when is None:
            return True
        try:
            return language.render(language.condition(when), here.names(self.plain, self.said[""], {}), self.plain.filters()) == "x"
        except RenderError as error:
            self.problems.append(problem(place, error.code, **{"policy": self.policy.id, **error.values}))
            return False

    def _written(self, loaded: Loaded[Clause], locale: str, given: tuple[str, str], here: Scope, stated: _Stated) -> _Blocks:
        """Return the blocks of one language; where nothing was wrong, the next use with the same values has them already."""
        rests = self._rests(loaded.value)
        refs = (self._said(anchor, locale) for anchor in self._anchors(rests, locale, here.params))
        key = (*given, locale, self.manner, *map(self._text, (*rests.facts, *rests.bodies[locale])), *refs)
        if key in self.known.written:
            return self.known.written[key]
        before = len(self.problems)
        made = self._blocks(loaded, locale, here, stated)
        if len(self.problems) == before:
            self.known.written[key] = made
        return made

    def _anchors(self, rests: _Rests, locale: str, params: Mapping[str, Value]) -> Iterator[str]:
        """Yield what a body refers to, by name or through a parameter."""
        yield from rests.refs.get(locale, ())
        for name in rests.links:
            value = params[name].data
            yield from [value] if isinstance(value, str) else value or ()

    def _said(self, anchor: str, locale: str) -> str:
        """Return what a reference says here; an absent one says nothing."""
        return str(self.references[locale](anchor).markdown) if anchor in self.titles else ""

    def _text(self, name: str) -> str:
        """Return the value of a name of the profile as text."""
        if name not in self.texts:
            value = Scope({}, self.profile).get(name)
            self.texts[name] = repr(value and value.data)
        return self.texts[name]

    def _blocks(self, loaded: Loaded[Clause], locale: str, here: Scope, stated: _Stated) -> _Blocks:
        """Return the blocks of one language, or None where it lacks a word for a value: a clause is in one language or in another."""
        wording, path = self.wordings[locale], ("text", locale, "body")
        body = loaded.value.text[locale].body
        try:
            if locale not in stated.names:
                stated.names[locale] = scope.fact_names(stated.facts, wording)
            names = here.names(wording, self.said[locale], stated.names[locale])
            text = language.render(body, names, self.filters[locale])
            return blocks.parse(text, wording.rules["spacing"])
        except Fitting as error:
            self.problems.append(problem(loaded.source.place(path), error.code, **error.values))
        except RenderError as error:
            place = loaded.source.inside(path, error.line, 1)
            if error.code in language.UNTRANSLATED and locale != self.policy.source:
                self.problems.append(warning(place, error.code, **{"policy": self.policy.id, **error.values}))
                return None
            self.problems.append(problem(place, error.code, **{"policy": self.policy.id, **error.values}))
        except blocks.BadRendering as error:
            self.problems.append(problem(loaded.source.place(path), error.fault.code, what=error.fault.what))
        return ()


def _given(value: Any, here: Scope) -> Any:
    """Return a record as plain data with every `from` replaced by what it names; empty values fall away."""
    if isinstance(value, From):
        found = here.get(value.from_)
        return None if found is None else found.data
    if isinstance(value, BaseModel):
        pairs = ((f.alias or n, _given(getattr(value, n), here)) for n, f in type(value).model_fields.items())
        return {name: inner for name, inner in pairs if inner is not None and inner != []}
    if isinstance(value, list):
        return [_given(item, here) for item in value]
    return value


def _walk(sections: list[Section]) -> Iterator[Section]:
    for section in sections:
        yield section
        yield from _walk(section.sections)


def _body_names(body: str) -> tuple[str, ...]:
    """Return the names of the profile that a body prints or tests; those of facts follow from the facts."""
    used = {use.parts for use in language.parse(body).names}
    return tuple(sorted(".".join(parts) for parts in used if len(parts) > 1 and parts[0] != "facts"))


def _profile_names(clause: Clause) -> tuple[str, ...]:
    """Return the names of the profile on which a clause's facts rest, in their conditions and for their values."""
    found: set[str] = set()
    for kind in KINDS:
        for fact in getattr(clause.facts, kind):
            found |= {name for _, name in records.sources(fact)}
            found |= {".".join(used.parts) for used in language.parse_condition(fact.when).names} if fact.when else set()
    return tuple(sorted(name for name in found if "." in name))
