"""What kinds of values options have: each says what it allows, finds faults, and has a schema."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Any, NamedTuple, Protocol

from . import globs, pages
from .toml import KeyPath

_LONGEST = 60  # characters of a value that a message repeats


class Fault(NamedTuple):
    """What is wrong at a path from the table of options: with its key, or else with its value."""

    path: KeyPath
    message: str
    at_key: bool = False


class Kind(Protocol):
    """The values that an option may have."""

    @property
    def allowed(self) -> str:
        """A noun phrase: "an integer from 1 to 320"."""

    def faults(self, value: object, path: KeyPath) -> Iterator[Fault]:
        """What is wrong with a value of any type."""

    def schema(self) -> dict[str, Any]:
        """What it allows, in JSON Schema's words."""


@cache
def rule_ids() -> tuple[str, ...]:
    """The ids of all rules."""
    return tuple(pages.ids())


@dataclass(frozen=True, slots=True)
class Flag:
    """true or false."""

    allowed = "true or false"

    def faults(self, value: object, path: KeyPath) -> Iterator[Fault]:
        if not isinstance(value, bool):
            yield _unexpected(self, value, path)

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Whole:
    """An integer within bounds, both included."""

    least: int
    most: int | None = None
    name: str = "an integer"

    @property
    def allowed(self) -> str:
        end = "up" if self.most is None else f"to {self.most}"
        return f"{self.name} from {self.least} {end}"

    def faults(self, value: object, path: KeyPath) -> Iterator[Fault]:
        if isinstance(value, str) and self._holds(_integer(value)):
            yield _unexpected(self, value, path, f" Write {_integer(value)}, without quotes.")
        elif not self._holds(value):
            yield _unexpected(self, value, path)

    def schema(self) -> dict[str, Any]:
        most = {} if self.most is None else {"maximum": self.most}
        return {"type": "integer", "minimum": self.least, **most}

    def _holds(self, value: object) -> bool:
        if isinstance(value, bool) or not isinstance(value, int):
            return False
        return self.least <= value and (self.most is None or value <= self.most)


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of some words."""

    names: tuple[str, ...]

    @property
    def allowed(self) -> str:
        return "one of " + ", ".join(map(repr, self.names))

    def faults(self, value: object, path: KeyPath) -> Iterator[Fault]:
        if value not in self.names:
            near = nearest(value, self.names)
            yield _unexpected(self, value, path, f" Did you mean {near!r}?" if near else "")

    def schema(self) -> dict[str, Any]:
        return {"enum": list(self.names)}


@dataclass(frozen=True, slots=True)
class RuleId:
    """The id of a rule."""

    allowed = "a rule's id"

    def faults(self, value: object, path: KeyPath) -> Iterator[Fault]:
        if not isinstance(value, str):
            yield _unexpected(self, value, path)
        elif value not in rule_ids():
            yield Fault(path, f"there is no rule {_short(value)}. {suggestion(value, rule_ids())}")

    def schema(self) -> dict[str, Any]:
        return {"enum": list(rule_ids())}


@dataclass(frozen=True, slots=True)
class Text:
    """A string of some form; `flaw` says what keeps one from having it, after "which"."""

    allowed: str
    flaw: Callable[[str], str | None]

    def faults(self, value: object, path: KeyPath) -> Iterator[Fault]:
        if not isinstance(value, str):
            yield _unexpected(self, value, path)
        elif flaw := self.flaw(value):
            yield Fault(path, f"expected {self.allowed}, found {_short(value)}, which {flaw}.")

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1}


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list; `alone` allows an element by itself."""

    item: Kind
    items: str  # what a list of them is called
    alone: bool = False

    @property
    def allowed(self) -> str:
        return (
            f"{self.item.allowed}, or a list of them" if self.alone else f"a list of {self.items}"
        )

    def faults(self, value: object, path: KeyPath) -> Iterator[Fault]:
        if isinstance(value, list | tuple):
            for index, item in enumerate(value):
                yield from self.item.faults(item, (*path, index))
        elif self.alone and isinstance(value, str):
            yield from self.item.faults(value, path)
        else:
            hint = f' Write ["{value}"].' if isinstance(value, str) and len(value) < 40 else ""
            yield _unexpected(self, value, path, hint)

    def schema(self) -> dict[str, Any]:
        item = self.item.schema()
        several = {"type": "array", "items": item}
        return {"anyOf": [item, several]} if self.alone else several


@dataclass(frozen=True, slots=True)
class TableOf:
    """A table from keys of one kind to values of another."""

    key: Kind
    value: Kind
    allowed: str

    def faults(self, value: object, path: KeyPath) -> Iterator[Fault]:
        if not isinstance(value, Mapping):
            yield _unexpected(self, value, path)
            return
        for key, inner in value.items():
            for fault in self.key.faults(key, (*path, key)):
                yield fault._replace(at_key=True)
            yield from self.value.faults(inner, (*path, key))

    def schema(self) -> dict[str, Any]:
        key = self.key.schema()
        names = {"propertyNames": key}
        return {"type": "object", **names, "additionalProperties": self.value.schema()}


def revision_flaw(value: str) -> str | None:
    """What keeps a string from being a revision's id."""
    if value.rpartition("@")[2] in ("head", "heads"):
        return "is another one after each new migration"
    return None if value and not re.search(r"\s|,", value) else "is no id of a revision"


def table_flaw(value: str) -> str | None:
    """What keeps a string from being a table's name, with its schema or without."""
    parts = value.split(".")
    if len(parts) > 2 or not all(parts) or value != value.strip():
        return "is neither table nor schema.table"
    return None


def glob_flaw(value: str) -> str | None:
    """What keeps a string from being a glob that can match a path."""
    if value.startswith("!"):
        return "excludes what nothing includes"
    return list_glob_flaw(value)


def list_glob_flaw(value: str) -> str | None:
    """The same, for one of several: "!" there takes back what another one matches."""
    if re.search(r"\\\w", value):
        return "has \\ between folders; write /"
    if ".." in value.split("/"):
        return "leads out of the configuration file's folder"
    if value.startswith("#"):
        return "is a comment; write \\#"
    inner = globs.rooted(value)
    parts = inner.split("/")
    if "." in parts or "" in parts[1:-1]:
        return "has a folder that is . or has no name; leave that out"
    if "\0" in value or globs.parse(inner) is None:
        return "matches nothing"
    return None


def suggestion(value: str, names: Iterable[str], kind: str = "rules") -> str:
    """The nearest of some names, else all of them, as a sentence."""
    near = nearest(value, sorted(names))
    return f"Did you mean {near!r}?" if near else f"The {kind} are: {', '.join(sorted(names))}."


def nearest(value: object, names: Sequence[str]) -> str | None:
    """The name that a value was probably meant to be."""
    if not isinstance(value, str):
        return None
    near = get_close_matches(value[:_LONGEST].lower(), names, n=1, cutoff=0.5)
    return near[0] if near else None


def found(value: object) -> str:
    """What a value is, for a message."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f"the string {_short(value)}"
        case int() | float():
            return f"the number {str(value)[:_LONGEST]}"
        case list() | tuple():
            return "a list"
        case Mapping():
            return "a table"
        case None:
            return "null"
    return f"the {type(value).__name__} {value}"


def _unexpected(kind: Kind, value: object, path: KeyPath, hint: str = "") -> Fault:
    return Fault(path, f"expected {kind.allowed}, found {found(value)}.{hint}")


def _short(value: str) -> str:
    return repr(value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…")


def _integer(value: str) -> int | None:
    return int(value) if value.isascii() and value.isdigit() and len(value) < 9 else None
