"""Whether a library hangs together: names, terms, parameters, locales and references, checked before assembly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from clausebook import blocks, language, messages, outline, records, scope
from clausebook.errors import Place, Problem, problem, warning
from clausebook.facts import KINDS, Fact
from clausebook.model import Clause, ClauseUse, Library, Loaded, Param, Path, Policy, Section, Settings, Source, Vocabulary
from clausebook.outline import Outline

PROFILE_WORDS = frozenset({"facts", "ref"})


def problems(library: Library, settings: Settings) -> Iterator[Problem]:
    """Yield everything that does not fit together in a library."""
    yield from of_words(library, settings)
    for policy in library.policies.values():
        yield from of_policy(library, settings, policy)
    yield from of_clauses(library, settings, [outline.of(policy.value) for policy in library.policies.values()])


def of_words(library: Library, settings: Settings) -> Iterator[Problem]:
    """Yield what does not fit together in the vocabulary and the glossary."""
    for vocabulary in library.vocabularies.values():
        yield from _vocabulary(vocabulary, library, settings)
    yield from _glossary(library, settings)


def of_policy(library: Library, settings: Settings, policy: Loaded[Policy]) -> Iterator[Problem]:
    """Yield what in a policy does not fit the clauses and the vocabulary."""
    yield from _Policy(library, settings, policy).problems()


def is_harmless(library: Library) -> bool:
    """Tell whether every clause can be rendered, fitting or not: what the clause language refuses may have no bounds."""
    clauses = [loaded.value for loaded in library.clauses.values()]
    facts = (fact for clause in clauses for kind in KINDS for fact in getattr(clause.facts, kind))
    conditions = (language.parse_condition(fact.when) for fact in facts if fact.when is not None)
    bodies = (text.body for clause in clauses for text in clause.text.values())
    return not any(found.faults for found in conditions) and not any(language.parse(body).faults or blocks.faults(body) for body in bodies)


def of_clauses(library: Library, settings: Settings, policies: Iterable[Outline]) -> Iterator[Problem]:
    """Yield what in the clauses does not fit each other, the vocabulary or the policies, which may have been read elsewhere."""
    known = _Known(library, policies)
    for loaded in library.clauses.values():
        yield from _Clause(library, settings, loaded, known).problems()
    yield from _cycles(library)


def uses(policy: Policy) -> Iterator[tuple[Path, ClauseUse]]:
    """Yield (path in the file, placement) for every clause of a policy, in order."""
    for path, section in sections(policy.sections, ("sections",)):
        for index, use in enumerate(section.clauses):
            yield (*path, "clauses", index), use


def sections(items: list[Section], path: Path) -> Iterator[tuple[Path, Section]]:
    """Yield (path in the file, section) for every section below, parents first."""
    for index, section in enumerate(items):
        here = (*path, index)
        yield here, section
        yield from sections(section.sections, (*here, "sections"))


def anchors(policy: Policy) -> frozenset[str]:
    """Return every id that can be referred to in a policy."""
    ids = {use.anchor for _, use in uses(policy)} | {s.id for _, s in sections(policy.sections, ())}
    return frozenset(ids)


class _Known:
    """What every clause is checked against: the policies by id, who uses it, and what each policy's profile has."""

    def __init__(self, library: Library, policies: Iterable[Outline]) -> None:
        self.policies = {policy.id: policy for policy in policies}
        self.users: dict[str, dict[str, Outline]] = {clause: {} for clause in library.clauses}
        for policy in self.policies.values():
            for clause in policy.clauses:
                self.users.setdefault(clause, {})[policy.id] = policy
        alike: dict[frozenset[tuple[str, str]], frozenset[tuple[str, str]]] = {}  # most are, and the same object is quickly compared
        found = {policy.id: _profile_names(policy) for policy in self.policies.values()}
        self.profiles = {policy: alike.setdefault(names, names) for policy, names in found.items()}
        self.names = frozenset().union(*alike)
        self.groups = {group for policy in self.policies.values() for group in policy.profile}


