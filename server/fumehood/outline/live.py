"""Where things of a file stand, as it is when that is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .module import Module


class Names(Mapping[str, int]):
    """Where the names of a file stand."""

    def __init__(self, module: Module) -> None:
        self._module = module

    def __getitem__(self, name: str) -> int:
        place = self._module.place(name)
        if place is None:
            raise KeyError(name)
        return place

    def __iter__(self) -> Iterator[str]:
        return self._module.names()

    def __len__(self) -> int:
        return sum(1 for _ in self._module.names())


class Spots:
    """Where the queries of a file stand."""

    def __init__(self, module: Module) -> None:
        self._module = module

    def __iter__(self) -> Iterator[tuple[int, tuple[str | int, ...]]]:
        return self._module.places()
