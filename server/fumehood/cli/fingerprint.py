"""What a value is, as bytes that are equal only for equal values, in each process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from hashlib import sha256
from pathlib import Path


class UnknownValueError(Exception):
    """A value of a type of which it is not known what all it holds."""


class Fingerprints:
    """Fingerprints of values that nobody changes: what is shared by many is looked at once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[object, bytes]] = {}

    def of(self, value: object) -> bytes:
        """The fingerprint of a plain value, of its type and all that it holds.

        A mapping's order counts, a set's does not. Raises UnknownValueError.
        """
        match value:
            case Enum():
                return self._joined(value, [value.name.encode()])
            case None | bool() | int() | float() | str() | Path():
                return self._joined(value, [str(value).encode(errors="surrogatepass")])
            case bytes():
                return self._joined(value, [value])
            case frozenset() | set():
                return self._joined(value, sorted(map(self.of, value)))
        known = self._known.get(id(value))
        if known is None:
            # With the value itself, so that its id stays its own.
            known = self._known[id(value)] = value, self._joined(value, self._parts(value))
        return known[1]

    def _parts(self, value: object) -> Iterable[bytes]:
        if is_dataclass(value) and not isinstance(value, type):
            return [self.of(getattr(value, each.name)) for each in fields(value)]
        if isinstance(value, Mapping):
            return [self.of(part) for pair in value.items() for part in pair]
        if isinstance(value, tuple | list):
            return list(map(self.of, value))
        raise UnknownValueError(type(value).__qualname__)

    def _joined(self, value: object, parts: Iterable[bytes]) -> bytes:
        kind = type(value)
        made = sha256(f"{kind.__module__}.{kind.__qualname__}".encode())
        for part in parts:
            made.update(b"%d:%b" % (len(part), part))
        return made.digest()