def _profile_names(policy: Outline) -> frozenset[tuple[str, str]]:
    return frozenset((group, key) for group, entries in policy.profile.items() for key in entries)


def _glossary(library: Library, settings: Settings) -> Iterator[Problem]:
    loaded = library.glossary
    if loaded is None:
        return
    seen: dict[str, Place] = {}
    for index, term in enumerate(loaded.value.terms):
        place = loaded.source.place(("terms", index, "id"))
        if term.id in seen:
            yield problem(place, "id-twice", id=term.id, first=seen[term.id])
        seen.setdefault(term.id, place)
        fault = scope.term_fault(term.law, "laws", library) if term.law else None
        if fault:
            yield problem(loaded.source.place(("terms", index, "law")), fault[0], **fault[1])
        for locale in term.preferred.keys() | term.spellings.keys() | term.forbidden.keys():
            if locale not in settings.locales:
                yield _locale_unknown(place, locale, settings)


def _vocabulary(loaded: Loaded[Vocabulary], library: Library, settings: Settings) -> Iterator[Problem]:
    source, scheme = loaded.source, loaded.value.scheme
    for index, term in enumerate(loaded.value.terms):
        fault = scope.term_fault(term.broader, scheme, library) if term.broader else None
        if fault:
            yield problem(source.place(("terms", index, "broader")), fault[0], **fault[1])
        for field, names in (("name", term.name), ("short", term.short or {})):
            for locale in names:
                if locale not in settings.locales:
                    yield _locale_unknown(source.key_place(("terms", index, field, locale)), locale, settings)


def _locale_unknown(place: object, locale: str, settings: Settings) -> Problem:
    return problem(place, "locale-unknown", locale=locale, known=", ".join(settings.locales))  # type: ignore[arg-type]


