"""What the blocks of a file say -> its outline, anew or as a change of the one before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from ..facts import UNKNOWN
from .blocks import Block
from .definitions import Said
from .parts import Changed, ClassOutline, Outline, Places, QueryOutline
from .symbols import Value


@dataclass(eq=False, frozen=True, slots=True)
class Part:
    """A block with what it says."""

    block: Block
    said: Said
    queries: tuple[QueryOutline, ...] = ()


@dataclass(frozen=True, slots=True)
class Update:
    """An outline, and the parts that only the last one had, or only this one has.

    `whole`: others may say something else too, since names stand for something else.
    """

    outline: Outline
    gone: Sequence[Part]
    came: Sequence[Part]
    whole: bool

    @property
    def changed(self) -> Changed | None:
        """What may be another than in the last outline; None: anything."""
        if self.whole:
            return None
        parts = [each.said for each in (*self.gone, *self.came)]
        names = {name for each in parts for name in (*each.bound, *each.classes)}
        gone, came = _queries(self.gone), _queries(self.came)
        return Changed(names, gone, came)


def assembled(parts: Iterable[Part], places: Places) -> Outline:
    """The outline of all parts."""
    every = list(parts)
    values: dict[str, Value] = {}
    classes: dict[str, ClassOutline] = {}
    for each in every:
        values |= {name: bound.held for name, bound in each.said.bound.items()}
        classes |= each.said.classes
    return Outline(
        {name: value for name, value in values.items() if value is not UNKNOWN},
        tuple(chain.from_iterable(each.said.stars for each in every)),
        classes,
        tuple(chain.from_iterable(each.said.indexes for each in every)),
        tuple(_queries(every)),
        places,
    )


def replaces(gone: Sequence[Part], came: Sequence[Part]) -> bool:
    """Whether parts say something of the same names, in the same order, as others did."""
    old, new = ([each.said for each in parts] for parts in (gone, came))
    return _bound(old) == _bound(new) and _classes(old) == _classes(new)


def patched(
    last: Outline, gone: Sequence[Part], came: Sequence[Part], parts: Callable[[], Iterable[Part]]
) -> Outline:
    """An outline with parts in the place of others; what they say nothing of stays the object."""
    now = [each.said for each in came]
    both = [*now, *(each.said for each in gone)]
    names, classes, stars, indexes = last.names, last.classes, last.stars, last.indexes
    if any(each.bound for each in now):
        values = {name: bound.held for each in now for name, bound in each.bound.items()}
        names = {**names, **values}
        for name in values:
            if values[name] is UNKNOWN:
                del names[name]
    if any(each.classes for each in now):
        classes = {**classes}
        for each in now:
            classes |= each.classes
    if any(each.stars for each in both):
        stars = tuple(chain.from_iterable(each.said.stars for each in parts()))
    if any(each.indexes for each in both):
        indexes = tuple(chain.from_iterable(each.said.indexes for each in parts()))
    same = _queries(gone) == _queries(came)
    queries = last.queries if same else tuple(_queries(parts()))
    return Outline(names, stars, classes, indexes, queries, last.places)


def _bound(said: Iterable[Said]) -> list[str]:
    return [*chain.from_iterable(each.bound for each in said)]


def _classes(said: Iterable[Said]) -> list[str]:
    return [*chain.from_iterable(each.classes for each in said)]


def _queries(parts: Iterable[Part]) -> list[QueryOutline]:
    return [*chain.from_iterable(each.queries for each in parts)]
