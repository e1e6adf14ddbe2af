"""Parts built by the workers of a cluster, here two on this machine, are joined into the site of one build."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from clausebook import cluster
from clausebook.errors import UserError
from clausebook.site import parts
from tests.test_building import DAY, build, run
from tests.test_making import laid
from tests.test_staging import held

ENVIRONMENT = {"CLAUSEBOOK_AS_OF": DAY, "SOURCE_DATE_EPOCH": "1795000000", "NO_MKDOCS_2_WARNING": "1", "PYTHONWARNINGS": "ignore"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a project of four policies, two of them with releases, and its site as one build makes it."""
    root = laid(tmp_path / "project", "pqrs", "pq")
    build(root, "whole")
    return root


def test_any_executor_builds_the_parts(root: Path) -> None:
    order = cluster.Order(root, root / "parts", 3, ENVIRONMENT)
    with ThreadPoolExecutor(2) as executor:
        parts.merge(cluster.build(executor, order), root / "joined")
    assert held(root / "joined") == held(root / "whole")


def test_every_part_that_fails_says_why(root: Path) -> None:
    path = root / "clauses/m/a.yml"
    path.write_text(path.read_text(encoding="utf-8") + "odd: x\n", encoding="utf-8")
    with ThreadPoolExecutor(2) as executor, pytest.raises(UserError) as caught:
        cluster.build(executor, cluster.Order(root, root / "parts", 2, ENVIRONMENT))
    assert [str(found.place) for found in caught.value.problems] == ["1/2", "2/2"]
    assert all("clauses/m/a.yml:" in dict(found.values)["what"] for found in caught.value.problems)


# A real cluster.


@pytest.fixture
def workers() -> Iterator[Any]:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0", protocol="tcp", host="127.0.0.1"
    ) as made:
        yield made


@pytest.mark.slow
def test_a_cluster_builds_the_site_of_one_build(root: Path, workers: Any) -> None:
    done = run(root, "clausebook", "build", "site", "--cluster", workers.scheduler_address, "--parts", "3")
    assert done.returncode == 0, done.stderr
    assert held(root / "site") == held(root / "whole")
    assert not list(root.glob(".site*"))


@pytest.mark.slow
def test_the_part_of_a_lost_worker_is_built_again(root: Path, workers: Any) -> None:
    environment = {**os.environ, **ENVIRONMENT, "CLAUSEBOOK_CACHE": ""}
    command = ["-m", "clausebook", "build", "site", "--cluster", workers.scheduler_address, "--parts", "4"]
    with subprocess.Popen([sys.executable, *command], cwd=root, env=environment, stderr=subprocess.PIPE, text=True) as running:
        until = time.monotonic() + 60
        while not list(root.glob(".site.parts/*")) and not list(root.glob(".site.parts/.*")) and time.monotonic() < until:
            time.sleep(0.02)
        lost = next(iter(workers.workers.values()))
        os.kill(lost.process.pid, signal.SIGKILL)
        assert running.wait(300) == 0, running.stderr.read() if running.stderr else ""
    assert held(root / "site") == held(root / "whole")


def test_a_cluster_that_does_not_answer(root: Path) -> None:
    pytest.importorskip("distributed")
    done = run(root, "clausebook", "build", "site", "--cluster", "tcp://127.0.0.1:9")
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "no cluster answers at tcp://127.0.0.1:9" in done.stderr
    assert not (root / "site").exists()
