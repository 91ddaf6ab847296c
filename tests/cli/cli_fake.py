"""A stand-in for the engine: every plain `op.create_index` is a finding, fixed by one keyword."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import SimpleNamespace

from fumehood.config import Settings
from fumehood.rule import Severity
from fumehood.text import Edit, Span, Text

ONE = "only-concurrent-indexes"
OTHER = "split-foreign-key"
_CALL = re.compile(r"op\.(create_index|boom|drop_index|note|stuck)\((?P<args>[^)]*)\)")


@dataclass(frozen=True)
class Finding:
    rule: str
    severity: Severity
    span: Span
    what: str
    effect: str
    tags: tuple[str, ...] = ()
    related: tuple[object, ...] = ()


@dataclass(frozen=True)
class Fix:
    title: str
    edits: tuple[Edit, ...]
    resolves: tuple[Finding, ...]
    safe: bool
    preferred: bool = True
    creates: tuple[object, ...] = ()
    chosen: bool = False


@dataclass
class FakeEngine:
    texts: dict[str, Text] = field(default_factory=dict)
    settings: dict[str, Settings] = field(default_factory=dict)

    def open(self, path: str, content: str, settings: Settings, *around: object) -> None:
        assert path not in self.texts
        self.texts[path], self.settings[path] = Text(content), settings

    def change(self, path: str, edits: list[Edit]) -> None:
        for edit in edits:
            self.texts[path].replace(edit)

    def close(self, path: str) -> None:
        del self.texts[path]

    def text(self, path: str) -> Text:
        return self.texts[path]

    def work(self, path: str) -> bool:
        if "op.boom(" in self.texts[path].content:
            raise ValueError("two\nlines")
        return True

    def findings(self, path: str) -> list[Finding]:
        settings = self.settings[path]
        if settings.dialect != "postgresql" or not settings.selects(ONE):
            return []
        found = _CALL.finditer(self.texts[path].content)
        return [_finding(call) for call in found if "concurrently" not in call["args"]]

    def notes(self, path: str) -> list[Finding]:
        return []

    def first_fixes(self, path: str, **others: object) -> dict[Finding, Fix]:
        return {each: _fix(each) for each in self.findings(path) if "stuck" not in each.what}

    def why_unfixed(
        self, path: str, findings: list[Finding], **others: object
    ) -> dict[Finding, str]:
        return dict.fromkeys(findings, "it is stuck")

    def fix_all(self, path: str, unsafe: bool) -> Fix | None:
        findings = self.findings(path)
        wanted = [fix for fix in map(_fix, findings) if fix.safe or unsafe]
        edits = tuple(edit for fix in wanted for edit in fix.edits)
        return Fix("all", edits, tuple(findings), True) if edits else None


def _finding(call: re.Match[str]) -> Finding:
    severity = {"note": Severity.INFORMATION, "drop_index": Severity.WARNING}.get(
        call[1], Severity.ERROR
    )
    name = call.start(), call.start("args") - 1
    return Finding(ONE, severity, Span(*name), f"What {call[1]} does.", "Writes wait.")


def _fix(finding: Finding) -> Fix:
    at = finding.span.end + 1
    safe = finding.severity is Severity.ERROR
    return Fix("Run it", (Edit(at, at, "concurrently=True, "),), (finding,), safe)


def load_rules() -> list[SimpleNamespace]:
    return [SimpleNamespace(id=ONE), SimpleNamespace(id=OTHER)]
