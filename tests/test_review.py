"""Reviews of real repositories: which commits are compared, what is read of the head, what the forms print and refuse to print."""

from __future__ import annotations

import datetime
import json
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options

from clausebook import cli, git, project, reports, resources, review
from clausebook.errors import UserError, visible
from clausebook.messages import tell
from clausebook.reports import NO_LINKS, Links, comment, links
from clausebook.reviewed import Report, Sides
from clausebook.site.places import DRAFT
from clausebook.tree import Folder
from tests import forms, small
from tests.repositories import committed, made, run, written

PLUGINS = "plugins: [clausebook]\n"
SETTINGS = f"site_name: x\n{PLUGINS}"
FACTS = """facts:
  collects:
    - {data: [name], subject: user, function: sign-in, purposes: [identify]}
"""
CLAUSES = {
    "a": small.text("我们收集{{ facts.collects.data | terms }}。", "We collect the {{ facts.collects.data | terms }}.", FACTS),
    "b": small.text("我们保存三个月。", "We keep it for three months."),
}
GOOD = {"mkdocs.yml": SETTINGS, **small.files(CLAUSES)}
B = "clauses/m/b.yml"
AS_OF = datetime.date(2026, 11, 22)
EDITED = GOOD[B].replace("三个月", "六个月")


@dataclass
class Ran:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str


