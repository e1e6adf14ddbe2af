"""What is remembered of parts is remembered for as long as it is asked for, and told apart by identity."""

from __future__ import annotations

import pytest

from clausebook.model import Memory


def test_memory_tells_equal_parts_apart() -> None:
    memory, made = Memory(), iter(range(9))
    one, two = [1], [1]
    assert [memory.once("size", (part,), lambda: next(made)) for part in (one, two, one)] == [0, 1, 0]
    assert memory.once("other", (one,), lambda: next(made)) == 2


def test_memory_keeps_what_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes again stays however much else there is; what does not is forgotten."""
    monkeypatch.setattr(Memory, "LIMIT", 4)
    memory, made = Memory(), iter(range(99))
    often = object()
    for number in range(40):
        assert memory.once("often", (often,), lambda: next(made)) == 0
        assert memory.once(number, (), lambda: next(made)) == number + 1
    assert memory.once(0, (), lambda: -1) == -1
    assert len(memory._found) + len(memory._before) <= 2 * Memory.LIMIT
