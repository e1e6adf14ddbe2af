"""The MkDocs plugin: what happens at each event of a build or a preview."""

from __future__ import annotations

import datetime
import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal

from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import BasePlugin, event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.utils import CountHandler

from clausebook import alike, exports, git, messages, project, resources, site
from clausebook.errors import Place, UserError, problem
from clausebook.model import Settings
from clausebook.plugin import languages, late, making, others, registering, searching
from clausebook.plugin.drafts import Own, Sound
from clausebook.plugin.finishing import Finisher
from clausebook.plugin.making import Maker, Unit
from clausebook.plugin.navigation import NAV_POLICIES, Parts, stay
from clausebook.plugin.page import PolicyPage
from clausebook.plugin.preview import Preview, guard
from clausebook.plugin.reuse import Reuse
from clausebook.project import Project
from clausebook.site import failure, outlook, parts, staging
from clausebook.site.model import SitePage, relative
from clausebook.site.pages import Kept, common
from clausebook.site.parts import Part
from clausebook.site.writer import Writer, writer
from clausebook.tree import Folder, Noted
from clausebook.unchanged import Inputs

log = logging.getLogger("mkdocs.plugins.clausebook")


AT = "CLAUSEBOOK_AT"  # names the commit whose clauses and policies are shown; everything that is code stays that of the folder


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
        self.parted: Parts | None = None
        self.write: Writer  # what writes the pages of policies that are made beside the host's run
        self.maker: Maker | None = None
        self.reuse: Reuse | None = None
        self.digests: dict[str, bytes] = {}
        self.made: dict[str, Unit] = {}

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
        self.navs, self.parted = {}, None
        self.maker, self.made = None, {}
        self.tried = set()
        self.name = file.name
        self.late = others.none_changes(config)
        try:
            self.share = parts.share(os.environ.get("CLAUSEBOOK_SHARD") or "1/1")
            if self.share.count > 1 and not self.late:
                raise UserError([problem(Place(file.name), "share-plugins")])
            self._open(root)
            self._plan(root)
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
        noted = Noted(Folder(root))
        self.digests = noted.digests
        kept = Sound(self.reuse.store, self.reuse.basis, noted.digests) if self.reuse else None
        drafts = Own(self.share, kept) if self.mapped and self.tree is None else None
        opened = project.open(root, noted if drafts else self.tree, chosen, drafts).sound()
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
        self._plan(root)
        self.failure = None
        return True

    def _plan(self, root: Path) -> None:
        """Find out which pages there are. In a preview each is made when it is asked for; in a build those of policies by the maker."""
        assert self.site is not None
        if self.mapped:
            self.write = writer(self.site, self.tried)
            self.pages = self._common(root)
            return
        self.groups = {name: cache(make) for name, make in site.groups(self.site, self.kept, self.tried).items()}
        if not self.built:
            self.pages = [page for group in self.groups.values() for page in group()]

    def _common(self, root: Path) -> list[SitePage]:
        """Return the pages the host knows. Raises UserError with all that is wrong in any release where one cannot be shown."""
        try:
            return common(self.write)
        except UserError:
            project.open(root, self.tree, self.settings).sound()
            raise

    @property
    def mapped(self) -> bool:
        """Tell whether the pages of policies are made beside the host's run."""
        return self.late and not self.serving and not self.dirty

    def _shape(self) -> Any:
        """Return all that the navigation, the addresses and the list of files rest on."""
        assert self.site is not None
        policies = [(name, document.policy.title, document.policy.locales) for name, document in self.site.documents.items()]
        releases = {name: [(r.version, r.seal) for r in ledger.releases] for name, ledger in self.site.ledgers.items()}
        return self.site.settings, self.as_of, policies, releases

    def contents(self, address: str) -> Iterator[tuple[str, Callable[[], bytes]]]:
        """Yield what stands at an address of a preview, if it is ours: the file's name, and what makes it."""
        steps = address.split("/")
        name = steps[1] if len(steps) > 2 and steps[0] in self.settings.locales else ""
        held = f"{name}/{steps[-2]}" if len(steps) > 2 else name
        for made in self.groups.get(held, self.groups.get(name, list))():
            if made.address == address:
                yield f"{address}index.html", partial(self._shown, made)
        if address and not address.endswith("/") and self.site is not None:
            files = making.data(self.site, steps[0]) if steps[0] in self.site.documents else iter([site.summary(self.site)])
            yield from ((file, partial(bytes, content)) for file, content in files if file == address)

    def _shown(self, made: SitePage) -> bytes:
        with late.page(self, made) as page:
            return late.finished(self, page)

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
            opened.settings, opened.library, opened.documents, self._templates(root), self.as_of, ledgers=opened.indexes,
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
        registering.pages(self, files, config)
        return registering.beside(self, files, config) if self.mapped else registering.data(self, files, config)

    @property
    def lazily(self) -> bool:
        """Tell whether pages are written only when somebody looks at them."""
        return self.serving and self.late

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
        if self.mapped and self.site is not None:
            root = Path(config.config_file_path).resolve().parent
            self.maker = Maker(self, self.tree or Folder(root), self.share.own(self.site.documents), Path(config.site_dir))
        return env

    def on_build_error(self, *, error: Exception) -> None:
        """Make nothing more."""
        if self.maker is not None:
            self.maker.stop()

    def _made(self) -> dict[str, Unit]:
        """Return what was made of the policies of this build, once it is made."""
        if self.maker is not None and not self.made:
            self.made = {unit.policy: unit for unit in self.maker.units()}
            wrong = sorted({problem for unit in self.made.values() for problem in unit.problems})
            if wrong:
                self.fail(UserError(wrong))
        return self.made

    def on_nav(self, nav: Navigation, *, config: MkDocsConfig, files: Files) -> Navigation:
        """Keep the navigation for pages that are written later."""
        self.nav = nav
        return nav

    def settle(self, page: Page, config: MkDocsConfig) -> None:
        """Say of a page which pages it has in other languages."""
        page.meta["alternates"] = languages.alternates(page, self.files, config, self.settings)
        stay(page)

    def on_page_context(self, context: Any, *, page: Page, config: MkDocsConfig, nav: Navigation) -> Any:
        """Give the theme the page's languages and its own language's navigation and search."""
        context = self.context(context, page, nav)
        if isinstance(page, PolicyPage) and page.late:
            beside = self.mapped and page.made.group  # the maker writes it, or another part has it
            context["cb"]["finished"] = "" if beside else self._finished(page, context)
        return context

    def context(self, context: Any, page: Page, nav: Navigation) -> Any:
        """Return what the host gives the theme for a page, with what our templates need."""
        locale = self._locale(page)
        root = relative("", page.url)
        base = context["base_url"]
        is_home = page.url in ("", ".", "./")
        context["cb"] = {
            "alternates": page.meta.get("alternates", []),
            "site_name": messages.say("site-name", locale),
            "search_base": base if is_home or not page.meta.get("locale") else f"{base}/{locale}/",
            "root": root,
        }
        context["nav"] = self.navigation(page, nav)
        return context

    def _locale(self, page: Page) -> str:
        return str(page.meta.get("locale") or next(iter(self.settings.locales)))

    def finish(self, page: PolicyPage, nav: Navigation, context: Callable[[], Any]) -> str:
        """Return the whole page. Raises UserError where its template cannot be rendered."""
        assert self.finisher is not None
        return self.finisher.finish(page, nav, context)

    def _finished(self, page: PolicyPage, context: Any) -> str:
        try:
            return self.finish(page, context["nav"], lambda: context)
        except UserError as error:
            if self.serving:
                raise  # the preview shows what is wrong
            raise PluginError("\n" + "\n".join(failure.lines(error))) from None

    def navigation(self, page: Page, nav: Navigation) -> Navigation:
        """Return the navigation of a page: its language's, and of many policies only its own, so that it does not grow."""
        return self.led(self._locale(page), page.made.group if isinstance(page, PolicyPage) else "", nav)

    def led(self, locale: str, group: str, nav: Navigation) -> Navigation:
        """Return the navigation of a language and a policy."""
        assert self.project is not None
        many = len(self.project.documents) > NAV_POLICIES
        key = (locale, group if many else None)
        if key not in self.navs:
            self.parted = self.parted or Parts(nav)
            self.navs[key] = self.parted.only(*key)
        return self.navs[key]

    def on_template_context(self, context: Any, *, template_name: str, config: MkDocsConfig) -> Any:
        """Give the pages that are not pages (404, sitemap) their words."""
        if self.maker is not None:
            self.maker.start()  # all that the host copies is in its place by now
            if template_name != "404.html":
                context["pages"] = list(self._listed(context["pages"]))
        locales = self.project.settings.locales if self.project else Settings().locales
        base = context["base_url"].rstrip("/")
        context["cb"] = {
            "alternates": [],
            "site_name": messages.say("site-name", next(iter(locales))),
            "search_base": context["base_url"],
            "not_found": languages.not_found(locales, f"{base}/"),
        }
        return context

    @event_priority(-100)
    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Split the search index by language, after the search plugin has written it; then the finished site takes its place."""
        found = [entry for unit in self._made().values() for entry in unit.sought]
        found += [entry for made in self.pages if not (self.mapped and made.group) for entry in searching.entries(made)]
        searching.split(Path(config.site_dir), self.settings.locales, found)
        if self.share.count > 1:
            self._record(config)
        if self.place is not None:
            if not _is_refused(config):
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

    def _listed(self, files: Iterable[File]) -> Iterator[Any]:
        """Yield the pages a sitemap may name: where the host knows some of a policy, all that were made of it."""
        told = set()
        for file in files:
            policy = file.page.made.group if isinstance(file.page, PolicyPage) else ""
            if policy not in self._made():
                yield file
            elif policy not in told:
                told.add(policy)
                yield from map(making.listed, self.made[policy].listed)

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


def _is_refused(config: MkDocsConfig) -> bool:
    """Tell whether the host is about to fail the build, for it gave a warning and was told to be strict."""
    counters = [handler for handler in logging.getLogger("mkdocs").handlers if isinstance(handler, CountHandler)]
    return config.strict and any(counter.get_counts() for counter in counters)


def _as_of(settings: Settings) -> datetime.date:
    """Return the day the site is built for: CLAUSEBOOK_AS_OF, SOURCE_DATE_EPOCH, the setting, or today."""
    now = datetime.datetime.now(datetime.UTC)
    return project.as_of(settings, now, os.environ.get("CLAUSEBOOK_AS_OF"), os.environ.get("SOURCE_DATE_EPOCH"))
