"""Run the steps before the host on one site, in a process of their own; print what each took as JSON.

`seconds` are wall time, `cpu` processor time, `rss` is peak memory as the system counts it.
"""

from __future__ import annotations

import datetime
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from clausebook import assemble, load, project, resolve, resources, site
from clausebook.document import Document
from clausebook.errors import Problem
from clausebook.model import Library
from clausebook.tree import Folder

T = TypeVar("T")
TODAY = datetime.date(2026, 11, 22)


class _Steps:
    def __init__(self) -> None:
        self.found: dict[str, dict[str, float]] = {}

    def run(self, name: str, step: Callable[[], T]) -> T:
        """Run a step; note its time and the most memory the process has held until its end."""
        start, used = time.perf_counter(), time.process_time()
        made = step()
        seconds, cpu = time.perf_counter() - start, time.process_time() - used
        self.found[name] = {"seconds": seconds, "cpu": cpu, "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}
        return made


def measure(root: Path) -> dict[str, dict[str, float]]:
    """Load, assemble, judge and make the pages of the site at `root`."""
    steps, settings = _Steps(), project.settings(root)
    library, problems = steps.run("load", lambda: load.library(Folder(root), settings))
    documents, more = steps.run("assemble", lambda: _assembled(library, problems + list(resolve.problems(library, settings))))
    errors = [found for found in more if found.severity == "error"]
    if errors:
        raise SystemExit(f"{len(errors)} errors in {root}, first: {errors[0].place}: {errors[0].code}")
    made = project.Project(settings, library, documents, ())
    steps.run("judge", lambda: project.judged(made, root, TODAY))
    templates = (root / settings.templates, resources.starter("templates"))
    pages = site.Site(settings, library, documents, templates, datetime.date(2026, 1, 1))
    steps.run("pages", lambda: site.build(pages))
    return steps.found


def _assembled(library: Library, problems: list[Problem]) -> tuple[dict[str, Document], list[Problem]]:
    documents = {}
    for policy_id, made, more in assemble.documents(library, sorted(library.policies)):
        documents[policy_id] = made
        problems += more
    return documents, problems


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]))))
