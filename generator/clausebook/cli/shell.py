"""The shell around every command: exit codes, the language of messages, printing, the environment."""

from __future__ import annotations

import locale as system_locale
import os
import shutil
import sys
import traceback
from importlib import import_module
from pathlib import Path

import click

from clausebook import __version__, messages
from clausebook.errors import BUG, CLEAN, INTERRUPTED, USER_ERROR, Place, UserError, problem


def run() -> None:
    """Run the command line with its exit codes: 0 clean, 1 findings, 2 user error, 3 our bug, 130 interrupted."""
    sys.exit(_code(sys.argv[1:]))


def _code(arguments: list[str]) -> int:
    try:
        result = main.main(arguments, prog_name="clausebook", standalone_mode=False)
    except UserError as error:
        err("\n".join(messages.tell(p, language()) for p in error.problems))
        return USER_ERROR
    except click.exceptions.Abort:
        return INTERRUPTED
    except KeyboardInterrupt:
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return USER_ERROR
    except (BrokenPipeError, SystemExit):  # click turns the one into the other
        sys.stdout = None  # nobody reads on; leave without a word
        return CLEAN
    except Exception:
        err(traceback.format_exc() + "This is a fault in Clausebook itself; please report it with the lines above.")
        return BUG
    return result if isinstance(result, int) else CLEAN


def language() -> str:
    context = click.get_current_context(silent=True)
    chosen = context.find_root().params.get("lang") if context else None
    if chosen is None:
        index = sys.argv.index("--lang") + 1 if "--lang" in sys.argv else len(sys.argv)
        chosen = sys.argv[index] if index < len(sys.argv) else None
    if chosen is None:
        said = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
        chosen = next(filter(None, said), None) or system_locale.getlocale()[0] or "en"
    return "zh" if chosen.lower().startswith(("zh", "chinese")) else "en"


def out(text: str) -> None:
    if text:
        click.echo(text)


def err(text: str) -> None:
    if text:
        click.echo(text, err=True)


# The module each command is in: a run loads what its own command needs.
_MODULES = {
    "build": "building", "check": "checks", "diff": "releases", "diff-driver": "review", "explain": "rules", "export": "texts",
    "init": "starting", "merge": "building", "new": "starting", "note": "posting", "release": "releases", "review": "review",
    "schema": "texts", "show": "texts", "translate": "translations", "verify": "releases", "where": "rules",
}  # fmt: skip


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in _MODULES:
            import_module(f"clausebook.cli.{_MODULES[cmd_name]}")
        return super().get_command(ctx, cmd_name)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@click.option("--root", type=click.Path(exists=True, file_okay=False, path_type=Path), default=".", help="The site's folder.")
@click.option("--lang", type=click.Choice(["en", "zh"]), default=None, help="Language of messages (default: the terminal's).")
@click.option("--as-of", default=None, metavar="DATE", help="Judge as on this day (default: the setting, or today).")
@click.pass_context
def main(context: click.Context, root: Path, lang: str | None, as_of: str | None) -> None:
    """Publish legal policies as code: clauses in YAML, assembled into bilingual, versioned sites."""
    context.obj = root.resolve()


def named_day() -> str | None:
    """Return the day a run is told to judge by, as it was written: --as-of, or CLAUSEBOOK_AS_OF."""
    context = click.get_current_context(silent=True)
    named: str | None = context.find_root().params.get("as_of") if context else None
    return named or os.environ.get("CLAUSEBOOK_AS_OF")


def write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        if path.exists():
            shutil.copymode(path, part)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise UserError([problem(Place(str(path)), "file-unwritable", what=error.strerror or str(error))]) from error


def put(output: Path | None, content: bytes) -> None:
    """Write to a file, or to the terminal where none is named."""
    if output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    else:
        write(output, content)
