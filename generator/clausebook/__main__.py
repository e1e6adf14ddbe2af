"""`python -m clausebook`."""

from clausebook.cli import run

run()
