"""The MkDocs plugin: what happens at each event of a build or a preview."""

from __future__ import annotations

import datetime
import json
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache, partial
from html import escape
from pathlib import Path
from typing import Any, Literal

from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import BasePlugin, event_priority
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

from clausebook import alike, exports, git, messages, project, resources, site
from clausebook.errors import Place, UserError, problem
from clausebook.model import Settings
from clausebook.plugin.finishing import Finisher
from clausebook.plugin.navigation import NAV_POLICIES, only, stay
from clausebook.plugin.page import PolicyPage, canonical_address
from clausebook.plugin.preview import Preview, finished, guard
from clausebook.project import Project
from clausebook.site import failure, outlook, parts, staging
from clausebook.site.model import SitePage, relative
from clausebook.site.pages import Kept
from clausebook.site.parts import Part
from clausebook.site.places import release_file
from clausebook.tree import MAX_TREE_BYTES
from clausebook.unchanged import Inputs

log = logging.getLogger("mkdocs.plugins.clausebook")


AT = "CLAUSEBOOK_AT"  # names the commit whose clauses and policies are shown; everything that is code stays that of the folder
WATCHED = ("page_markdown", "page_content", "page_context", "post_page")  # events in which a plugin may change a page
HARMLESS = {__name__, "mkdocs.contrib.search", "material.plugins.search.plugin"}  # modules of plugins that change none of ours


BOOST = 2  # how much more a word in a policy weighs in the search than one in the guide


class NoSettings(Config):  # type: ignore[no-untyped-call]
    """The host checks no settings of ours: `project` reads them from the file, with their places."""


