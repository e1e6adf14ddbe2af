"""The command line. The only package that prints, reads the environment and knows click."""

from clausebook.cli.shell import main, run

__all__ = ["main", "run"]
