"""`fumehood`, `try`, `rule` and `server`: what they print, import and refuse."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from cli_helpers import Run, migration

_SAFE = 'op.create_index("ix")'
_UNSAFE = 'op.drop_index("ix")'


def _fumehood(*arguments: str, flags: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *flags, "-m", "fumehood", *arguments]
    nothing = subprocess.DEVNULL
    return subprocess.run(
        command, stdin=nothing, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["check", "--help"], ["rule"]])
def test_little_is_imported_for_little(arguments: list[str]) -> None:
    result = _fumehood(*arguments, flags=("-X", "importtime"))
    assert result.returncode == 0
    imported = {line.rpartition("|")[2].strip() for line in result.stderr.splitlines()}
    assert not imported & {"libcst", "pygls", "lsprotocol", "rich", "fumehood.rule"}


def test_the_server_imports_no_other_command() -> None:
    result = _fumehood("server", flags=("-X", "importtime"))
    imported = {line.rpartition("|")[2].strip() for line in result.stderr.splitlines()}
    assert "fumehood.lsp.server" in imported
    assert {each for each in imported if each.startswith("fumehood.cli")} == {
        "fumehood.cli",
        "fumehood.cli.parts",
    }


def test_version() -> None:
    result = _fumehood("--version")
    assert result.stdout.startswith("fumehood ")
    assert result.stderr == ""


def test_an_unknown_command_is_wrong_usage(run: Run) -> None:
    assert run("chekc").exit_code == 2


def test_try_counts_and_shows_the_five_worst_with_their_diffs(run: Run, project: Path) -> None:
    (project / "a.py").write_text(migration("op.note(1)", _UNSAFE, _UNSAFE))
    (project / "b.py").write_text(migration(*[_SAFE] * 4))
    before = {path: path.read_bytes() for path in project.iterdir()}
    result = run("try", ".")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[:7] == [
        "Checked 2 files; nothing is written.",
        "",
        "  only-concurrent-indexes  error             4",
        "  only-concurrent-indexes  warning           2",
        "  only-concurrent-indexes  information       1",
        "",
        "The worst 5 of 7 findings:",
    ]
    places = [line.split()[0] for line in lines if " only-concurrent-indexes: " in line]
    assert places == ["b.py:6:5:", "b.py:7:5:", "b.py:8:5:", "b.py:9:5:", "a.py:7:5:"]
    assert lines.count('+    op.create_index(concurrently=True, "ix")') == 4
    assert "  fix: Run it (not safe: look at it first)" in lines
    assert '+    op.drop_index(concurrently=True, "ix")' in lines
    assert {path: path.read_bytes() for path in project.iterdir()} == before


def test_try_with_nothing_found_and_with_nothing_there(run: Run, project: Path) -> None:
    (project / "a.py").write_text(migration())
    assert run("try", ".").stdout.endswith("Nothing found.\n")
    assert run("try", "gone").exit_code == 2


def test_the_rules_are_listed(run: Run) -> None:
    result = run("rule")
    assert result.exit_code == 0
    assert "only-concurrent-indexes" in result.stdout


def test_a_rules_page_is_shown(run: Run) -> None:
    result = run("rule", "only-concurrent-indexes")
    assert result.exit_code == 0
    assert "CREATE INDEX" in result.stdout
    assert "# <-" not in result.stdout


def test_an_unknown_rule_names_the_nearest(run: Run) -> None:
    result = run("rule", "only-concurent-index")
    assert result.exit_code == 2
    assert "Did you mean 'only-concurrent-indexes'?" in result.stderr


@pytest.mark.parametrize("tcp", ["nonsense", "127.0.0.1:", "host:70000", ":-1", "1.2.3.4:²"])
def test_an_address_must_be_one(run: Run, tcp: str) -> None:
    result = run("server", "--tcp", tcp)
    assert result.exit_code == 2
    assert "write 127.0.0.1:2087" in result.stderr


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The addresses that the server was asked to listen on."""
    addresses: list[tuple[str, int]] = []
    lsp = pytest.importorskip("fumehood.lsp.server")
    monkeypatch.setattr(lsp, "serve_tcp", lambda host, port, *_: addresses.append((host, port)))
    return addresses


@pytest.mark.parametrize(
    ("tcp", "address", "warned"),
    [
        (":2087", ("127.0.0.1", 2087), False),
        ("localhost:0", ("localhost", 0), False),
        ("[::1]:2087", ("::1", 2087), False),
        ("0.0.0.0:2087", ("0.0.0.0", 2087), True),
        ("example.org:2087", ("example.org", 2087), True),
    ],
)
def test_an_open_address_is_warned_of(
    run: Run, served: list[tuple[str, int]], tcp: str, address: tuple[str, int], warned: bool
) -> None:
    result = run("server", "--tcp", tcp)
    assert result.exit_code == 0
    assert served == [address]
    assert ("can be reached from other machines" in result.stderr) == warned
