"""Lists as JSON: a stable contract, the same shape as in `policy.json`, with every language at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import orjson

from clausebook import lists
from clausebook.contract import FORMAT
from clausebook.lists import Item
from clausebook.naming import Naming


def of_lists(naming: Naming, chosen: Sequence[str]) -> bytes:
    """Return lists as a JSON document."""
    found = {key: listed(naming, key) for key in chosen}
    return dumped({"format": FORMAT, "policy": naming.document.policy.id, "lists": found})


def listed(naming: Naming, key: str) -> dict[str, Any]:
    """Return one list as data."""
    every = all_locales(naming)
    columns = lists.LISTS[key].columns
    return {
        "id": key,
        "title": {n.locale: n.list_title(key) for n in every},
        "source": {n.locale: n.list_source(key) for n in every},
        "columns": [{"key": c.key, "title": {n.locale: n.say(f"col-{c.key}") for n in every}} for c in columns],
        "rows": [
            {
                "id": row.id,
                "clause": row.entry.anchor,
                "cells": {c.key: [_item(every, item) for item in cell] for c, cell in zip(columns, row.cells, strict=True)},
            }
            for row in lists.rows(naming.document, key)
        ],
    }


def all_locales(naming: Naming) -> list[Naming]:
    """Return the naming of every language of the policy."""
    return [replace(naming, locale=locale) for locale in naming.document.policy.locales]


def _item(every: Sequence[Naming], item: Item) -> dict[str, Any]:
    found = {"words": {n.locale: n.item(item).text for n in every}, item.kind: item.value}
    return {**found, "sensitive": item.value in every[0].document.sensitive} if item.kind == "term" else found


def dumped(data: Any) -> bytes:
    """Return data as the bytes of a JSON file."""
    return orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
