"""Time from a keystroke to its diagnostics: fumehood, a server that does nothing, and ruff.

Each keystroke makes a statement in the middle of the file that no cache has seen. Wall time is
what a user feels; CPU time of the server is what to compare, for waiting for a busy core is not in
it. The three servers take turns in one run. Ends with 1 when fumehood is over its budget.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "examples"))

from client import Client, OpenFile
from fumehood.text import Text
from rich.console import Console
from rich.table import Table
from sources import KINDS, source

HERE = Path(__file__).parent
SERVERS = {
    "fumehood": [sys.executable, "-m", "fumehood", "server"],
    "floor": [sys.executable, str(HERE / "floor.py")],
    "ruff": [str(Path(sys.executable).with_name("ruff")), "server"],
}
LINES = (100, 1_000, 10_000)
ROUNDS, EDITS, WARM_UP = 3, 60, 10

# CPU time at 10,000 lines of new tables, as a multiple of something else in the same run.
MOST_OF_FLOOR = 3.0
MOST_OF_1000_LINES = 2.0


@dataclass
class Measured:
    """All times in ms; the lists hold one entry an edit, or one a round."""

    opened: list[float]
    wall: list[float]
    cpu: list[float]
    found: int = 0


def main() -> int:
    """Measure, print, and compare with the budgets."""
    console = Console()
    measured: dict[tuple[str, int, str], Measured] = {}
    for kind in KINDS:
        for lines in LINES:
            text = source(kind, lines)
            for name in [*SERVERS] * ROUNDS:
                entry = measured.setdefault((kind, lines, name), Measured([], [], []))
                measure(entry, SERVERS[name], text)
        console.print(table(kind, measured))
    return verdict(console, measured)


def measure(entry: Measured, command: list[str], text: str) -> None:
    """One server, from its start to its end, on one text."""
    client = Client(command, HERE.as_uri(), quiet=True)
    try:
        OpenFile(client, (HERE / "warm_up.py").as_uri(), "").diagnostics()
        started = time.perf_counter()
        file = OpenFile(client, (HERE / "measured.py").as_uri(), text)
        entry.found = len(file.diagnostics())
        entry.opened.append((time.perf_counter() - started) * 1000)
        place, word = _place(file.text), ""
        for count in range(WARM_UP + EDITS):
            if count == WARM_UP:
                cpu = cpu_seconds(client.pid)
            started = time.perf_counter()
            word = type_word(client, file, place, word, f"w{count:04d}")
            if count >= WARM_UP:
                entry.wall.append((time.perf_counter() - started) * 1000)
        entry.cpu.append((cpu_seconds(client.pid) - cpu) * 1000 / EDITS)
    finally:
        client.kill()


def type_word(client: Client, file: OpenFile, place: tuple[int, int], old: str, new: str) -> str:
    """Put a word in the place of the one before; returns when its diagnostics are there."""
    line, column = place
    start = {"line": line, "character": column}
    end = {"line": line, "character": column + len(old)}
    file.version += 1
    document = {"uri": file.uri, "version": file.version}
    changes = [{"range": {"start": start, "end": end}, "text": new}]
    client.notify("textDocument/didChange", {"textDocument": document, "contentChanges": changes})
    file.diagnostics()
    return new


def _place(text: Text) -> tuple[int, int]:
    """Just inside the name of an index in the middle of the file."""
    line = text.line_count // 2
    while "op.create_index" not in text.line_text(line):
        line -= 1
    return line, text.line_text(line).index('"') + 1


def cpu_seconds(pid: int) -> float:
    """CPU time that a process has used, all its threads together; Linux only."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def table(kind: str, measured: dict[tuple[str, int, str], Measured]) -> Table:
    """One kind of migration: a row for each length and server."""
    shown = Table(title=f"{kind}, ms")
    columns = ("lines", "server", "found", "open", "key p50", "key p99", "CPU a key")
    for column in columns:
        shown.add_column(column, justify="left" if column == "server" else "right")
    for (of, lines, name), entry in measured.items():
        if of != kind:
            continue
        wall = statistics.quantiles(entry.wall, n=100)
        times = (statistics.median(entry.opened), wall[49], wall[98], cpu_of(entry))
        figures = [f"{value:.2f}" for value in times]
        shown.add_row(f"{lines:,}", name, str(entry.found), *figures, end_section=name == "ruff")
    return shown


def cpu_of(entry: Measured) -> float:
    """The CPU time of a keystroke: the best round, for others share the machine."""
    return min(entry.cpu)


def verdict(console: Console, measured: dict[tuple[str, int, str], Measured]) -> int:
    """Compare with the budgets; 1 when one is not kept."""
    mine = cpu_of(measured["new tables", 10_000, "fumehood"])
    ratios = {
        "the floor": (mine / cpu_of(measured["new tables", 10_000, "floor"]), MOST_OF_FLOOR),
        "itself at 1,000 lines": (
            mine / cpu_of(measured["new tables", 1_000, "fumehood"]),
            MOST_OF_1000_LINES,
        ),
    }
    for name, (ratio, most) in ratios.items():
        kept = "[green]kept[/]" if ratio <= most else "[bold red]not kept[/]"
        console.print(f"CPU a key at 10,000 lines: {ratio:.2f} x {name}, at most {most}: {kept}")
    return int(any(ratio > most for ratio, most in ratios.values()))


if __name__ == "__main__":
    sys.exit(main())
