"""How many examples are tried: two fifths; all in the profile `full`, a tenth in `quick`."""

from __future__ import annotations

import gc
import os
import sys
from functools import lru_cache
from tempfile import TemporaryDirectory

import libcst
from hypothesis import HealthCheck, settings

from fumehood import spans

# No deadline, no random seed, no limit on the time to make an example: a test fails because
# something is wrong, never because the machine is busy.
settings.register_profile(
    "full",
    deadline=None,
    derandomize=True,
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.register_profile("quick", settings.get_profile("full"), max_examples=10)
settings.register_profile("usual", settings.get_profile("full"), max_examples=40)
settings.load_profile("usual")

# As the program has it: else a long file takes a third longer to open.
gc.set_threshold(20_000, 250, 100)

# The same lines are read by hundreds of tests, each in an engine of its own. Trees are immutable.
libcst.parse_module = lru_cache(maxsize=5_000)(libcst.parse_module)  # type: ignore[misc]
spans._places = lru_cache(maxsize=1_000)(spans._places.__wrapped__)

# Programs are started by the dozen: the bytecode of what they import is kept, as it is for users,
# and that of the tests, whose assertions take seconds to rewrite.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# The user's cache is left alone, by the processes that are started too.
_CACHE = TemporaryDirectory(prefix="fumehood-cache-")
os.environ["XDG_CACHE_HOME"] = _CACHE.name

# What the tests on PostgreSQL work out once for all processes of this run (tests/postgres/kept.py).
_KEPT = TemporaryDirectory(prefix="fumehood-kept-")
os.environ.setdefault("FUMEHOOD_TEST_KEPT", _KEPT.name)


def pytest_collection_finish() -> None:
    """What is there now stays: the collector need not walk it again and again."""
    gc.freeze()
