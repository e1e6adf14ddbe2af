"""Work is done once for what is alike, and never taken for what is not."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, ValidationError

from clausebook import alike
from clausebook.alike import Lazy, Made


class Inner(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    values: dict[str, Any] = {}


def outer() -> type[BaseModel]:
    class Outer(BaseModel):
        inner: Annotated[Inner, alike.once()]

    return Outer


def test_equal_data_becomes_one_record() -> None:
    model = outer()
    first, same, other = (model.model_validate({"inner": {"name": name}}) for name in ("a", "a", "b"))
    assert first.inner is same.inner  # type: ignore[attr-defined]
    assert first.inner is not other.inner  # type: ignore[attr-defined]


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda v: st.lists(v) | st.dictionaries(st.text(), v), max_leaves=8
)


@given(st.lists(st.dictionaries(st.text(), PLAIN), max_size=6))
def test_a_record_is_what_it_would_be_alone(found: list[dict[str, Any]]) -> None:
    model = outer()
    for values in found:
        data = {"name": "n", "values": values}
        assert model.model_validate({"inner": data}).inner == Inner.model_validate(data)  # type: ignore[attr-defined]


@pytest.mark.parametrize("data", [{"name": 1}, {"name": "a", "odd": 1}, "a", None, {}], ids=str)
def test_wrong_data_is_refused_each_time(data: object) -> None:
    model = outer()
    for _ in range(2):
        with pytest.raises(ValidationError):
            model.model_validate({"inner": data})


def test_what_is_made_is_made_once_for_a_record_and_what_stands_beside_it() -> None:
    made, calls = Made(), []
    one, two = object(), object()

    def make(name: str) -> str:
        calls.append(name)
        return name

    for record, beside, name in [(one, (1,), "a"), (one, (1,), "b"), (two, (1,), "c"), (one, (2,), "d"), (one, (1,), "e")]:
        made.of(record, beside=beside, make=partial(make, name))
    assert calls == ["a", "c", "d"]


def test_no_more_is_kept_than_allowed_and_a_record_is_held_while_it_is() -> None:
    made = Made(kept=2)
    for n in range(10):
        assert made.of([n], make=partial(int, n)) == n  # each list may stand where the one before stood
    assert len(made.known) <= 2


def test_lazy_values_are_made_when_asked_for_and_once() -> None:
    calls: list[str] = []

    def make(name: str) -> str | None:
        calls.append(name)
        return None if name == "none" else name.upper()

    found = Lazy(["a", "none"], make)
    assert (calls, list(found), len(found), "a" in found, "b" in found) == ([], ["a", "none"], 2, True, False)
    assert (found["a"], found["a"], found.get("none"), found.get("b")) == ("A", "A", None, None)
    assert calls == ["a", "none"]
