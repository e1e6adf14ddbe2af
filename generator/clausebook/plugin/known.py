"""The host's files with those of policies, which it does not write: hand-written pages may link to them all the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from mkdocs.structure.files import File, Files


class Known(Files):
    """Files of a site. `more` returns one that is not among them, by its path, if it will be there."""

    def __init__(self, files: Iterable[File], more: Callable[[str], File | None]) -> None:
        super().__init__(files)
        self.more = more

    def get_file_from_path(self, path: str) -> File | None:
        """Return a file by its path."""
        return super().get_file_from_path(path) or self.more(path)