class ClausebookPlugin(BasePlugin[NoSettings]):  # type: ignore[no-untyped-call]
    """Builds the policies of a project into a MkDocs site."""

    def __init__(self) -> None:
        self.serving = self.dirty = False
        self.tree: git.Commit | None = None
        self.place: Path | None = None
        self.failure: UserError | Exception | None = None
        self.project: Project | None = None
        self.as_of = datetime.date.min
        self.site: site.Site | None = None
        self.pages: list[SitePage] = []
        self.share = parts.Share()
        self.own: set[str] = set()
        self.kept: Kept = {}
        self.tried: set[str] = set()
        self.name = project.SETTINGS_FILE
        self.late = self.built = False
        self.groups: dict[str, Callable[[], list[SitePage]]] = {}
        self.registered: dict[str, PolicyPage] = {}
        self.files = Files([])
        self.nav = Navigation([], [])
        self.host = MkDocsConfig()
        self.finisher: Finisher | None = None
        self.navs: dict[tuple[str, str | None], Navigation] = {}

    def load_config(self, options: Any, config_file_path: str | None = None) -> tuple[list[Any], list[Any]]:
        """Leave the settings to `project`, which reads them from the file with their places."""
        self.config = NoSettings()
        return [], []

    def on_startup(self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
        """Note whether this is a preview. Having this event also keeps the plugin alive between rebuilds."""
        self.serving, self.dirty = command == "serve", dirty

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Open the project and make every page before the host touches its output folder."""
        file = Path(config.config_file_path or project.SETTINGS_FILE).resolve()
        root = file.parent
        self.failure, self.built = None, False
        self.navs = {}
        self.tried = set()
        self.name = file.name
        self.late = self._alone(config)
        try:
            self._open(root)
            assert self.site is not None
            self.share = parts.share(os.environ.get("CLAUSEBOOK_SHARD") or "1/1")
            if self.share.count > 1 and not self.late:
                raise UserError([problem(Place(file.name), "share-plugins")])
            self.own = set(self.share.own(self.site.documents))
            made = site.groups(self.site, self.kept, self.tried, self.own)
            self.groups = {name: cache(make) for name, make in made.items()}
            self.pages = [page for group in self.groups.values() for page in group()]
        except UserError as error:
            self.fail(error)
        self._theme(config, root)
        if not (self.serving or self.dirty):
            self.place = Path(config.site_dir)
            config.site_dir = str(staging.aside(self.place))
        return config

    def _open(self, root: Path) -> None:
        """Read the project. Policies are judged only for pages that show how they stand; those of a preview when one is looked at."""
        chosen = project.settings(root, self.name)
        self.tree = _tree(root, chosen)
        opened = project.open(root, self.tree, chosen).sound()
        self.as_of = _as_of(opened.settings)
        judges = opened.settings.coverage == "published" and not (self.serving or self.tree)
        now = opened if judges else replace(opened, documents={})
        self.project = replace(project.judged(now, root, self.as_of).sound(), documents=opened.documents)
        for found in self.project.problems:
            if found.severity == "warning":
                log.info(messages.tell(found))
        self.site = self._site(root)

    def refresh(self, root: Path) -> bool:
        """Read the project again without the host. False if that is not enough: the navigation would change, or nothing was built yet."""
        before = self._shape() if self.built else None
        self._open(root)
        if before is None or self._shape() != before:
            return False
        assert self.site is not None
        self.groups = {name: cache(make) for name, make in site.groups(self.site, self.kept, self.tried, self.own).items()}
        self.failure = None
        return True

    def _shape(self) -> Any:
        """Return all that the navigation, the addresses and the list of files rest on."""
        assert self.site is not None
        policies = [(name, document.policy.title, document.policy.locales) for name, document in self.site.documents.items()]
        releases = {name: [(r.version, r.seal) for r in ledger.releases] for name, ledger in self.site.ledgers.items()}
        return self.site.settings, self.as_of, policies, releases

    def contents(self, address: str) -> Iterator[tuple[str, Callable[[], bytes]]]:
        """Yield what stands at an address of a preview, if it is ours: the file's name, and what makes it."""
        parts = address.split("/")
        name = parts[1] if len(parts) > 2 and parts[0] in self.settings.locales else ""
        held = f"{name}/{parts[-2]}" if len(parts) > 2 else name
        for made in self.groups.get(held, self.groups.get(name, list))():
            if made.address == address:
                yield f"{address}index.html", partial(finished, self, made, self.registered.get(address), self.host)
        if address and not address.endswith("/") and self.site is not None:
            yield from ((file, partial(bytes, content)) for file, content in self._data(parts[0]) if file == address)

    @property
    def settings(self) -> Settings:
        """Return the settings of the project, or those there are without any."""
        return self.project.settings if self.project else Settings()

    def _site(self, root: Path) -> site.Site:
        """Return what the pages are made from; coverage is shown in a preview, or everywhere if the settings say so."""
        assert self.project is not None
        opened = self.project
        preview = self.serving or self.tree is not None
        shown = opened.settings.coverage == "published" or (opened.settings.coverage == "preview" and preview)
        verdicts: Mapping[str, Any] = opened.verdicts if shown else {}
        ahead: Mapping[str, Any] = {}
        if preview:
            one = {name: replace(opened, documents={name: document}) for name, document in opened.documents.items()}
            verdicts = alike.Lazy(one, lambda name: project.judged(one[name], root, self.as_of).verdicts[name]) if shown else {}
            ahead = alike.Lazy(one, lambda name: outlook.of(one[name], root, self.as_of).get(name))
        return site.Site(
            opened.settings, opened.library, opened.documents, self._templates(root), self.as_of, ledgers=opened.ledgers,
            outlook=ahead, preview=preview, packs=opened.packs, verdicts=verdicts, downloads=exports.downloads(fast=self.serving),
        )  # fmt: skip

    def _templates(self, root: Path) -> tuple[Path, ...]:
        own = root / (self.project.settings.templates if self.project else "templates")
        return (own, resources.starter("templates"))

    def fail(self, error: UserError | Exception) -> None:
        """In a build, stop with every problem; in a preview, show them and stay up."""
        lines = failure.lines(error)
        if not self.serving:
            raise PluginError("\n" + "\n".join(lines)) from None
        for line in lines:
            log.error(line)
        self.failure = error

    def _theme(self, config: MkDocsConfig, root: Path) -> None:
        for folder in reversed([f / "theme" for f in self._templates(root) if (f / "theme").is_dir()]):
            if str(folder) not in config.theme.dirs:
                config.theme.dirs.insert(0, str(folder))
        for name, added in (("extra_css", "assets/clausebook.css"), ("extra_javascript", "assets/clausebook.js")):
            if added not in config[name]:
                config[name].insert(0, added)
        config.theme.static_templates.update({"404.html", "sitemap.xml"})
        config.extra["alternate"] = True  # shows the theme's place for languages; the links are each page's own
        settings = self.project.settings if self.project else Settings()
        for name in (settings.clauses, settings.policies, settings.templates):
            if (root / name).is_dir() and str(root / name) not in config.watch:
                config.watch.append(str(root / name))

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Add the pages to the host's files, and the policies to its navigation."""
        if self.failure is not None or self.project is None:
            config.nav = []
            return Files([])  # the preview shows what is wrong in place of every page
        for made in self.pages:
            if self.lazily and not made.in_nav:
                continue  # a preview writes a page when somebody looks at it
            file = File.generated(config, f"{made.address}index.md", content="")
            if (taken := files.get_file_from_path(file.src_uri)) is not None:
                files.remove(taken)
            if not made.in_nav:
                file.inclusion = InclusionLevel.NOT_IN_NAV
            files.append(file)
            PolicyPage(made, file, config, self.project.settings, late=self.late)
        if self.share.count > 1:
            logging.getLogger("mkdocs.commands.build").addFilter(_is_no_skip)
        for address, content in () if self.lazily else self._data():
            files.append(File.generated(config, address, content=content))
        for address, path in self._releases():
            files.append(self._copy(config, address, path))
        config.nav = [*self._navigation(), *(config.nav or self._guide(files))]
        return files

    @property
    def lazily(self) -> bool:
        """Tell whether pages are written only when somebody looks at them."""
        return self.serving and self.late

    def _copy(self, config: MkDocsConfig, address: str, path: str) -> File:
        if self.tree is not None:
            return File.generated(config, address, content=self.tree.read(path, MAX_TREE_BYTES))
        return File.generated(config, address, abs_src_path=str(Path(config.config_file_path).parent / path))

    def _alone(self, config: MkDocsConfig) -> bool:
        """Tell whether no plugin but the host's search may change a page of ours on its way; else say that pages take the slow way."""
        others = {_owner(method) for event in WATCHED for method in config.plugins.events[event]} - HARMLESS
        if others:
            log.info(f"Pages are rendered one by one, for another plugin may change them: {', '.join(sorted(others))}")
        return not others

    def _data(self, only: str | None = None) -> Iterator[tuple[str, bytes]]:
        """Yield every file for programs: of each policy, or of one, the version at its own address; what the releases changed."""
        assert self.site is not None
        for name in sorted(self.own) if only is None else {only} & self.own:
            standing = self.site.standing(name)
            yield from exports.files(standing.current.document, standing.current.library, self.site.downloads, self.site.settings.iri)
        yield from site.files(self.site)

    def _releases(self) -> Iterator[tuple[str, str]]:
        """Yield the address of every published release with its file in the ledger, of which the site keeps a copy."""
        assert self.site is not None
        for standing in map(self.site.standing, sorted(self.own)):
            for shown in standing.versions:
                yield release_file(shown), self.site.ledgers[standing.policy].path(shown.version)

    def _navigation(self) -> list[Any]:
        groups: dict[tuple[str, str], list[Any]] = {}
        for made in self.pages:
            if made.group and made.locale and made.in_nav:
                groups.setdefault((made.locale, made.group), []).append(f"{made.address}index.md")
        titles = {(made.locale, made.group): made.section for made in self.pages}
        return [{escape(titles[key]): entries} for key, entries in groups.items()]

    def _guide(self, files: Files) -> list[Any]:
        """Without a nav of its own, list the hand-written pages in the order of their names."""
        return sorted(f.src_uri for f in files.documentation_pages() if not isinstance(f.page, PolicyPage))

    def on_page_markdown(self, markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
        """Give hand-written pages the language of the folder they stand in."""
        if self.project is not None and not isinstance(page, PolicyPage):
            settings = self.project.settings
            locale = page.file.src_uri.split("/", 1)[0]
            if locale in settings.locales:
                page.meta.setdefault("locale", locale)
                page.meta.setdefault("lang", settings.lang(locale))
        return markdown

    def on_env(self, env: Any, *, config: MkDocsConfig, files: Files) -> Any:
        """Say of every page which pages it has in other languages, before the sitemap is written."""
        self.files, self.host = files, config
        pages = [file.page for file in files.documentation_pages() if file.page is not None]
        self.registered = {page.made.address: page for page in pages if isinstance(page, PolicyPage)}
        for page in pages if self.project is not None else ():
            self.settle(page, config)
        self.finisher = Finisher(env)
        self.built = self.failure is None
        return env

    def on_nav(self, nav: Navigation, *, config: MkDocsConfig, files: Files) -> Navigation:
        """Keep the navigation for pages that are written later."""
        self.nav = nav
        return nav

    def settle(self, page: Page, config: MkDocsConfig) -> None:
        """Say of a page which pages it has in other languages."""
        page.meta["alternates"] = self._alternates(page, self.files, config)
        stay(page)

    def _alternates(self, page: Page, files: Files, config: MkDocsConfig) -> list[dict[str, Any]]:
        assert self.project is not None
        settings = self.project.settings
        addresses = self._addresses(page, files)
        return [
            {
                "locale": locale,
                "lang": settings.lang(locale),
                "name": settings.locales[locale].name,
                "href": relative(address, page.url),
                "canonical": canonical_address(address, config),
                "current": address == page.url,
            }
            for locale, address in addresses.items()
        ]

    def _addresses(self, page: Page, files: Files) -> dict[str, str]:
        if isinstance(page, PolicyPage):
            return page.made.alternates
        assert self.project is not None
        locales = self.project.settings.locales
        here, _, rest = page.file.src_uri.partition("/")
        if here not in locales:
            return {}
        found = {loc: files.get_file_from_path(f"{loc}/{rest}") for loc in locales}
        return {loc: file.url for loc, file in found.items() if file is not None}

    def on_page_context(self, context: Any, *, page: Page, config: MkDocsConfig, nav: Navigation) -> Any:
        """Give the theme the page's languages and its own language's navigation and search."""
        assert self.project is not None
        locale = str(page.meta.get("locale") or next(iter(self.project.settings.locales)))
        root = relative("", page.url)
        base = context["base_url"]
        is_home = page.url in ("", ".", "./")
        context["cb"] = {
            "alternates": page.meta.get("alternates", []),
            "site_name": messages.say("site-name", locale),
            "search_base": base if is_home or not page.meta.get("locale") else f"{base}/{locale}/",
            "root": root,
        }
        context["nav"] = self._nav(nav, locale, page)
        if isinstance(page, PolicyPage) and page.late:
            context["cb"]["finished"] = self._finished(page, context)
        return context

    def _finished(self, page: PolicyPage, context: Any) -> str:
        assert self.finisher is not None
        if page.made.group and page.made.group not in self.own:
            return ""  # another part has it
        try:
            return self.finisher.finish(page, context)
        except UserError as error:
            if self.serving:
                raise  # the preview shows what is wrong
            raise PluginError("\n" + "\n".join(failure.lines(error))) from None

    def _nav(self, nav: Navigation, locale: str, page: Page) -> Navigation:
        """Return the navigation of a page: its language's, and of many policies only its own, so that it does not grow."""
        assert self.project is not None
        many = len(self.project.documents) > NAV_POLICIES
        key = (locale, (page.made.group if isinstance(page, PolicyPage) else "") if many else None)
        if key not in self.navs:
            self.navs[key] = only(nav, *key)
        return self.navs[key]

    def on_template_context(self, context: Any, *, template_name: str, config: MkDocsConfig) -> Any:
        """Give the pages that are not pages (404, sitemap) their words."""
        locales = self.project.settings.locales if self.project else Settings().locales
        base = context["base_url"].rstrip("/")
        context["cb"] = {
            "alternates": [],
            "site_name": messages.say("site-name", next(iter(locales))),
            "search_base": context["base_url"],
            "not_found": [
                {
                    "locale": locale,
                    "lang": setting.lang or locale,
                    "title": messages.say("not-found-title", locale),
                    "text": messages.say("not-found-text", locale),
                    "link": messages.say("not-found-link", locale),
                    "href": f"{base}/",
                }
                for locale, setting in locales.items()
            ],
        }
        return context

    @event_priority(-100)
    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Split the search index by language, after the search plugin has written it; then the finished site takes its place."""
        self._split_search(config)
        if self.share.count > 1:
            self._record(config)
        if self.place is not None:
            staging.settle(self.place)
            config.site_dir = str(self.place)

    def _record(self, config: MkDocsConfig) -> None:
        """Say in a part which it is, and what it was made from."""
        assert self.site is not None
        root = Path(config.config_file_path).resolve().parent
        folders = [self.settings.clauses, self.settings.policies, self.settings.templates, config.docs_dir]
        basis = Inputs([self.name], folders, self.settings.time_zone, None).digest(root, self.as_of)
        every, locales = sorted(self.site.documents), list(self.settings.locales)
        parts.record(Path(config.site_dir), Part(self.share.number, self.share.count, every, config.site_url or "", locales, basis))

    def _split_search(self, config: MkDocsConfig) -> None:
        path = Path(config.site_dir) / "search" / "search_index.json"
        if self.project is None or not path.is_file():
            return
        index = json.loads(path.read_text(encoding="utf-8"))
        index["docs"] += self._sought()
        for locale in self.project.settings.locales:
            start = f"{locale}/"
            docs = [{**d, "location": d["location"].removeprefix(start)} for d in index["docs"] if d["location"].startswith(start)]
            parts.write_json(Path(config.site_dir) / locale / "search" / "search_index.json", {**index, "docs": docs})
        parts.write_json(path, index)

    def _sought(self) -> list[dict[str, Any]]:
        """Return what a search may find on the pages of policies, as the search plugin writes it."""
        own = [made for made in self.pages if made.search and (not made.group or made.group in self.own)]
        found = [(made.address, one) for made in own for one in made.sought]
        return [
            {"location": f"{address}#{one.id}" if one.id else address, "title": escape(one.title), "text": one.text, "boost": BOOST}
            for address, one in found
        ]

    def on_serve(self, server: LiveReloadServer, *, config: MkDocsConfig, builder: Callable[..., Any]) -> LiveReloadServer:
        """Keep the preview up when an edit is broken: every page shows what is wrong until the next good save."""
        if self.late:
            Preview(self, server, config).start()
        else:
            guard(self, server, config)
        return server


def _tree(root: Path, settings: Settings) -> git.Commit | None:
    """Return the commit whose clauses and policies the site shows, where one is named: a preview of what may be a stranger's."""
    named = os.environ.get(AT)
    if not named:
        return None
    found = git.commit(root, named, AT)
    found.fetch(path for path in found.objects if path.startswith((f"{settings.clauses}/", f"{settings.policies}/")))
    return found


def _owner(method: Any) -> str:
    """Return the module a handler of an event comes from: a plugin's, or a hook's file."""
    owner = getattr(method, "__self__", None)
    return type(owner).__module__ if owner is not None else str(getattr(method, "__module__", method))


def _as_of(settings: Settings) -> datetime.date:
    """Return the day the site is built for: CLAUSEBOOK_AS_OF, SOURCE_DATE_EPOCH, the setting, or today."""
    now = datetime.datetime.now(datetime.UTC)
    return project.as_of(settings, now, os.environ.get("CLAUSEBOOK_AS_OF"), os.environ.get("SOURCE_DATE_EPOCH"))


def _is_no_skip(record: logging.LogRecord) -> bool:
    """Tell whether a line of the host's log is not that it skips a page without content, as those of other parts are."""
    return not record.getMessage().startswith("Page skipped: ")
