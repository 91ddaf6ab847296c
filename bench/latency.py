"""How long an editor waits while the server has much to do: large files, a large workspace.

The workspace has 900 files of some 150,000 lines. Wall time is what a user feels, and depends on
what else the machine does; the processor's time of the longest turn of the event loop does so
less, and is how long a key may have to wait. Memory is the most that was resident, in MiB: of the
server, and of its largest other process. Ends with 1 when a budget is not kept.

    python bench/latency.py [--files N]
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "examples"))

from client import Client, OpenFile
from index import FILES, generate
from rich.console import Console
from rich.table import Table
from run import type_word
from sources import models

HERE = Path(__file__).parent
LONGEST_TURN, REFRESH, OPEN, MEMORY = 20.0, 100.0, 150.0, 250.0  # ms, ms, ms, MiB
KEYS, PAUSE, PATIENCE = 20, 0.03, 120.0

_QUERIES = """\
from app.file_0 import Thing0


def by_name_and_code(session, code):
    return session.query(Thing0).filter(Thing0.code == code).all()
"""
_QUERY_OF_MODELS = """\
from app.models import Thing7


def by_note(session, note):
    return session.query(Thing7).filter(Thing7.note == note).all()
"""


class Watched(Client):
    """A client of a server whose turns are written down. `said` is all that was published."""

    def __init__(self, root: Path, cache: Path) -> None:
        self.said: list[tuple[float, str, list[dict[str, Any]]]] = []
        self.turns = cache.with_suffix(".turns")
        self.turns.write_text("")
        os.environ["XDG_CACHE_HOME"] = str(cache)
        super().__init__(
            [sys.executable, str(HERE / "watched.py"), str(self.turns)], root.as_uri(), quiet=True
        )

    def _take(self, message: dict[str, Any]) -> None:
        if message.get("method") == "textDocument/publishDiagnostics":
            params = message["params"]
            self.said.append((time.perf_counter(), params["uri"], params["diagnostics"]))
        super()._take(message)

    def until(self, done: Callable[[], bool], seconds: float = PATIENCE) -> bool:
        """Take messages until something holds."""
        end = time.perf_counter() + seconds
        while not done() and time.perf_counter() < end:
            while not self._inbox.empty():
                message = self._inbox.get()
                if message is None:
                    raise SystemExit("the server has ended")
                self._take(message)
            time.sleep(0.001)
        return done()

    def last(self, uri: str) -> list[str]:
        """The rules of what was last published of a file."""
        said = [found for _, each, found in self.said if each == uri]
        return [str(each["code"]) for each in said[-1]] if said else []

    def longest(self, since: float) -> tuple[float, str]:
        """The longest turn of the event loop, ms, and what was called in it."""
        turns = [line.split(maxsplit=2) for line in self.turns.read_text().splitlines()]
        spent = ((float(ms), name) for end, ms, name in turns if float(end) > since)
        return max(spent, default=(0.0, ""))

    def memory(self) -> tuple[float, float]:
        """The largest resident sets so far of the server and of its other processes, MiB."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return _most(str(self.pid)), max(map(_most, children), default=0.0)