class _Policy:
    """Checks one policy."""

    def __init__(self, library: Library, settings: Settings, loaded: Loaded[Policy]) -> None:
        self.library, self.settings = library, settings
        self.policy, self.source = loaded.value, loaded.source
        self.anchors = anchors(self.policy)

    def problems(self) -> Iterator[Problem]:
        yield from self.locales()
        yield from self.terms()
        yield from self.structure()
        for path, use in uses(self.policy):
            yield from self.use(path, use)
        yield from self.profile()

    def locales(self) -> Iterator[Problem]:
        for index, locale in enumerate(self.policy.locales):
            if locale not in self.settings.locales:
                yield _locale_unknown(self.source.place(("locales", index)), locale, self.settings)
        yield from self.titles(("title",), self.policy.title)
        for path, section in sections(self.policy.sections, ("sections",)):
            yield from self.titles((*path, "title"), section.title)

    def titles(self, path: Path, title: dict[str, str]) -> Iterator[Problem]:
        yield from _lacking(title, self.source.place(path), self.policy.locales, {self.policy.source})

    def profile(self) -> Iterator[Problem]:
        try:
            values = self.library.memory.once("profile", (self.policy,), lambda: scope.profile(self.policy))
        except scope.BadValue as bad:
            yield problem(self.source.place(bad.path), bad.code, **bad.values)
            return
        for group, entries in values.items():
            for key, value in entries.items():
                yield from _texts(("profile", group, key), value, self.source, self.policy.locales, {self.policy.source})

    def terms(self) -> Iterator[Problem]:
        for index, term in enumerate(self.policy.sensitive):
            fault = scope.term_fault(term, "data", self.library)
            if fault:
                yield problem(self.source.place(("sensitive", index)), fault[0], **fault[1])
        for term in self.policy.names:
            if term not in self.library.terms and self.library.knows_all_terms:
                near = records.near(term, self.library.terms)
                place = self.source.key_place(("names", term))
                yield problem(place, "name-unknown-near" if near else "name-unknown", name=term, near=near)

    def structure(self) -> Iterator[Problem]:
        seen: dict[str, str] = {}
        schemes = set(messages.catalogue("en")["numbering"]) - {"part", "ref"}
        for path, section in [((), None), *sections(self.policy.sections, ("sections",))]:
            name = self.policy.numbering if section is None else section.numbering
            if name is not None and name not in schemes:
                yield problem(self.source.place((*path, "numbering")), "value-unknown", value=name, known=", ".join(sorted(schemes)))
            if section is None:
                continue
            yield from self.once(seen, section.id, (*path, "id"))
            for index, use in enumerate(section.clauses):
                yield from self.once(seen, use.anchor, (*path, "clauses", index))

    def once(self, seen: dict[str, str], anchor: str, path: Path) -> Iterator[Problem]:
        place = self.source.place(path)
        if anchor in seen:
            yield problem(place, "anchor-twice", id=anchor, first=seen[anchor])
        else:
            seen[anchor] = str(place)

    def use(self, path: Path, use: ClauseUse) -> Iterator[Problem]:
        loaded = self.library.clauses.get(use.id)
        if loaded is None and self.library.is_broken(use.id):
            return  # its own problems say what is wrong
        if loaded is None:
            near = records.near(use.id, self.library.clauses)
            place = self.source.place((*path, "id")) if (*path, "id") in self.source.places else self.source.place(path)
            yield problem(place, "clause-unknown-near" if near else "clause-unknown", id=use.id, near=near)
            return
        if not self.fits(use, loaded):
            yield from self.params(path, use, loaded.value)
        if use.when is not None:
            yield from self.condition((*path, "when"), use.when)
        for locale in self.policy.locales:
            if locale not in loaded.value.text and locale == self.policy.source:
                yield problem(loaded.source.place(("text",)), "locale-missing", locale=locale)

    def fits(self, use: ClauseUse, loaded: Loaded[Clause]) -> bool:
        """Tell whether nothing is wrong with a use's parameters, once for all policies that give the same; anchors differ."""
        if any(param.type in ("clause", "clauses") for param in loaded.value.params.values()):
            return False
        given = ("fits", repr(use.params), *self.policy.locales)
        return self.library.memory.once(given, (loaded,), lambda: not any(self.params((), use, loaded.value)))

    def params(self, path: Path, use: ClauseUse, clause: Clause) -> Iterator[Problem]:
        for name in use.params:
            if name not in clause.params:
                near = records.near(name, clause.params)
                where = self.source.key_place((*path, "params", name))
                yield problem(where, "param-unknown-near" if near else "param-unknown", name=name, clause=clause.id, near=near)
        for name, param in clause.params.items():
            if param.of and param.of not in self.library.vocabularies:
                continue
            if name not in use.params:
                if param.required:
                    yield problem(self.source.place(path), "param-missing", name=name, clause=clause.id)
                continue
            try:
                value = scope.typed(param, use.params[name], self.library, self.anchors)
            except scope.BadValue as bad:
                yield problem(self.source.place((*path, "params", name, *bad.path)), bad.code, **bad.values)
                continue
            yield from _texts((*path, "params", name), value, self.source, self.policy.locales, {self.policy.source})

    def condition(self, path: Path, when: str) -> Iterator[Problem]:
        body = language.parse_condition(when)
        for fault in body.faults:
            yield problem(self.source.place(path), fault.code, **fault.values)
        for use in body.names:
            if len(use.parts) != 2 or use.parts[1] not in self.policy.profile.get(use.parts[0], {}):
                known = [f"{g}.{k}" for g, entries in self.policy.profile.items() for k in entries]
                yield _name_unknown(self.source.place(path), ".".join(use.parts), known)


def _name_unknown(place: object, name: str, known: list[str]) -> Problem:
    near = records.near(name, known)
    return problem(place, "name-unknown-near" if near else "name-unknown", name=name, near=near)  # type: ignore[arg-type]


def _texts(path: Path, value: scope.Value, source: Source, locales: Iterable[str], needed: set[str]) -> Iterator[Problem]:
    """Yield a problem for every language a parameter's text lacks."""
    items = value.data if value.type == "texts" else [value.data] if value.type == "text" else []
    for index, item in enumerate(items):
        where = (*path, index) if value.type == "texts" else path
        yield from _lacking(item, source.place(where), locales, needed)


