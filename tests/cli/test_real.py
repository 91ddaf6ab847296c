"""The command itself, with its own rules, on real and on hostile files."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cli_helpers import migration
from click.testing import CliRunner, Result
from tests.forking import program

from fumehood.main import commands

EXAMPLES = Path(__file__).parents[2] / "examples"
BAD = 'op.create_index("ix_users_email", "users", ["email"])'
HEAD = "from alembic import op\n"


def run(folder: Path, *arguments: str, code: int) -> Result:
    """Run fumehood in a folder, in this process; it must end with this code."""
    with contextlib.chdir(folder):
        result = CliRunner().invoke(commands, arguments)
    assert result.exit_code == code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def run_alone(
    folder: Path, *arguments: str, code: int, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run fumehood in a folder, in a process of its own, which must not end with a traceback."""
    # What Python does with the environment it does as it starts.
    starts = any(name.startswith("PYTHON") for name in environment)
    started = [sys.executable, "-m", "fumehood"] if starts else program("-m", "fumehood")
    result = subprocess.run(
        [*started, *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        timeout=120,
    )
    assert "Traceback" not in result.stderr, result.stderr
    assert result.returncode == code, result.stdout + result.stderr
    return result


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A copy of the example project."""
    target = tmp_path / "shop"
    shutil.copytree(EXAMPLES / "shop", target, ignore=shutil.ignore_patterns("__pycache__"))
    return target


def _rendered(project: Path, *command: str) -> str:
    result = subprocess.run(
        program("-m", "alembic", *command, "--sql"),
        cwd=project,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def _indexes(sql: str) -> list[str]:
    return re.findall(r"CREATE (?:UNIQUE )?INDEX (?:CONCURRENTLY )?(\w+)", sql)


@pytest.mark.slow
def test_the_examples_render_before_and_after_their_fixes(shop: Path) -> None:
    before = _rendered(shop, "upgrade", "head")
    assert before.count("CONCURRENTLY") == 1
    run(shop, "fix", ".", code=1)
    run(shop, "fix", "--unsafe-fixes", ".", code=0)
    run(shop, "check", ".", "--fail-on", "information", code=0)
    after = _rendered(shop, "upgrade", "head")
    assert sorted(_indexes(after)) == sorted(_indexes(before))
    assert after.count("CONCURRENTLY") == 7
    down = _rendered(shop, "downgrade", "head:base")
    assert down.count("DROP INDEX CONCURRENTLY") == 4


def test_the_examples_as_json(shop: Path) -> None:
    result = run(shop, "check", "migrations", "--output-format", "json", code=1)
    found = json.loads(result.stdout)
    assert len(found) == 9
    assert found[0] == {
        "path": "migrations/versions/5d1e8a30b6c2_find_a_customers_orders.py",
        "line": 17,
        "column": 5,
        "end_line": 17,
        "end_column": 20,
        "rule": "only-concurrent-indexes",
        "severity": "error",
        "message": found[0]["message"],
        "effect": found[0]["effect"],
        "fix": {"title": "Run it concurrently, outside the transaction", "safe": True},
        "no_fix": None,
        "related": [],
    }
    assert "ix_orders_customer_id" in found[0]["message"]
    assert "SHARE" in found[0]["effect"]
    assert [finding["fix"]["safe"] for finding in found].count(False) == 2
    places = [(finding["path"], finding["line"]) for finding in found]
    assert places == sorted(places)


def test_fixing_twice_changes_nothing_the_second_time(shop: Path) -> None:
    run(shop, "fix", "--unsafe-fixes", ".", code=0)
    once = {path: path.read_bytes() for path in sorted(shop.rglob("*.py"))}
    run(shop, "fix", "--unsafe-fixes", ".", code=0)
    assert {path: path.read_bytes() for path in sorted(shop.rglob("*.py"))} == once


def test_the_diff_is_what_fix_writes(shop: Path) -> None:
    patch = run(shop, "fix", "--unsafe-fixes", "--diff", ".", code=1).stdout
    copy = shop.with_name("copy")
    shutil.copytree(shop, copy)
    subprocess.run(["git", "apply", "-p0"], input=patch, text=True, cwd=copy, check=True)
    run(shop, "fix", "--unsafe-fixes", ".", code=0)
    for path in shop.rglob("*.py"):
        assert (copy / path.relative_to(shop)).read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("option", "code"),
    [
        (["--select", "only-concurrent-indexes"], 1),
        (["--ignore", "only-concurrent-indexes"], 0),
        (["--dialect", "sqlite"], 0),
        (["--fail-on", "error"], 1),
        (["--select", "only-concurent-indexes"], 2),
    ],
)
def test_options_reach_the_rules(shop: Path, option: list[str], code: int) -> None:
    result = run(shop, "check", ".", *option, code=code)
    assert code != 2 or "Did you mean 'only-concurrent-indexes'?" in result.stderr


def test_a_dropped_index_is_a_warning(tmp_path: Path) -> None:
    text = HEAD + migration("pass") + '\n\ndef downgrade():\n    op.drop_index("a", "t")\n'
    (tmp_path / "one.py").write_text(text)
    run(tmp_path, "check", ".", code=1)
    run(tmp_path, "check", ".", "--fail-on", "error", code=0)


def test_try_writes_nothing(shop: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in shop.rglob("*")}
    result = run(shop.parent, "try", "shop", code=0)
    assert "The worst 5 of 9 findings:" in result.stdout
    assert result.stdout.count("\n--- shop/migrations/versions/") == 5
    assert {path: path.stat().st_mtime_ns for path in shop.rglob("*")} == before


@pytest.mark.parametrize("line_end", ["\n", "\r\n", pytest.param("\r", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    ("head", "encoding"),
    [("", "utf-8"), ("\ufeff", "utf-8"), ("# coding: latin-1\n# é\n", "latin-1")],
)
def test_a_fix_keeps_encoding_and_line_ends(
    tmp_path: Path, head: str, encoding: str, line_end: str
) -> None:
    file = tmp_path / "one.py"
    text = head + HEAD + migration(BAD)
    file.write_bytes(text.replace("\n", line_end).encode(encoding))
    run(tmp_path, "fix", ".", code=0)
    fixed = file.read_bytes().decode(encoding)
    assert fixed.replace(line_end, "") == fixed.replace("\r", "").replace("\n", "")
    assert fixed.replace(line_end, "\n").startswith(text.partition("    op.")[0])
    assert fixed.replace(line_end, "\n").endswith(
        "    with op.get_context().autocommit_block():\n"
        "        op.create_index(\n"
        '            "ix_users_email", "users", ["email"], postgresql_concurrently=True\n'
        "        )\n"
    )


def test_a_fix_is_wrapped_as_the_projects_formatter_would(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.black]\nline-length = 60\n")
    (tmp_path / "one.py").write_text(HEAD + migration(BAD))
    run(tmp_path, "fix", ".", code=0)
    assert max(map(len, (tmp_path / "one.py").read_text().splitlines())) <= 60


HOSTILE = {
    "brackets": "x = " + "(" * 100_000,
    "closed": "x = " + "[" * 100_000 + "]" * 100_000,
    "calls": "op.f(" * 50_000 + ")" * 50_000,
    "minus": "x = " + "-" * 100_000 + "1",
    "not": "x = " + "not " * 50_000 + "1",
    "power": "x = " + "2 ** " * 50_000 + "1",
    "sum": "x = " + "1 + " * 50_000 + "1",
    "strings": "x = " + "'a' " * 50_000,
    "dots": "x = a" + ".b" * 50_000,
    "subscripts": "x = a" + "[0]" * 20_000,
    "lambda": "x = " + "lambda: " * 20_000 + "1",
    "ternary": "x = " + "1 if 1 else " * 20_000 + "1",
    "compare": "x = " + "1 < " * 50_000 + "1",
    "comma": "x = " + "1," * 200_000,
    "await": "x = " + "await " * 20_000 + "1",
    "open string": 'x = """' + "a\n" * 100_000,
    "fstring": "x = " + "f'{" * 5_000,
    "indented": "\n".join(" " * depth + "if x:" for depth in range(1_500)),
    "elif": "if x: pass\n" + "elif x: pass\n" * 20_000,
    "decorators": "@x\n" * 20_000 + "def f(): pass",
    "continued": "x = 1 \\\n" + " + 1 \\\n" * 20_000,
    "semicolons": "x;" * 50_000,
}


