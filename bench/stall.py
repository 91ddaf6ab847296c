"""How long others wait while a migration runs: as it was written, and after its quick fix.

Four writers and a reader work on a table while Alembic runs an example of each rule, then the same
example after the rule's own fix, with the revisions that this creates. On a PostgreSQL of its own,
which ends with it.

    python bench/stall.py [--rows N] [--rule ID …] [--json FILE] [--chart FOLDER]
    python bench/stall.py --chart-of FILE --chart FOLDER
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.stall_chart import write_charts
from bench.stall_migrations import EARLIER, RULES, TABLES, migrations
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from tests.postgres.project import Project, Setup
from tests.postgres.servers import NoServerError, Server, started

from fumehood import pages

WRITERS, PAUSE = 4, 0.002  # seconds between the statements of one session
SETTLE = 0.5  # seconds of work before the migration and after it
ROWS_OF_ORDERS = """
    INSERT INTO orders SELECT n, 'order ' || n FROM generate_series(1, {tenth}) AS s(n);
"""
ROWS_OF_USERS = """
    INSERT INTO users (email, name, age, order_id)
    SELECT md5(n::text) || '@example.org', 'user ' || n, n % 90, n % {tenth} + 1
    FROM generate_series({first}, {last}) AS s(n)
"""
KINDS = (("unsafe", "red", "as written"), ("safe", "green", "after its fix"))
PARTS = 20  # in which the table is filled, for the bar

console = Console(highlight=False)


@dataclass
class Waits:
    """How long each statement took, in ms."""

    writes: list[float] = field(default_factory=list)
    reads: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Figures:
    """One run, in ms."""

    migration: float
    longest_write: float
    longest_read: float
    p99_write: float
    p99_read: float
    statements: int


def main() -> int:
    """Measure, show a table, write files."""
    asked = _arguments()
    if asked.chart_of:
        write_charts(json.loads(asked.chart_of.read_text()), asked.chart)
        return 0
    try:
        found = measure(asked.rule or [*RULES], asked.rows)
    except NoServerError as error:
        print(f"No PostgreSQL to try it on: {error}", file=sys.stderr)
        return 2
    show(found)
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=2) + "\n")
    if asked.chart:
        write_charts(found, asked.chart)
    return 0


def measure(rules: list[str], rows: int) -> dict[str, Any]:
    """The figures of each rule, unsafe and safe, with what they were measured on."""
    settings = {"shared_buffers": "512MB", "max_wal_size": "8GB", "maintenance_work_mem": "256MB"}
    with Progress(console=console, transient=True) as progress, started(**settings) as server:
        bar = progress.add_task(f"Filling a table with {rows:,} rows", total=PARTS + 2 * len(rules))
        fill(server, rows, lambda: progress.advance(bar))
        results: dict[str, dict[str, Any]] = {}
        for rule in rules:
            with tempfile.TemporaryDirectory() as folder:
                found = migrations(rule, Path(folder))
            for kind, files in found.items():
                progress.update(bar, description=f"{rule}: {kind}")
                results.setdefault(rule, {})[kind] = vars(run(server, files, rows))
                progress.advance(bar)
        with server.connect() as connection:
            version = connection.execute("SHOW server_version").fetchone()
    about = {"postgresql": version and version[0], "rows": rows, "writers": WRITERS, "readers": 1}
    return {"about": about, "rules": results}


def fill(server: Server, rows: int, advance: Callable[[], None]) -> None:
    """Make the database that each run starts from."""
    tenth = max(1, rows // 10)
    with server.connect() as maintenance:
        maintenance.execute("CREATE DATABASE filled")
    with server.connect("filled") as connection:
        connection.execute(TABLES + ROWS_OF_ORDERS.format(tenth=tenth))  # type: ignore[arg-type]
        for part in range(PARTS):
            first, last = rows * part // PARTS + 1, rows * (part + 1) // PARTS
            sql = ROWS_OF_USERS.format(tenth=tenth, first=first, last=last)
            connection.execute(sql)  # type: ignore[arg-type]
            advance()
        connection.execute("VACUUM (FREEZE, ANALYZE)")


def run(server: Server, files: dict[str, str], rows: int) -> Figures:
    """Migrate a copy of the database while others work on it."""
    name = "trial"
    with server.connect() as maintenance, tempfile.TemporaryDirectory() as folder:
        maintenance.execute(f"CREATE DATABASE {name} TEMPLATE filled STRATEGY file_copy")
        project = Project(Path(folder), Setup(), server.parameters | {"dbname": name})
        project.write(files)
        project.stamp(EARLIER)
        with at_work(server, name, rows) as waits:
            time.sleep(SETTLE)
            began = time.perf_counter()
            project.upgrade()
            took = (time.perf_counter() - began) * 1000
            time.sleep(SETTLE)
        maintenance.execute(f"DROP DATABASE {name} WITH (FORCE)")
    if waits.errors:
        raise SystemExit(f"a session failed: {waits.errors[0]}")
    return Figures(
        migration=round(took, 1),
        longest_write=round(max(waits.writes), 1),
        longest_read=round(max(waits.reads), 1),
        p99_write=round(percentile(waits.writes, 0.99), 1),
        p99_read=round(percentile(waits.reads, 0.99), 1),
        statements=len(waits.writes) + len(waits.reads),
    )


@contextmanager
def at_work(server: Server, database: str, rows: int) -> Iterator[Waits]:
    """Four writers and a reader, until the end of the block."""
    waits, ends = Waits(), threading.Event()
    threads = [
        threading.Thread(target=work, args=(server, database, rows, number, waits, ends))
        for number in range(WRITERS + 1)
    ]
    for thread in threads:
        thread.start()
    try:
        yield waits
    finally:
        ends.set()
        for thread in threads:
            thread.join()


def work(
    server: Server, database: str, rows: int, number: int, waits: Waits, ends: threading.Event
) -> None:
    """One session: the first reads, the others update a row or insert one, in turn."""
    chance = random.Random(number)
    statements = [
        "UPDATE users SET name = 'new name' WHERE id = %(id)s",
        "INSERT INTO users (email, name, age, order_id) "
        "VALUES (gen_random_uuid(), 'somebody', 30, %(order)s)",
    ]
    times = waits.writes if number else waits.reads
    try:
        with server.connect(database) as connection:
            while not ends.wait(PAUSE):
                at = {"id": chance.randint(1, rows), "order": chance.randint(1, max(1, rows // 10))}
                sql = "SELECT name FROM users WHERE id = %(id)s"
                if number:
                    sql = statements[chance.random() < 0.5]
                began = time.perf_counter()
                connection.execute(sql, at)  # type: ignore[arg-type]
                times.append((time.perf_counter() - began) * 1000)
    except Exception as error:
        waits.errors.append(str(error))


def percentile(values: list[float], share: float) -> float:
    """The value that this share of them does not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def show(found: dict[str, Any]) -> None:
    """The figures as a table."""
    about, keys = found["about"], ("longest_write", "longest_read", "p99_write", "p99_read")
    console.print(
        f"PostgreSQL {about['postgresql']}, a table of {about['rows']:,} rows, {about['writers']} "
        "writers and a reader. How long they wait while Alembic migrates it, in ms:"
    )
    table = Table("", *(key.replace("_", "\n") for key in keys))
    table.columns[0].no_wrap = True
    for column in table.columns[1:]:
        column.justify = "right"
    for rule, runs in found["rules"].items():
        for kind, color, words in KINDS:
            values = [f"{runs[kind][key]:,.0f}" for key in keys]
            table.add_row(f"{rule} [{color}]{words}[/]", *values)
    console.print(table)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=2_000_000)
    known = [rule for rule in RULES if rule in pages.ids()]
    parser.add_argument("--rule", action="append", choices=known)
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--chart", type=Path, metavar="FOLDER", help="write the two charts here")
    parser.add_argument("--chart-of", type=Path, metavar="FILE", help="draw what was measured")
    asked = parser.parse_args()
    if asked.chart_of and not asked.chart:
        parser.error("--chart-of needs --chart FOLDER")
    if asked.rows < 1000:
        parser.error("--rows: at least 1000, or there is nothing to wait for")
    return asked


if __name__ == "__main__":
    sys.exit(main())
