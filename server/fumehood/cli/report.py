"""Report: findings as text for people and as JSON for programs."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fumehood.cli.frame import frame
from fumehood.cli.options import SEVERITIES
from fumehood.cli.problems import printable
from fumehood.cli.session import Checked
from fumehood.text import Span, Text
from fumehood.workspace.contents import text_of

if TYPE_CHECKING:
    from fumehood.engine import Published

COLORS = {"error": "red", "warning": "yellow", "information": "blue", "hint": "cyan"}


def shown_path(path: Path | str) -> str:
    """A path relative to the working directory, with "/"; absolute on another Windows drive."""
    try:
        return Path(os.path.relpath(path)).as_posix()
    except (ValueError, FileNotFoundError):  # FileNotFoundError: the working directory is gone
        return Path(path).as_posix()


def as_text(checked: Checked, finding: Published) -> str:
    """A finding with its code frame, its effect and the title of its fix; without a line end."""
    line, character = checked.text.position(finding.span.start, "utf-32")
    place = f"{printable(shown_path(checked.source.path))}:{line + 1}:{character + 1}"
    severity = str(finding.severity)
    label = click.style(severity, fg=COLORS[severity], bold=True)
    fix = checked.fixes.get(finding)
    lines = [
        f"{click.style(place, bold=True)}: {label} {finding.rule}: {printable(finding.what)}",
        frame(checked.text, finding.span, COLORS[severity]),
        f"  effect: {printable(finding.effect)}",
    ]
    lines += [f"  see {_see(related)}" for related in _related(checked, finding)]
    if fix is not None:
        kind = "safe" if fix.safe else "not safe: look at it first"
        lines.append(click.style(f"  fix: {printable(fix.title)} ({kind})", fg="green"))
    elif finding in checked.unfixed:
        lines.append(f"  no fix: {printable(checked.unfixed[finding])}")
    return "\n".join(lines)


def as_json(checked: Checked) -> Iterator[dict[str, Any]]:
    """The findings of a file. Lines and columns are 1-based, in characters, the end exclusive."""
    path, text = shown_path(checked.source.path), checked.text
    for finding in checked.findings:
        fix = checked.fixes.get(finding)
        yield {
            "path": well_formed(path),
            **_place(text, finding.span),
            "rule": finding.rule,
            "severity": str(finding.severity),
            "message": finding.what,
            "effect": finding.effect,
            "fix": None if fix is None else {"title": fix.title, "safe": fix.safe},
            "no_fix": checked.unfixed.get(finding),
            "related": _related(checked, finding),
        }


def counts(findings: Iterable[Published]) -> str:
    """Findings counted by severity, as in "3 findings (2 errors, 1 warning)"."""
    found = Counter(str(finding.severity) for finding in findings)
    parts = [number(found[name], name) for name in SEVERITIES if found[name]]
    return f"{number(found.total(), 'finding')} ({', '.join(parts)})"


def number(count: int, noun: str) -> str:
    """A number with its noun: "1 file", "2 files"."""
    plural = "" if count == 1 or noun == "information" else "s"
    return f"{count:,} {noun}{plural}"


def well_formed(path: str) -> str:
    """A path as valid Unicode: bytes of a name that are not UTF-8 become U+FFFD."""
    return os.fsencode(path).decode("utf-8", "replace")


def _related(checked: Checked, finding: Published) -> list[dict[str, Any]]:
    """The places that a finding refers to, in its own file and in others."""
    own = str(checked.source.path)
    return [
        {
            "path": well_formed(shown_path(related.path)),
            **_place(checked.text if related.path == own else _text(related.path), related.span),
            "message": related.message,
        }
        for related in finding.related
    ]


def _place(text: Text, span: Span) -> dict[str, int]:
    start, end = text.position(span.start, "utf-32"), text.position(span.end, "utf-32")
    return {
        "line": start.line + 1,
        "column": start.character + 1,
        "end_line": end.line + 1,
        "end_column": end.character + 1,
    }


@lru_cache(maxsize=64)
def _text(path: str) -> Text:
    """The text of a file that a finding in another one refers to."""
    return Text(text_of(Path(path)))


def _see(related: dict[str, Any]) -> str:
    place = f"{related['path']}:{related['line']}:{related['column']}"
    return printable(f"{place}: {related['message']}")
