"""An engine with the real one's interface and no libcst, to test the server's conduct alone.

A line that holds BAD is a finding; its fix writes `good`. Words in the text ask for trouble:
SLOW takes 0.4 s of analysis, STUCK for ever; RAISE makes `work` raise, DROP makes `change` raise.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

from fumehood.costs import Costs
from fumehood.engine import Stats
from fumehood.rule import Severity
from fumehood.stepwise import finished
from fumehood.text import Edit, Span, Text

FIX_TITLE = "Make it good"
_SLOW_SECONDS = 0.4


@dataclass(frozen=True)
class Related:
    path: str
    span: Span
    message: str


@dataclass(frozen=True)
class Published:
    rule: str
    severity: Severity
    span: Span
    what: str
    effect: str
    tags: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()

    @property
    def message(self) -> str:
        return f"{self.what} {self.effect}"


@dataclass(frozen=True)
class Action:
    title: str
    edits: tuple[Edit, ...]
    resolves: tuple[Published, ...]
    safe: bool
    preferred: bool
    creates: tuple[object, ...] = ()
    rewrites: tuple[object, ...] = ()


class FakeEngine:
    fixed = "good"
    stats = Stats(0, 0, 0)
    costs = Costs()

    def __init__(self) -> None:
        self._texts: dict[str, Text] = {}
        self._left: dict[str, float] = {}  # seconds of analysis to do

    def open(self, path: str, content: str, *around: object) -> None:
        self._texts[path] = Text(content)
        self._touched(path)

    def steps(self, path: str) -> list[object]:
        return []

    def configure(self, path: str, *around: object) -> bool:
        return False

    def change(self, path: str, edits: Sequence[Edit]) -> None:
        for edit in edits:
            if "DROP" in edit.text:
                raise RuntimeError("the change was dropped")
            self._texts[path].replace(edit)
        self._touched(path)

    def set_content(self, path: str, content: str) -> None:
        self._texts[path] = Text(content)
        self._touched(path)

    def close(self, path: str) -> None:
        del self._texts[path]

    def text(self, path: str) -> Text:
        return self._texts[path]

    def work(self, path: str, seconds: float | None = None) -> bool:
        if "RAISE" in self._texts[path].content:
            raise RuntimeError("a rule raised")
        spent = self._left[path] if seconds is None else min(seconds, self._left[path])
        time.sleep(spent)
        self._left[path] -= spent
        return self._left[path] <= 0

    def findings(self, path: str) -> list[Published]:
        return list(self._findings(path))

    def state(self, path: str) -> object:
        return object() if "RESTLESS" in self._texts[path].content else None

    def actions(self, path: str, span: Span, *others: object) -> list[Action]:
        return finished(self.finding_actions(path, span, *others))

    def finding_actions(
        self, path: str, span: Span, *others: object
    ) -> Generator[None, None, list[Action]]:
        yield
        return [
            Action(FIX_TITLE, (Edit(*found.span, self.fixed),), (found,), True, True)
            for found in self._findings(path)
            if found.span.start <= span.end and span.start <= found.span.end
        ]

    def why_unfixed(
        self, path: str, findings: list[Published], *others: object
    ) -> dict[Published, str]:
        stuck = "STAYS" in self._texts[path].content
        return dict.fromkeys(findings, "it stays") if stuck else {}

    def shown(self, path: str) -> None:
        pass

    def notes(self, path: str) -> list[Published]:
        return []

    def declared(self, path: str) -> None:
        return None

    def uses_at(self, path: str, offset: int) -> None:
        return None

    def ignored_at(self, path: str, offset: int) -> None:
        return None

    def ignores(self, path: str, span: Span) -> list[Action]:
        return []

    def fix_all(self, path: str, unsafe: bool = False) -> Action | None:
        found = self.findings(path)
        edits = tuple(Edit(*one.span, self.fixed) for one in found)
        return Action("Fix all", edits, tuple(found), True, False) if found else None

    def complete(self, path: str, seconds: float) -> bool:
        return True

    def _touched(self, path: str) -> None:
        content = self._texts[path].content
        self._left[path] = _SLOW_SECONDS if "SLOW" in content else 0.0
        if "STUCK" in content:
            self._left[path] = math.inf

    def _findings(self, path: str) -> Iterator[Published]:
        first: Span | None = None
        for match in re.finditer("BAD", self._texts[path].content):
            span = Span(*match.span())
            related = (Related(path, first, "the first is here"),) if first else ()
            first = first or span
            yield Published(
                "only-concurrent-indexes",
                Severity.WARNING,
                span,
                "This is bad.",
                "It stops writes.",
                ("unnecessary", "locks"),
                related,
            )


class WrongEngine(FakeEngine):
    """Its fix is wrong: what the end-to-end test has to notice."""

    fixed = "still BAD"