def spent(pid: int) -> float:
    """Seconds of processor of a process, threads that have ended among them; in ticks of 10 ms."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _most(pid: str) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024 if "VmHWM:" in status else 0.0


class Figures:
    """What was measured, and what was to be."""

    def __init__(self) -> None:
        self.table = Table("what", "measured", "budget", "")
        self.kept = True

    def add(self, what: str, value: float, most: float | None = None, unit: str = "ms") -> None:
        """A figure, and its budget, where it has one."""
        kept = most is None or value <= most
        self.kept = self.kept and kept
        verdict = "" if most is None else "kept" if kept else "[bold red]not kept[/]"
        budget = "" if most is None else f"{most:g} {unit}"
        self.table.add_row(what, f"{value:,.1f} {unit}", budget, verdict)


@contextmanager
def served(root: Path, cache: Path) -> Iterator[Watched]:
    """A server on a folder."""
    client = Watched(root, cache)
    try:
        yield client
    finally:
        client.kill()


def opened(client: Watched, path: Path, text: str | None = None) -> OpenFile:
    """A file of the workspace, opened."""
    return OpenFile(client, path.as_uri(), path.read_text() if text is None else text)


def open_models(figures: Figures, root: Path, lines: int, most: float | None) -> None:
    """A long file of models, alone in its project."""
    root.mkdir()
    (root / "pyproject.toml").write_text("")
    path = root / "models.py"
    path.write_text(models(lines))
    with served(root, root.with_suffix(".cache")) as client:
        opened(client, root / "warm_up.py", "").diagnostics()
        began, cpu = time.perf_counter(), spent(client.pid)
        opened(client, path).diagnostics()
        took = (spent(client.pid) - cpu) * 1000
        what = f"open {lines:,} lines of models"
        figures.add(f"{what}, of processor", took, most)
        figures.add(
            f"{what}, longest turn: {client.longest(began)[1]}",
            client.longest(began)[0],
            LONGEST_TURN,
        )


def indexed(figures: Figures, root: Path, cache: Path, name: str, seconds: float) -> None:
    """The workspace read while someone types, and a model edited afterwards."""
    queries = root / "app" / "queries.py"
    began = time.perf_counter()
    with served(root, cache) as client:
        query_file = opened(client, queries, _QUERIES)
        file = opened(client, root / "app" / "file_0.py")
        file.diagnostics()
        place = (file.text.content[: file.text.content.index("things_0")].count("\n"), 21)
        keys: list[float] = []
        word = ""
        typing = time.perf_counter()
        memory = (0.0, 0.0)
        while "verify-query-patterns-are-indexed" not in client.last(query_file.uri):
            started = time.perf_counter()
            word = type_word(client, file, place, word, f"w{len(keys):04d}")
            keys.append((time.perf_counter() - started) * 1000)
            client.until(lambda: False, PAUSE)
            memory = tuple(map(max, zip(memory, client.memory(), strict=True)))
            if time.perf_counter() > began + PATIENCE:
                raise SystemExit("the index is not complete")
        took = time.perf_counter() - began
        turn, what = client.longest(typing)
        figures.add(f"{name} index, from the start to findings", took, seconds, "s")
        figures.add(f"{name} index, longest turn: {what}", turn, LONGEST_TURN)
        figures.add(f"{name} index, {len(keys)} keys, p50", statistics.median(keys))
        figures.add(f"{name} index, the slowest key", max(keys))
        figures.add(f"{name} index, memory of the server", memory[0], MEMORY, "MiB")
        figures.add(f"{name} index, memory of another process", memory[1], MEMORY, "MiB")
        refreshed(figures, client, file, query_file, name)


def refreshed(
    figures: Figures, client: Watched, file: OpenFile, queries: OpenFile, name: str
) -> None:
    """A model is given an index and loses it again, and the query's finding follows."""
    line = next(n for n in range(file.text.line_count) if "code: Mapped" in file.text.line_text(n))
    place = (line, file.text.line_text(line).index("(") + 1)
    began, waits, word = time.perf_counter(), [], ""
    for _ in range(KEYS):
        before, started = client.last(queries.uri), time.perf_counter()
        word = type_word(client, file, place, word, "" if word else "index=True")
        if not client.until(lambda before=before: client.last(queries.uri) != before, 10):
            raise SystemExit("the query's finding does not follow its model")
        waits.append((time.perf_counter() - started) * 1000)
    figures.add(
        f"{name} index, a model's edit to another file's finding, p50",
        statistics.median(waits),
        REFRESH,
    )
    turn, what = client.longest(began)
    figures.add(f"{name} index, longest turn of that: {what}", turn, LONGEST_TURN)


def two_files(figures: Figures, root: Path, lines: int) -> None:
    """The first action at a query whose model stands in a long file that is not open."""
    (root / "app").mkdir(parents=True)
    (root / "pyproject.toml").write_text("")
    (root / "app" / "models.py").write_text(models(lines))
    query = root / "app" / "queries.py"
    query.write_text(_QUERY_OF_MODELS)
    with served(root, root.with_suffix(".cache")) as client:
        file = opened(client, query)
        if not client.until(lambda: bool(client.last(file.uri))):
            raise SystemExit("nothing is found")
        (found,) = client.said[-1][2]
        for name in ("first", "second"):
            began, cpu = time.perf_counter(), spent(client.pid)
            if file.quick_fix(found) is None:
                raise SystemExit("no action is offered")
            what = f"the {name} action of a model {lines:,} lines long"
            figures.add(f"{what}, of processor", (spent(client.pid) - cpu) * 1000)
            turn, called = client.longest(began)
            figures.add(f"{what}, longest turn: {called}", turn, LONGEST_TURN)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", type=int, default=FILES, help="of the workspace")
    options = parser.parse_args()
    # As an installed server has it: with bytecode, which its first start writes.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    figures = Figures()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        open_models(figures, root / "short", 1_452, OPEN)
        open_models(figures, root / "long", 10_000, None)
        two_files(figures, root / "two", 3_750)
        project = root / "project"
        project.mkdir()
        generate(project, options.files)
        indexed(figures, project, root / "cache", "cold", 10.0)
        indexed(figures, project, root / "cache", "warm", 2.0)
    Console().print(figures.table)
    return int(not figures.kept)


if __name__ == "__main__":
    sys.exit(main())
