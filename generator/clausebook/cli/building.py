"""Commands that make a site: whole, in parts, and of parts."""

from __future__ import annotations

import datetime
import os
import shutil
from pathlib import Path
from typing import Any

import click

from clausebook import cache, messages, unchanged
from clausebook.cache import Cache
from clausebook.cli.shell import err, language, main, named_day, out
from clausebook.errors import CLEAN

PASSED = ("SOURCE_DATE_EPOCH", "CLAUSEBOOK_AT", "NO_MKDOCS_2_WARNING")  # what a build on another machine finds in its environment too


@main.command()
@click.argument("site", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.option("--shard", default=None, metavar="K/N", help="Build part K of N: the pages of some policies. `merge` joins the parts.")
@click.option("--cluster", default=None, metavar="ADDRESS", help="Build the parts on the Dask cluster at this address, and join them.")
@click.option("--parts", type=click.IntRange(1, 9999), default=None, help="How many parts (default: as many as it builds at a time).")
@click.option("--strict", is_flag=True, help="Fail on warnings.")
@click.option("--no-cache", is_flag=True, help="Build even where nothing has changed, and keep nothing.")
@click.pass_obj
def build(root: Path, /, site: Path | None, no_cache: bool, **how: Any) -> int:
    """Build the site into SITE (default: the folder the settings name), unless it is there and nothing has changed."""
    store = Cache.open(None if no_cache or how["shard"] or how["cluster"] else cache.folder(os.environ))
    now, epoch, named = datetime.datetime.now(datetime.UTC), os.environ.get("SOURCE_DATE_EPOCH"), named_day()
    folder = (site or root / "site").absolute()
    if store.keeps and (count := unchanged.holds(store, root, folder, lambda inputs: inputs.day(now, named, epoch))) is not None:
        out(messages.say("build-same", language(), site=str(folder), n=count))
        return CLEAN
    if how["cluster"]:
        return _on_cluster(root, folder, how)
    from clausebook.plugin import building  # to load the host takes longer than to tell that there is nothing to do

    if how["shard"]:
        os.environ["CLAUSEBOOK_SHARD"] = how["shard"]
    if named:
        os.environ["CLAUSEBOOK_AS_OF"] = named
    os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")
    means = building.Means(store, lambda inputs: inputs.day(now, named, epoch))
    building.build(root, folder if site or how["shard"] else None, means, strict=how["strict"])
    return CLEAN


def _on_cluster(root: Path, site: Path, how: dict[str, Any]) -> int:
    """Build a site in parts on a cluster, and join them. Parts are written beside the site, where every machine must find them."""
    from clausebook import cluster
    from clausebook.cli import opening
    from clausebook.site import parts

    day = opening.as_of(root)
    environment = {"CLAUSEBOOK_AS_OF": day.isoformat(), **{name: os.environ[name] for name in PASSED if name in os.environ}}
    folder = site.with_name(f".{site.name}.parts")
    try:
        with cluster.connected(how["cluster"]) as (executor, tasks):
            order = cluster.Order(root.absolute(), folder, how["parts"] or max(tasks, 1), environment, how["strict"])
            made = cluster.build(executor, order)
        err(messages.say("merged", language(), n=parts.merge(made, site), site=str(site)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return CLEAN


@main.command()
@click.argument("parts", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("site", type=click.Path(file_okay=False, path_type=Path))
def merge(parts: tuple[Path, ...], site: Path) -> int:
    """Join PARTS, which `build --shard` made, into SITE: the same bytes as one build gives."""
    from clausebook.site import parts as joining

    err(messages.say("merged", language(), n=joining.merge(list(parts), site.absolute()), site=str(site)))
    return CLEAN
