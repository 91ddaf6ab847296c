"""Time from a keystroke to its diagnostics: fumehood, a server that does nothing, and ruff.

Each keystroke makes a statement in the middle of the file that no cache has seen. Wall time is
what a user feels; CPU time of the server is what to compare, for waiting for a busy core is not in
it. The three servers take turns in one run, so that only ratios mean something on another machine.
Ends with 1 when fumehood is over its budget.

    python bench/run.py [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1] / "examples"))

from client import Client, OpenFile
from rich.console import Console
from rich.table import Table
from sources import KINDS, source

from fumehood.text import Text

HERE = Path(__file__).parent
SERVERS = {
    "fumehood": [sys.executable, "-m", "fumehood", "server"],
    "floor": [sys.executable, str(HERE / "floor.py")],
    "ruff": [str(Path(sys.executable).with_name("ruff")), "server"],
}
LINES = (100, 1_000, 10_000)
ROUNDS, EDITS, WARM_UP = 3, 60, 10

# As multiples of something else in the same run: CPU time of a keystroke at 10,000 lines of new
# tables, and the time from a server's start to its answer to `initialize`.
MOST_OF_FLOOR = 3.0
MOST_OF_1000_LINES = 2.0
MOST_OF_FLOORS_START = 1.2


@dataclass
class Measured:
    """All times in ms; the lists hold one entry an edit, or one a round."""

    started: list[float] = field(default_factory=list)
    opened: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    found: int = 0

    def figures(self) -> dict[str, float]:
        """Medians; where whoever shares the machine disturbs most, the best round."""
        wall = statistics.quantiles(self.wall, n=100)
        return {
            "found": self.found,
            "start": min(self.started),
            "open": statistics.median(self.opened),
            "key p50": wall[49],
            "key p99": wall[98],
            "CPU a key": min(self.cpu),
        }


class Ratio(NamedTuple):
    """One figure as a multiple of another, and its budget, where it has one."""

    what: str
    of: str
    value: float
    most: float | None

    @property
    def kept(self) -> bool:
        """Whether the budget is kept."""
        return self.most is None or self.value <= self.most


Results = dict[tuple[str, int, str], Measured]


def main() -> int:
    """Measure, print, and compare with the budgets."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there too")
    options = parser.parse_args()
    # As installed servers have it: with bytecode, which their first start writes.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    console = Console()
    measured: Results = {}
    for kind in KINDS:
        for lines in LINES:
            text = source(kind, lines)
            for name in [*SERVERS] * ROUNDS:
                entry = measured.setdefault((kind, lines, name), Measured())
                measure(entry, SERVERS[name], text)
        console.print(table(kind, measured))
    ratios = ratios_of(measured)
    if options.json:
        options.json.write_text(json.dumps(report(measured, ratios), indent=2) + "\n")
    return verdict(console, ratios)


def measure(entry: Measured, command: list[str], text: str) -> None:
    """One server, from its start to its end, on one text."""
    began = time.perf_counter()
    client = Client(command, HERE.as_uri(), quiet=True)
    entry.started.append((time.perf_counter() - began) * 1000)
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
    """CPU time that the living threads of a process have used; Linux only.

    Not from /proc/PID/stat: a clock tick there is 10 ms, more than ten keystrokes.
    """
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text(encoding="ascii").split()[0]) for thread in threads) / 1e9


def table(kind: str, measured: Results) -> Table:
    """One kind of migration: a row for each length and server."""
    shown = Table(title=f"{kind}, ms")
    for (of, lines, name), entry in measured.items():
        if of != kind:
            continue
        figures = entry.figures()
        if not shown.columns:
            shown.add_column("lines", justify="right")
            shown.add_column("server")
            for column in figures:
                shown.add_column(column, justify="right")
        cells = [
            str(value) if isinstance(value, int) else f"{value:.2f}" for value in figures.values()
        ]
        shown.add_row(f"{lines:,}", name, *cells, end_section=name == "ruff")
    return shown


def ratios_of(measured: Results) -> list[Ratio]:
    """What the budgets are about, and what is worth knowing beside."""

    def cpu(lines: int, name: str = "fumehood") -> float:
        return min(measured["new tables", lines, name].cpu)

    def start(name: str) -> float:
        return min(min(entry.started) for (*_, of), entry in measured.items() if of == name)

    key = "CPU a key at {:,} lines"
    return [
        Ratio(key.format(10_000), "the floor", cpu(10_000) / cpu(10_000, "floor"), MOST_OF_FLOOR),
        Ratio(key.format(10_000), "that at 1,000", cpu(10_000) / cpu(1_000), MOST_OF_1000_LINES),
        *(
            Ratio(key.format(lines), "ruff server", cpu(lines) / cpu(lines, "ruff"), None)
            for lines in LINES
        ),
        Ratio(
            "start to initialize",
            "the floor",
            start("fumehood") / start("floor"),
            MOST_OF_FLOORS_START,
        ),
    ]


def verdict(console: Console, ratios: list[Ratio]) -> int:
    """Compare with the budgets; 1 when one is not kept."""
    for ratio in ratios:
        line = f"{ratio.what}: {ratio.value:.2f} x {ratio.of}"
        if ratio.most is not None:
            kept = "[green]kept[/]" if ratio.kept else "[bold red]not kept[/]"
            line += f", at most {ratio.most}: {kept}"
        console.print(line)
    return int(not all(ratio.kept for ratio in ratios))


def report(measured: Results, ratios: list[Ratio]) -> dict[str, Any]:
    """All figures, in ms, for programs."""
    return {
        "figures": [
            {"kind": kind, "lines": lines, "server": name, **entry.figures()}
            for (kind, lines, name), entry in measured.items()
        ],
        "ratios": [{**ratio._asdict(), "kept": ratio.kept} for ratio in ratios],
    }


if __name__ == "__main__":
    sys.exit(main())