def _lacking(text: object, place: Place, locales: Iterable[str], needed: set[str]) -> Iterator[Problem]:
    """Yield an error for each language that is needed and a warning for each other that a text lacks."""
    for locale in locales:
        if isinstance(text, dict) and locale not in text:
            yield (problem if locale in needed else warning)(place, "locale-missing", locale=locale)


class _Clause:
    """Checks one clause against the policies that use it."""

    def __init__(self, library: Library, settings: Settings, loaded: Loaded[Clause], known: _Known) -> None:
        self.library, self.settings, self.known = library, settings, known
        self.clause, self.source = loaded.value, loaded.source
        self.users = known.users[self.clause.id]
        self.profiles = {known.profiles[policy] for policy in self.users or known.policies}  # most are alike
        self.fields = scope.fact_fields(self.clause)
        self.locales = sorted({loc for policy in self.users.values() for loc in policy.locales} or set(self.clause.text))
        self.sources = {policy.source for policy in self.users.values()} or set(self.locales)
        self.used: set[str] = set()

    def problems(self) -> Iterator[Problem]:
        yield from self.params()
        yield from self.facts()
        for locale, text in self.clause.text.items():
            if locale not in self.settings.locales:
                yield _locale_unknown(self.source.key_place(("text", locale)), locale, self.settings)
            yield from self.body(("text", locale, "body"), text.body)
        for name in self.clause.params:
            if name not in self.used and name not in PROFILE_WORDS:
                yield problem(self.source.key_place(("params", name)), "param-unused", name=name)

    def params(self) -> Iterator[Problem]:
        for name, param in self.clause.params.items():
            path: Path = ("params", name)
            if name in PROFILE_WORDS or name in self.known.groups:
                yield problem(self.source.key_place(path), "param-reserved", name=name)
            if param.of and param.of not in self.library.vocabularies:
                if self.library.is_broken(param.of):
                    continue
                yield problem(self.source.place((*path, "of")), "scheme-unknown", scheme=param.of)
                continue
            yield from self.default(path, param)

    def default(self, path: Path, param: Param) -> Iterator[Problem]:
        if param.required or param.default is None:
            return
        try:
            value = scope.typed(param, param.default, self.library, None)
        except scope.BadValue as bad:
            yield problem(self.source.place((*path, "default", *bad.path)), bad.code, **bad.values)
            return
        yield from _texts((*path, "default"), value, self.source, self.locales, self.sources)

    def facts(self) -> Iterator[Problem]:
        keys: set[str] = set()
        for kind in KINDS:
            for index, fact in enumerate(getattr(self.clause.facts, kind)):
                yield from self.fact(("facts", kind, index), fact, keys)

    def fact(self, path: Path, fact: Fact, keys: set[str]) -> Iterator[Problem]:
        if fact.key is not None and (fact.key in keys or fact.key in KINDS):
            yield problem(self.source.place((*path, "key")), "fact-key", key=fact.key)
        keys.add(fact.key or "")
        for inner, scheme, term in records.terms(fact):
            fault = scope.term_fault(term, scheme, self.library)
            if fault:
                yield problem(self.source.place(path + inner), fault[0], **fault[1])
        for inner, text in records.texts(fact):
            yield from _lacking(text, self.source.place(path + inner), self.locales, self.sources)
        for inner, name in records.sources(fact):
            yield from self.name(tuple(name.split(".")), self.source.place((*path, *inner, "from")))
        if fact.when is not None:
            body = language.parse_condition(fact.when)
            place = self.source.place((*path, "when"))
            for fault_ in body.faults:
                yield problem(place, fault_.code, **fault_.values)
            for use in body.names:
                yield from self.name(use.parts, place)
        reference = getattr(fact, "retention_ref", None)
        if reference and reference not in self.library.clauses:
            yield problem(self.source.place((*path, "retention_ref")), "clause-unknown", id=reference)

    def body(self, path: Path, text: str) -> Iterator[Problem]:
        body = language.parse(text)
        too_much = any(fault.code == "body-openers" for fault in body.faults)
        for bad in () if too_much else blocks.faults(text):
            yield problem(self.source.inside(path, bad.line, _column(text, bad)), bad.code, what=bad.what)
        for fault in body.faults:
            yield problem(self.source.inside(path, fault.line, fault.col), fault.code, **fault.values)
        for use in body.names:
            yield from self.name(use.parts, self.source.inside(path, use.line, use.col))
        for use in body.terms:
            if use.parts[0] not in self.library.terms and self.library.knows_all_terms:
                near = records.near(use.parts[0], self.library.terms)
                place = self.source.inside(path, use.line, use.col)
                yield problem(place, "name-unknown-near" if near else "name-unknown", name=use.parts[0], near=near)
        for use in body.refs:
            yield from self.reference(use.parts[0], self.source.inside(path, use.line, use.col))

    def reference(self, anchor: str, place: object) -> Iterator[Problem]:
        for policy in self.users:
            known = self.known.policies[policy].anchors
            if anchor not in known:
                near = records.near(anchor, known)
                code = "ref-unknown-near" if near else "ref-unknown"
                yield problem(place, code, id=anchor, policy=policy, near=near)  # type: ignore[arg-type]

    def name(self, parts: tuple[str, ...], place: object) -> Iterator[Problem]:
        """Check that a name means something in every policy that uses the clause."""
        name = ".".join(parts)
        if parts[0] == "facts":
            if len(parts) != 3 or parts[2] not in self.fields.get(parts[1], ()):
                known = [f"facts.{k}.{f}" for k, fields in self.fields.items() for f in fields]
                yield _name_unknown(place, name, known)
        elif len(parts) == 1:
            if parts[0] not in self.clause.params:
                yield _name_unknown(place, name, [*self.clause.params, *sorted(f"{g}.{k}" for g, k in self.known.names)])
            self.used.add(parts[0])
        else:
            yield from self.profile_name(parts, place)

    def profile_name(self, parts: tuple[str, ...], place: object) -> Iterator[Problem]:
        if all(parts in names for names in self.profiles):
            return
        every = self.known.policies
        lacking = [p for p in (self.users or every).values() if parts[1] not in p.profile.get(parts[0], {})]
        if self.users or (len(lacking) == len(every) and self.library.knows_all_policies):
            known = [f"{g}.{k}" for g, entries in lacking[0].profile.items() for k in entries]
            near = records.near(".".join(parts), known)
            code = "profile-unknown-near" if near else "profile-unknown"
            yield problem(place, code, name=".".join(parts), policy=", ".join(p.id for p in lacking), near=near)  # type: ignore[arg-type]


