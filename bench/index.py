"""How long the first index of a large project takes, and the next one, which finds all of it kept.

Generates 900 files of some 150,000 lines, and looks through them as the command line does. The
times depend on the machine, and on what else it does; the processors' seconds, those of the other
processes among them, do so less. The largest resident set is that of this process, in MiB.

    python bench/index.py
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from collections import deque
from pathlib import Path

FILES, LINES = 900, 166

_MODEL = """\
from sqlalchemy.orm import Mapped, mapped_column

from app.base import Base


class Thing{n}(Base):
    __tablename__ = "things_{n}"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(index=True)
    code: Mapped[str] = mapped_column()


def by_code(session, code):
    return session.query(Thing{n}).filter(Thing{n}.code == code).all()
"""
_BASE = """\
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    pass
"""
_PLAIN = """

def function_{n}(first, second):
    if first > second:
        return [each * {n} for each in range(first)]
    return {{"first": first, "second": second}}
"""


def generate(root: Path, files: int = FILES) -> None:
    """Write the project: a model and a query in every third file."""
    (root / "app").mkdir()
    (root / "pyproject.toml").write_text("")
    (root / "app" / "base.py").write_text(_BASE)
    for number in range(files):
        head = _MODEL.replace("{n}", str(number)) if number % 3 == 0 else '"""Plain."""\n'
        rest = (LINES - head.count("\n")) // _PLAIN.count("\n")
        body = "".join(_PLAIN.format(n=each) for each in range(rest))
        (root / "app" / f"file_{number}.py").write_text(head + body)


def index(root: Path) -> tuple[float, int]:
    """The seconds until all is known, and how many queries there are."""
    from fumehood.cli.analysis import Analysis
    from fumehood.cli.pool import answers
    from fumehood.main import make_engine
    from fumehood.workspace.outlines import remembered
    from fumehood.workspace.workspace import Workspace

    began = time.perf_counter()
    workspace = Workspace(folders=[root])
    deque(workspace.look_through(), maxlen=0)
    wanted = []
    for path in workspace.wanted_code():
        kept = remembered(path)
        if kept is None:
            wanted.append(path)
        else:
            workspace.learn(kept)
    for found in answers(wanted, Analysis.outline, make_engine, 2):
        workspace.learn(found)
    around = workspace.models(root / "app" / "base.py")
    assert around is not None
    assert around.catalog.complete
    queries = sum(len(around.catalog.queries(path)) for path in around.catalog.paths())
    return time.perf_counter() - began, queries


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = f"{folder}/cache"
        root = Path(folder, "project")
        root.mkdir()
        generate(root)
        for name in ("cold", "warm"):
            before = sum(os.times()[:4])
            seconds, queries = index(root)
            spent = sum(os.times()[:4]) - before
            most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            sys.stdout.write(
                f"{name}: {seconds:.1f} s, {spent:.1f} s of processors, {queries} queries, "
                f"{most:.0f} MiB\n"
            )


if __name__ == "__main__":
    main()