_QUICK = {"brackets", "calls", "fstring"}


@pytest.mark.parametrize(
    "name",
    [name if name in _QUICK else pytest.param(name, marks=pytest.mark.slow) for name in HOSTILE],
)
def test_a_hostile_file_costs_only_itself(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.py").write_text(HEAD + migration() + HOSTILE[name] + "\n")
    (tmp_path / "b.py").write_text(HEAD + migration(BAD))
    started = time.monotonic()
    result = run_alone(tmp_path, "check", ".", "--output-format", "json", code=1)
    assert time.monotonic() - started < 60
    assert [finding["path"] for finding in json.loads(result.stdout)] == ["b.py"]
    assert result.stderr.count("\n") <= 1


def test_a_syntax_error_does_not_hide_its_neighbours(tmp_path: Path) -> None:
    broken = 'op.create_index("half", "users", ['
    (tmp_path / "a.py").write_text(HEAD + migration(broken, BAD))
    result = run(tmp_path, "check", "a.py", "--output-format", "json", code=1)
    assert 7 in {finding["line"] - 1 for finding in json.loads(result.stdout)}
    assert "a.py: syntax error in line" in result.stderr


@pytest.mark.parametrize("encoding", ["ascii", pytest.param("cp1252", marks=pytest.mark.slow)])
def test_output_fits_any_terminal(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "é\U0001f642.py").write_text(HEAD + migration(BAD + "  # 表 é"), encoding="utf-8")
    result = run_alone(tmp_path, "check", ".", code=1, PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert "only-concurrent-indexes" in result.stdout
    run_alone(tmp_path, "check", ".", "--output-format", "json", code=1, PYTHONIOENCODING=encoding)


def test_a_closed_pipe_ends_it_quietly(shop: Path) -> None:
    command = f"{sys.executable} -m fumehood check . | head -1"
    result = subprocess.run(
        command, shell=True, cwd=shop, capture_output=True, text=True, check=True, timeout=60
    )
    assert "Traceback" not in result.stderr


@pytest.mark.slow
def test_the_demo_does_what_it_says() -> None:
    before = {path: path.read_bytes() for path in EXAMPLES.rglob("*.py")}
    result = subprocess.run(
        [sys.executable, EXAMPLES / "demo.py"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.count("  quick fix: ") == 9
    assert "As expected: 9 findings in 7 migrations" in result.stdout
    assert {path: path.read_bytes() for path in EXAMPLES.rglob("*.py")} == before
