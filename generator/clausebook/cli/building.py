"""Commands that make a site: whole, in parts, and of parts."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

import click

from clausebook import cache, messages, unchanged
from clausebook.cache import Cache
from clausebook.cli.shell import err, language, main, named_day, out
from clausebook.errors import CLEAN


@main.command()
@click.argument("site", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.option("--shard", default=None, metavar="K/N", help="Build part K of N: the pages of some policies. `merge` joins the parts.")
@click.option("--strict", is_flag=True, help="Fail on warnings.")
@click.option("--no-cache", is_flag=True, help="Build even where nothing has changed, and keep nothing.")
@click.pass_obj
def build(root: Path, site: Path | None, shard: str | None, strict: bool, no_cache: bool) -> int:
    """Build the site into SITE (default: the folder the settings name), unless it is there and nothing has changed."""
    store = Cache.open(None if no_cache or shard else cache.folder(os.environ))
    now, epoch, named = datetime.datetime.now(datetime.UTC), os.environ.get("SOURCE_DATE_EPOCH"), named_day()
    folder = (site or root / "site").absolute()
    if store.keeps and (count := unchanged.holds(store, root, folder, lambda inputs: inputs.day(now, named, epoch))) is not None:
        out(messages.say("build-same", language(), site=str(folder), n=count))
        return CLEAN
    from clausebook.plugin import building  # to load the host takes longer than to tell that there is nothing to do

    if shard:
        os.environ["CLAUSEBOOK_SHARD"] = shard
    if named:
        os.environ["CLAUSEBOOK_AS_OF"] = named
    os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")
    means = building.Means(store, lambda inputs: inputs.day(now, named, epoch))
    building.build(root, folder if site or shard else None, means, strict=strict)
    return CLEAN


@main.command()
@click.argument("parts", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("site", type=click.Path(file_okay=False, path_type=Path))
def merge(parts: tuple[Path, ...], site: Path) -> int:
    """Join PARTS, which `build --shard` made, into SITE: the same bytes as one build gives."""
    from clausebook.site import parts as joining

    err(messages.say("merged", language(), n=joining.merge(list(parts), site.absolute()), site=str(site)))
    return CLEAN
