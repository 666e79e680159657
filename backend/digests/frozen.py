"""Reads a stored snapshot back into its records.

`analysis.contracts.from_json` works out types for every record anew, which takes seconds for ten
thousand comments; here each class is understood once and becomes a function.
"""

import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, TypeVar

T = TypeVar("T")
Reader = Callable[[Any], Any]


def thaw(cls: type[T], plain: Mapping[str, Any]) -> T:
    """The record `to_json` made this of; raises KeyError or TypeError when it was another."""
    record: T = _record_reader(cls)(plain)  # type: ignore[arg-type]
    return record


@lru_cache(maxsize=64)
def _record_reader(cls: type[Any]) -> Reader:
    hints = typing.get_type_hints(cls)
    plan = [(field.name, _reader(hints[field.name]), field.default) for field in fields(cls)]

    def read(plain: Mapping[str, Any]) -> Any:
        return cls(*[_value(plain, name, how, default) for name, how, default in plan])

    return read


def _value(plain: Mapping[str, Any], name: str, how: Reader | None, default: Any) -> Any:
    """A field with a default may be younger than the snapshot."""
    if default is not MISSING and name not in plain:
        return default
    return plain[name] if how is None else how(plain[name])


def _reader(hint: Any) -> Reader | None:
    """How to read a value of this type; None when JSON gives it as it is."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        inner = _reader(next(arg for arg in args if arg is not type(None)))
        return None if inner is None else _optional(inner)
    if origin is tuple:
        inner = _reader(args[0])
        return tuple if inner is None else _each(inner)
    if isinstance(hint, type) and is_dataclass(hint):
        return _record_reader(hint)
    if hint is datetime:
        return datetime.fromisoformat
    return date.fromisoformat if hint is date else None


def _optional(inner: Reader) -> Reader:
    return lambda raw: None if raw is None else inner(raw)


def _each(inner: Reader) -> Reader:
    return lambda raw: tuple([inner(part) for part in raw])
