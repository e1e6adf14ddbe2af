"""The command line. The only package that prints, reads the environment and knows click."""

from clausebook.cli import checks, releases, review, starting, texts, translations
from clausebook.cli.shell import main, run

__all__ = ["checks", "main", "releases", "review", "run", "starting", "texts", "translations"]
