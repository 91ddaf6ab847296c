"""`fumehood fix`: what is written, and what is kept byte for byte."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest
from cli_helpers import Run, migration

from fumehood.cli import write
from fumehood.workspace.source import Found, SourceError, read_source

SAFE = 'op.create_index("ix")'
UNSAFE = 'op.drop_index("ix")'
FIXED = 'op.create_index(concurrently=True, "ix")'


def test_fixes_and_says_so(run: Run, project: Path) -> None:
    file = project / "one.py"
    file.write_text(migration(SAFE, SAFE))
    result = run("fix", "one.py")
    assert (result.exit_code, result.stdout) == (0, "Fixed 2 findings in 1 file.\n")
    assert file.read_text() == migration(FIXED, FIXED)


def test_a_second_run_changes_nothing(run: Run, project: Path) -> None:
    file = project / "one.py"
    file.write_text(migration(SAFE))
    run("fix", ".")
    before = file.stat()
    result = run("fix", ".")
    assert (result.exit_code, result.stdout) == (0, "Checked 1 file: nothing to fix.\n")
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_what_is_left_is_said_with_the_way_to_fix_it(run: Run, project: Path) -> None:
    file = project / "one.py"
    file.write_text(migration(SAFE, UNSAFE))
    result = run("fix", ".")
    assert result.exit_code == 1
    assert "Left: 1 finding (1 warning); to fix 1 with --unsafe-fixes" in result.stdout
    assert UNSAFE in file.read_text()
    assert run("fix", ".", "--unsafe-fixes").exit_code == 0
    assert UNSAFE not in file.read_text()


def test_diff_writes_nothing_and_applies_with_patch(run: Run, project: Path) -> None:
    file = project / "one.py"
    text = migration(SAFE).encode() + b"# no line end"
    file.write_bytes(text)
    result = run("fix", "--diff", "one.py")
    assert result.exit_code == 1
    assert result.stderr == "Would fix 1 finding in 1 file.\n"
    assert file.read_bytes() == text
    subprocess.run(["git", "init", "-q", "."], check=True, cwd=project)
    subprocess.run(["git", "apply", "-p0", "-"], input=result.stdout_bytes, check=True, cwd=project)
    assert file.read_bytes() == migration(FIXED).encode() + b"# no line end"


def test_diff_of_nothing_is_empty(run: Run, project: Path) -> None:
    (project / "one.py").write_text(migration())
    result = run("fix", "--diff", "one.py")
    assert (result.exit_code, result.stdout) == (0, "")


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ("", "utf-8"),
        ("\ufeff", "utf-8"),
        ("# -*- coding: latin-1 -*-\n# é\n", "latin-1"),
        ("#!/usr/bin/python\n# vim: set fileencoding=cp1251 :\n# Ж\n", "cp1251"),
        ("# 🙂 \u2028 \x0c\n", "utf-8"),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encoding_and_line_ends_are_kept(
    run: Run, project: Path, head: str, encoding: str, line_end: str
) -> None:
    file = project / "one.py"
    before = (head + migration(SAFE) + "# end").replace("\n", line_end)
    file.write_bytes(before.encode(encoding))
    assert run("fix", "one.py").exit_code == 0
    assert file.read_bytes() == before.replace(SAFE, FIXED).encode(encoding)


def test_mixed_line_ends_are_kept(run: Run, project: Path) -> None:
    file = project / "one.py"
    before = migration(SAFE).replace("\n", "\r\n", 2).encode()
    file.write_bytes(before)
    run("fix", "one.py")
    assert file.read_bytes() == before.replace(SAFE.encode(), FIXED.encode())


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755, 0o664])
def test_the_mode_is_kept(run: Run, project: Path, mode: int) -> None:
    file = project / "one.py"
    file.write_text(migration(SAFE))
    file.chmod(mode)
    run("fix", "one.py")
    assert stat.S_IMODE(file.stat().st_mode) == mode
    assert os.listdir(project) == ["one.py"]  # noqa: PTH208


def test_a_link_stays_a_link(run: Run, project: Path) -> None:
    (project / "real").mkdir()
    target = project / "real" / "one.py"
    target.write_text(migration(SAFE))
    (project / "link.py").symlink_to("real/one.py")
    run("fix", "link.py")
    assert (project / "link.py").is_symlink()
    assert target.read_text() == migration(FIXED)


def test_a_file_that_changed_meanwhile_is_not_written(project: Path) -> None:
    file = project / "one.py"
    file.write_text(migration(SAFE))
    source = read_source(Found(file, named=True))
    file.write_text("someone's work\n")
    with pytest.raises(SourceError, match="changed while it was read; run the command again"):
        write.write(source, "ours")
    assert file.read_text() == "someone's work\n"


def test_a_failed_write_leaves_the_file_and_nothing_else(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = project / "one.py"
    file.write_text(migration(SAFE))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    result = run("fix", "one.py")
    assert result.exit_code == 2
    assert "one.py: cannot be written (No space left on device); its text is as" in result.stderr
    assert file.read_text() == migration(SAFE)
    assert [path.name for path in project.iterdir()] == ["one.py"]


def test_text_that_the_encoding_lacks_is_not_written(project: Path) -> None:
    file = project / "one.py"
    file.write_bytes(b"# coding: latin-1\n")
    source = read_source(Found(file, named=True))
    with pytest.raises(SourceError, match="cannot be written as iso-8859-1"):
        write.write(source, "Ж")
    assert file.read_bytes() == b"# coding: latin-1\n"


def test_select_limits_what_is_fixed(run: Run, project: Path) -> None:
    file = project / "one.py"
    file.write_text(migration(SAFE))
    assert run("fix", "one.py", "--ignore", "only-concurrent-indexes").exit_code == 0
    assert file.read_text() == migration(SAFE)
