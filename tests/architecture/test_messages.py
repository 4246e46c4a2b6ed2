"""Events and effects are data, typed to the leaf: what goes through JSON comes back equal."""

from __future__ import annotations

import importlib
import types
import typing
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

UNIONS = ["acd.events.Event", "acd.effects.Effect", "ivr.effects.Input", "ivr.effects.Effect"]
"""What is written down and read back; one union of structs each."""


def union(name: str) -> Any:
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(module), attribute)


MESSAGES = [(name, struct) for name in UNIONS for struct in typing.get_args(union(name))]


def ids(value: object) -> str:
    return value.__name__ if isinstance(value, type) else str(value)


def is_record(kind: Any) -> bool:
    return isinstance(kind, type) and (issubclass(kind, msgspec.Struct) or hasattr(kind, "_fields"))


def loose(kind: Any) -> list[str]:
    """Return what in a type annotation JSON cannot give back as it was."""
    if is_record(kind):
        fields = typing.get_type_hints(kind)
        return [f"{kind.__name__}.{name}: {text}" for name, hint in fields.items() for text in loose(hint)]
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin is None:
        if isinstance(kind, typing.NewType):
            return loose(kind.__supertype__)
        exact = kind in {str, int, float, bool, types.NoneType} or (
            isinstance(kind, type) and hasattr(kind, "_member_map_")
        )
        return [] if exact else [repr(kind)]
    if origin in {list, set}:
        return [f"{kind} can be changed"]
    return [text for part in inner if part is not Ellipsis for text in loose(part)]


@pytest.mark.parametrize(("name", "struct"), MESSAGES, ids=ids)
def test_a_message_is_typed_to_the_leaf(name: str, struct: type[msgspec.Struct]) -> None:
    assert loose(struct) == []
    assert struct.__struct_config__.frozen


def values(kind: Any) -> st.SearchStrategy[Any]:
    if is_record(kind):
        return st.builds(kind, **{name: values(hint) for name, hint in typing.get_type_hints(kind).items()})
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple and inner[-1] is Ellipsis:
        return st.lists(values(inner[0]), max_size=3).map(tuple)
    if origin is dict:
        return st.dictionaries(*map(values, inner), max_size=3)
    if origin is tuple:
        return st.tuples(*map(values, inner))
    if origin in {typing.Union, types.UnionType}:
        return st.one_of(*map(values, inner))
    if isinstance(kind, typing.NewType):
        return values(kind.__supertype__)
    if kind is int:
        return st.integers(-(2**53), 2**53)
    if kind is str:
        return st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    if kind is float:
        return st.floats(allow_nan=False, allow_infinity=False)
    return st.from_type(kind)


@pytest.mark.parametrize(("name", "struct"), MESSAGES, ids=ids)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_message_comes_back_from_json_equal(
    name: str, struct: type[msgspec.Struct], data: st.DataObject
) -> None:
    message = data.draw(values(struct))
    assert msgspec.json.decode(msgspec.json.encode(message), type=union(name)) == message