def _column(text: str, bad: blocks.BadMarkdown) -> int:
    lines = text.split("\n")
    line = lines[bad.line - 1] if bad.line <= len(lines) else ""
    return (line.lower().find(bad.what.lower()) if bad.what else -1) + 1 or len(line) - len(line.lstrip()) + 1


def _cycles(library: Library) -> Iterator[Problem]:
    """Clauses may refer to each other in text, but not hang on each other through `retention_ref`."""
    edges = {key: _hangs_on(loaded.value) for key, loaded in library.clauses.items()}
    done: set[str] = set()
    for start in edges:
        trail = {start: iter(edges[start])} if start not in done else {}
        while trail:
            here = next(reversed(trail))
            path, target = next(trail[here], ((), None))
            if target is None:
                done.add(here)
                del trail[here]
            elif target in trail:
                names = [*trail]
                chain = [*names[names.index(target) :], target]
                yield problem(library.clauses[here].source.place(path), "clause-cycle", chain=" -> ".join(chain))
            elif target not in done:
                trail[target] = iter(edges.get(target, ()))


def _hangs_on(clause: Clause) -> list[tuple[Path, str]]:
    """Return the clauses a clause's facts lean on, with the place that says so."""
    facts = enumerate(clause.facts.collects)
    return [(("facts", "collects", n, "retention_ref"), fact.retention_ref) for n, fact in facts if fact.retention_ref]
