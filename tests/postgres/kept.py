"""What is the same for all processes and turns of a run is made once, and kept in a folder."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
FOLDER = "FUMEHOOD_TEST_KEPT"  # of this run alone: its code stays what it is

_MEMORY: dict[str, object] = {}


def kept(make: Callable[[], T], *key: object, lasts: Callable[[T], bool] = lambda _: True) -> T:
    """What `make` gives, or gave for a key of the same text; not kept where it does not last.

    It is shared, so it must not be changed.
    """
    name = sha256(repr(key).encode()).hexdigest()
    if name in _MEMORY:
        return _MEMORY[name]  # type: ignore[return-value]
    path = Path(os.environ[FOLDER], name) if FOLDER in os.environ else None
    if path is not None and path.exists():
        made: T = pickle.loads(path.read_bytes())
    else:
        made = make()
        if not lasts(made):
            return made
        if path is not None:
            part = path.with_suffix(f".{os.getpid()}")
            part.write_bytes(pickle.dumps(made))
            part.replace(path)  # who looks for it finds all of it, or nothing
    _MEMORY[name] = made
    return made