Command = Callable[..., Ran]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return made(tmp_path / "site", GOOD)


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def call(folder: Path, *arguments: str) -> Ran:
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "argv", ["clausebook", "--as-of", "2026-11-22", "review", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.run()
        printed = capsys.readouterr()
        return Ran(int(ended.value.code or 0), printed.out, printed.err)

    return call


def here(root: Path, base: str = "HEAD") -> Report:
    """Review the working tree."""
    old = git.commit(root, base)
    return review.report(Sides(old, Folder(root), "base", "head", tuple(git.edits_here(old)), project.settings(old)), AS_OF, "en")


def edited(root: Path, files: dict[str, str]) -> Report:
    written(root, files)
    return here(root)


def kinds(found: Report) -> list[str]:
    return [row.change.kind for row in found.rows]


# What is compared.


def test_nothing_edited(root: Path) -> None:
    found = here(root)
    assert found.quiet
    assert reports.FORMATS["text"](found, "en", NO_LINKS).startswith("nothing to review")


def test_an_edited_clause(root: Path) -> None:
    found = edited(root, {B: EDITED})
    assert [(r.change.level, r.policies, str(r.place)) for r in found.rows] == [("unclassified", ("p",), f"{B}:6:7")]
    assert [(t.mark.id, t.locale, t.policies) for t in found.texts] == [("b", "zh", ("p",))]
    assert [(p.policy, p.clauses, p.version) for p in found.policies] == [("p", ("b",), "1.0.0")]


def test_the_base_is_where_the_edit_left_it(root: Path, command: Command) -> None:
    """What was merged into the base since is not the edit's."""
    run(root, "checkout", "--quiet", "-b", "edit")
    written(root, {B: EDITED})
    committed(root)
    run(root, "checkout", "--quiet", "main")
    written(root, {"clauses/m/a.yml": GOOD["clauses/m/a.yml"].replace("我们收集", "我们将收集")})
    committed(root)
    told = json.loads(command(root, "--base", "main", "--head", "edit", "--format", "json").out)
    assert [change["clauses"] for change in told["changes"]] == [["b"]]


def test_a_merge_commit(root: Path, command: Command) -> None:
    run(root, "checkout", "--quiet", "-b", "edit")
    written(root, {B: EDITED})
    committed(root)
    run(root, "checkout", "--quiet", "main")
    written(root, {"README.md": "x"})
    committed(root)
    run(root, "merge", "--quiet", "--no-ff", "--no-edit", "edit")
    told = json.loads(command(root, "--base", "HEAD^1", "--head", "HEAD", "--format", "json").out)
    assert [change["clauses"] for change in told["changes"]] == [["b"]]


def test_a_detached_head_and_another_worktree(root: Path, tmp_path: Path, command: Command) -> None:
    other = tmp_path / "other"
    run(root, "worktree", "add", "--quiet", "--detach", str(other), "HEAD")
    written(other, {B: EDITED})
    assert len(json.loads(command(other, "--base", "main", "--format", "json").out)["changes"]) == 1
    assert json.loads(command(root, "--base", "main", "--format", "json").out)["changes"] == []


def test_a_shallow_clone(root: Path, tmp_path: Path, command: Command) -> None:
    """Without the commit where both parted nothing is guessed: the error names what to fetch. With it, the review works."""
    run(root, "checkout", "--quiet", "-b", "edit")
    written(root, {B: EDITED})
    committed(root)
    run(root, "checkout", "--quiet", "main")
    written(root, {"README.md": "x"})
    committed(root)
    clone = tmp_path / "clone"
    run(tmp_path, "clone", "--quiet", "--depth", "1", "--no-single-branch", root.as_uri(), str(clone))
    ran = command(clone, "--base", "origin/main", "--head", "origin/edit")
    assert (ran.code, "git fetch --unshallow" in ran.err) == (2, True)
    run(clone, "fetch", "--quiet", "--unshallow")
    assert command(clone, "--base", "origin/main", "--head", "origin/edit", "--fail-on", "unclassified").code == 1


def test_a_base_that_is_not_here(root: Path, command: Command) -> None:
    ran = command(root, "--base", "origin/main")
    assert (ran.code, "git fetch origin origin/main" in ran.err) == (2, True)


def test_no_history_in_common(root: Path, command: Command) -> None:
    run(root, "checkout", "--quiet", "--orphan", "other")
    written(root, {"README.md": "another beginning"})
    committed(root)
    ran = command(root, "--base", "main")
    assert (ran.code, "have no history in common" in ran.err) == (2, True)


def test_a_clause_that_moves_to_another_folder(root: Path) -> None:
    (root / B).rename(root / "clauses/m/x.yml")
    (root / "clauses/other").mkdir()
    (root / "clauses/m/x.yml").rename(root / "clauses/other/b.yml")
    found = here(root)
    assert [(e.path, e.action, e.was) for e in found.sides.edits] == [("clauses/other/b.yml", "moved", B)]
    assert (found.rows, found.texts) == ((), ())


def test_ends_of_lines_are_no_edit(root: Path) -> None:
    (root / B).write_bytes((root / B).read_bytes().replace(b"\n", b"\r\n"))
    assert here(root).sides.edits == ()


def test_a_path_that_is_not_ascii(root: Path) -> None:
    found = edited(root, {"templates/模板.html": "x", B: EDITED})
    assert [edit.path for edit in found.code] == ["templates/模板.html"]
    assert "templates\\/模板\\.html" in reports.FORMATS["markdown"](found, "zh", NO_LINKS)


def test_a_site_below_the_top_of_the_repository(tmp_path: Path, command: Command) -> None:
    made(tmp_path / "r", {f"sites/one/{path}": text for path, text in GOOD.items()})
    written(tmp_path / "r/sites/one", {B: EDITED})
    assert len(json.loads(command(tmp_path / "r/sites/one", "--base", "main", "--format", "json").out)["changes"]) == 1


# Trees that do not load.


def test_a_head_that_does_not_load_is_told_by_its_errors(root: Path, command: Command) -> None:
    written(root, {B: EDITED.replace("title", "titel", 1)})
    ran = command(root, "--base", "HEAD", "--format", "markdown")
    assert ran.code == 2
    assert "The edit cannot be read" in ran.out
    assert "clauses\\/m\\/b\\.yml\\:4" in ran.out


def test_a_base_that_does_not_load_is_told_and_the_head_reviewed(root: Path) -> None:
    written(root, {B: EDITED.replace("title", "titel", 1)})
    committed(root)
    found = edited(root, {B: EDITED})
    assert [p.place.path for p in found.base_errors] != []
    assert (found.errors, bool(found.gained)) == ((), True)


def test_a_base_without_settings_is_told_too(tmp_path: Path, command: Command) -> None:
    made(tmp_path / "r", {path: text for path, text in GOOD.items() if path != "mkdocs.yml"})
    written(tmp_path / "r", {"mkdocs.yml": SETTINGS, B: EDITED})
    ran = command(tmp_path / "r", "--base", "HEAD", "--format", "json")
    told = json.loads(ran.out)
    assert (ran.code, [one["code"] for one in told["base_errors"]], told["errors"]) == (0, ["settings-missing"], [])


def test_a_submodule_and_a_pointer(root: Path) -> None:
    written(root, {B: "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"})
    assert any("Git LFS pointer" in tell(p) for p in here(root).errors)
    run(root, "checkout", "--quiet", "--", B)
    run(root, "update-index", "--add", "--cacheinfo", f"160000,{run(root, 'rev-parse', 'HEAD')},clauses/sub")
    run(root, "commit", "--quiet", "--message", "x")
    base, head = git.commit(root, "HEAD^"), git.commit(root, "HEAD")
    found = review.report(Sides(base, head, "", "", tuple(git.edits(base, head)), project.settings(base)), AS_OF, "en")
    assert [tell(p) for p in found.errors] == ["clauses/sub: this is not an ordinary file (delete it)"]


# What a stranger may not.

MARK = "open('{0}', 'w').write('x')"


def test_nothing_of_the_head_is_run(root: Path, tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = tmp_path / "marker"
    monkeypatch.setenv("SECRET", "canary")
    python = MARK.format(mark)
    hostile = {
        "mkdocs.yml": f"site_name: !ENV [SECRET]\nhooks: [hook.py]\nx: !!python/object/apply:os.system ['touch {mark}']\n{PLUGINS}",
        "hook.py": python, "sitecustomize.py": python, "conftest.py": python, "clausebook/__init__.py": python, "click.py": python,
        "templates/policy.html": f"{{{{ self.__init__.__globals__.__builtins__.exec({python!r}) }}}}",
        ".git/hooks/post-checkout": f"#!/bin/sh\ntouch {mark}\n", ".gitattributes": "*.yml filter=evil diff=evil\n",
        B: EDITED,
    }  # fmt: skip
    written(root, hostile)
    run(root, "config", "filter.evil.clean", f"touch {mark}")
    run(root, "config", "diff.evil.textconv", f"touch {mark}")
    for form in reports.FORMATS:
        ran = command(root, "--base", "HEAD", "--format", form)
        assert ran.code == 0
        assert "canary" not in ran.out + ran.err
    assert not mark.exists()
    assert {edit.path for edit in here(root).code} >= {"mkdocs.yml", "hook.py", "templates/policy.html", ".gitattributes"}


def test_the_settings_are_those_of_the_base(root: Path, command: Command) -> None:
    lenient = "site_name: x\nplugins:\n  - clausebook:\n      changes: {levels: {text-unclassified: editorial}}\n"
    written(root, {B: EDITED, "mkdocs.yml": lenient})
    assert command(root, "--base", "HEAD", "--fail-on", "unclassified").code == 1
    assert command(root, "--base", "HEAD", "--fail-on", "unclassified", "--trust-head").code == 0


def test_waivers_and_notes_of_the_head_do_not_count(root: Path) -> None:
    waived = "waivers:\n  - {rule: lint-x, reason: r, by: me, until: 2027-01-01}\n"
    known = GOOD["policies/p/policy.yml"]
    rule = next(iter(project.judged(project.open(root), root, AS_OF).checks)).id
    text = (
        EDITED.replace("title: Clause", "title: Clause\n    translates: '00000000'")
        + "waived:\n  en: {reason: r, by: me, until: 2027-01-01}\n"
    )
    found = edited(root, {"policies/p/policy.yml": known + waived.replace("lint-x", rule), B: text})
    assert found.tables == ("policies/p/policy.yml", B)
    assert [(s.locale, s.now) for s in found.translations] == [("en", "stale-text")]


TEMPLATE = (resources.starter("templates") / "policy.html").read_text(encoding="utf-8")


def test_with_trust_the_pages_a_template_moves_are_named(root: Path, command: Command) -> None:
    written(root, {"templates/policy.html": f"{TEMPLATE}<p>More.</p>"})
    committed(root)
    written(root, {"templates/policy.html": f"{TEMPLATE}<p>Still more.</p>", B: EDITED})
    told = json.loads(command(root, "--base", "HEAD", "--trust-head", "--format", "json").out)
    assert told["pages"] == ["en/p/", "zh/p/"]
    for form in ("text", "markdown", "html"):
        printed = command(root, "--base", "HEAD", "--trust-head", "--format", form).out
        assert "Pages that look different although their texts are the same (2)" in printed
        assert "Pages that look different" not in command(root, "--base", "HEAD", "--format", form).out


def test_with_trust_settings_move_pages_and_texts_alone_move_none(root: Path, command: Command) -> None:
    written(root, {B: EDITED})
    assert "pages" not in json.loads(command(root, "--base", "HEAD", "--trust-head", "--format", "json").out)
    written(root, {"mkdocs.yml": "site_name: x\nplugins:\n  - clausebook: {locales: {zh: {name: 中文}, en: {name: UK English}}}\n"})
    assert "en/p/" in json.loads(command(root, "--base", "HEAD", "--trust-head", "--format", "json").out)["pages"]


def test_with_trust_a_template_that_cannot_be_rendered_is_told(root: Path, command: Command) -> None:
    written(root, {"templates/policy.html": "{{ nothing.at.all }}"})
    told = json.loads(command(root, "--base", "HEAD", "--trust-head", "--format", "json").out)
    assert [(one["path"], one["code"]) for one in told["findings"]["gained"]] == [("templates/policy.html", "template-wrong")]


HOSTILE = r"""
</details> | </summary></details><h1>x</h1> | <script>alert(1)</script> | <img src=x onerror=alert(1)> | <!-- | -->
<![CDATA[ | <ins>x</ins> | &lt;b&gt; | &#60;b&#62; | @everyone | @org/team | a@e.example | [x](javascript:alert(1)) | ![i](http://e.example/i.png)
[x][y] | [y]: http://e.example | https://e.example | http://e.example/a_b | www.e.example | mailto:a@e.example | xmpp:a@e.example
<https://e.example> | <a@e.example> | `x` | ``` x | ~~~ | ~~x~~ | **x** | __x__ | *x* | _x_ | # x | > x | - x | + x | 1. x | 1) x | ***
--- | === | \ | \` | $x$ | $$x$$ | #1 | o/r#1 | GH-1 | :smile: | [^1] | [ ] x | & | ::error::x | %0A::error::x
"""
BARE = ["|", "| x | y |", "\\|", "\u202e", "\u200b", "\x1b[31m", "\x9b", "\x07", "\u2028"]
WORDS = [words.strip() for line in HOSTILE.strip().split("\n") for words in line.split(" | ")] + BARE
OURS = {
    "html", "head", "body", "h3", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "blockquote", "ul", "li", "details",
    "summary", "ins", "del",
}  # fmt: skip
AROUND = [("{}", "p"), ("x {} y", "p"), ("| a |\n| - |\n| {} |", "td"), ("- {}", "li"), ("### {}", "h3"), ("> **{}**", "strong")]


@pytest.mark.parametrize("words", WORDS)
def test_hostile_words_stay_words_in_a_comment(words: str) -> None:
    """In a paragraph, a cell, an item and a heading they are shown as they are, and are nothing else."""
    for around, inside in AROUND:
        shown = forms.rendered(around.format(comment.plain(words)))
        elements = list(forms.parsed(shown).iter())
        assert {element.tag for element in elements} <= OURS
        assert not any(set(element.attrib) - {"align"} for element in elements)
        told = ["".join(element.itertext()).strip() for element in elements if element.tag == inside]
        assert told == [f"x {visible(words)} y" if around.startswith("x") else visible(words)]
        assert not re.search(r"[@#]\w|GH-", shown)  # the host looks for these after Markdown


@pytest.mark.parametrize("words", [words for words in WORDS if words.isprintable()])
def test_hostile_words_in_a_clause_stay_words_in_its_review(root: Path, words: str) -> None:
    """Where the loader takes them at all: in a title and in the words of a policy."""
    title = json.dumps(f"Clause {words}")
    found = edited(root, {B: EDITED.replace("title: Clause", f"title: {title}"), f"docs/{words.replace('/', '-')[:40]}x": "x"})
    told = {form: make(found, "en", NO_LINKS) for form, make in reports.FORMATS.items()}
    page = forms.parsed(forms.rendered(told["markdown"]))
    assert {element.tag for element in page.iter()} <= OURS
    assert sum(1 for _ in page.iter("details")) == told["markdown"].count("<details>")
    shown = list(forms.parsed(told["html"]).iter())
    assert {element.tag for element in shown} <= OURS | {"h1", "h2", "title", "meta", "style", "div"}
    assert {name for element in shown for name in element.attrib} <= {"lang", "class", "scope", "charset", "http-equiv", "content"}
    rows = list(forms.of_json(told["json"], "en"))
    for form, read in forms.FORMS.items():
        assert list(read(told[form])) == rows, form
    assert forms.sarif_faults(told["sarif"]) == []


def test_hostile_names_and_texts_in_every_form(root: Path) -> None:
    name = "templates/a`b](x)@you <img src=x>::error::\x1b[31m.html"
    found = edited(root, {name: "x", B: GOOD[B].replace("三个月", "六个月 @you ::warning::x & | 链 https://e.example #1")})
    for form, make in reports.FORMATS.items():
        told = make(found, "en", NO_LINKS)
        assert "\x1b" not in told
        assert form not in ("html", "markdown") or "<img src=x>" not in told
    shown = cmarkgfm.github_flavored_markdown_to_html(reports.FORMATS["markdown"](found, "en", NO_LINKS), Options.CMARK_OPT_UNSAFE)
    assert not any(bad in shown for bad in ("<img", "@you", "<a ", "<b>"))
    assert shown.count("<details>") == shown.count("</details>") > 0
    assert all(line.startswith("::") for line in reports.FORMATS["github"](found, "en", NO_LINKS).splitlines())


def test_a_comment_stays_short_and_says_what_it_leaves_out(root: Path) -> None:
    many = {f"c{n}": small.text("甲" * 300 + f"{n}。", "A " * 200 + f"{n}.") for n in range(300)}
    written(root, {"mkdocs.yml": SETTINGS, **small.files(many)})
    committed(root)
    found = edited(root, small.files({key: text.replace("甲", "乙") for key, text in many.items()}))
    told = reports.FORMATS["markdown"](found, "en", NO_LINKS)
    assert len(told) <= 60_400
    assert "Left out for length" in told
    assert "texts" in told.split("Left out for length")[1]


# Releases.


def test_a_touched_release_is_the_loudest_line(root: Path) -> None:
    path = "policies/p/releases/1.0.0.json"
    written(root, {path: "{}"})
    committed(root)
    found = edited(root, {path: "{ }", B: EDITED})
    lines = reports.FORMATS["text"](found, "en", NO_LINKS).splitlines()
    assert lines[1] == "! This change edits what is released and can never change"
    assert lines[2].strip() == f"{path} (changed)"
    assert found.level == "material"


# The forms.


def test_several_forms_at_once(root: Path, tmp_path: Path, command: Command) -> None:
    written(root, {B: EDITED})
    files = {form: tmp_path / form for form in reports.FORMATS}
    also = [option for form, file in files.items() for option in ("--write", f"{form}={file}")]
    ran = command(root, "--base", "HEAD", *also)
    assert ran.code == 0
    for form, file in files.items():
        assert file.read_text(encoding="utf-8") == command(root, "--base", "HEAD", "--format", form).out


@pytest.mark.parametrize("also", ["markdown", "markdown=", "pdf=x"])
def test_a_form_there_is_none_of(root: Path, command: Command, also: str) -> None:
    ran = command(root, "--base", "HEAD", "--write", also)
    assert (ran.code, "is not FORMAT=FILE" in ran.err) == (2, True)


def test_github_marks_the_changed_line(root: Path) -> None:
    told = reports.FORMATS["github"](edited(root, {B: EDITED}), "en", NO_LINKS).splitlines()
    assert told[0].startswith(f"::warning file={B},line=6,col=7,title=text-unclassified::")


def test_gitlab_and_sarif_and_json(root: Path) -> None:
    found = edited(root, {B: EDITED})
    quality = json.loads(reports.FORMATS["gitlab"](found, "en", NO_LINKS))
    assert quality[0]["location"] == {"path": B, "lines": {"begin": 6}}
    assert len({one["fingerprint"] for one in quality}) == len(quality)
    sarif: dict[str, Any] = json.loads(reports.FORMATS["sarif"](found, "en", NO_LINKS))
    assert sarif["version"] == "2.1.0"
    results = sarif["runs"][0]["results"]
    assert {result["level"] for result in results} <= {"none", "note", "warning", "error"}
    assert {result["ruleId"] for result in results} == {rule["id"] for rule in sarif["runs"][0]["tool"]["driver"]["rules"]}
    told = json.loads(reports.FORMATS["json"](found, "en", NO_LINKS))
    assert (told["version"], told["level"], told["texts"][0]["redline"]) == (1, "unclassified", "我们保存[-三个月-]{+六个月+}。")


def test_the_page_has_no_script_and_shows_the_redline(root: Path) -> None:
    told = reports.FORMATS["html"](edited(root, {B: EDITED}), "zh", NO_LINKS)
    assert "<del>" in told
    assert "<ins>" in told
    assert "<script" not in told


def test_a_link_to_the_line(root: Path) -> None:
    told = reports.FORMATS["markdown"](edited(root, {B: EDITED}), "en", Links("https://h.example/o/r/blob/x/{path}#L{line}"))
    assert f"](https://h.example/o/r/blob/x/{B}#L6)" in told


PREVIEW = Links(preview="https://preview.example/pr-1", run="https://h.example/run/1")


def test_links_to_the_preview_and_to_the_whole_report(root: Path) -> None:
    found = edited(root, {B: EDITED})
    told = {form: make(found, "en", PREVIEW) for form, make in reports.FORMATS.items()}
    page = forms.parsed(forms.rendered(told["markdown"]))
    pages = {f"p {locale}": f"https://preview.example/pr-1/{locale}/p/" for locale in ("zh", "en")}
    shown = {link.text: link.attrib["href"] for link in page.iter("a")}
    assert shown == {**pages, "The whole report and the preview of the site": "https://h.example/run/1"}
    assert {link.text: link.attrib["href"] for link in forms.parsed(told["html"]).iter("a")} == pages
    assert [one["url"] for one in json.loads(told["json"])["preview"]] == list(pages.values())


def test_a_released_policy_is_previewed_as_a_draft(root: Path) -> None:
    found = edited(root, {B: EDITED})
    released = replace(found, policies=tuple(replace(row, released="1.0.0") for row in found.policies))
    assert {address for _, _, address in PREVIEW.pages(released)} == {f"https://preview.example/pr-1/{at}/p/{DRAFT}" for at in ("zh", "en")}
    assert links.DRAFT == DRAFT


@pytest.mark.parametrize("address", ["", "http://h.example/", "javascript:alert(1)", "//h.example/"])
def test_what_is_no_secure_address_is_no_link(root: Path, address: str) -> None:
    found = edited(root, {B: EDITED})
    for form, make in reports.FORMATS.items():
        assert make(found, "en", Links(address, address, address)) == make(found, "en", NO_LINKS), form


def test_a_wrong_head(root: Path) -> None:
    with pytest.raises(UserError):
        git.commit(root, "--upload-pack=x", "--head")
