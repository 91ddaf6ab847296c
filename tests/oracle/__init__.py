"""An independent reader of migrations, in the tests only, to hold the engine against.

It evaluates a whole file on Python's `ast`, statement by statement, where the engine joins readings
of single lines. Neither looks at the other.
"""

from tests.oracle.values import UNKNOWN, Unknown
from tests.oracle.walk import Operation, is_migration, operations

__all__ = ["UNKNOWN", "Operation", "Unknown", "is_migration", "operations"]
