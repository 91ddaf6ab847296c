"""Bad input: one clear line for each, no traceback, and the other files still checked."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_helpers import Run, migration

BAD = 'op.create_index("ix")'


def _binary(path: Path) -> None:
    path.write_bytes(b"\x7fELF\0\0")


def _large(path: Path) -> None:
    path.write_bytes(b"# " + b"x" * 20_000_000)


def _not_utf8(path: Path) -> None:
    path.write_bytes(b"a = 1\nb = '\xe9'\n")


def _unknown_cookie(path: Path) -> None:
    path.write_bytes(b"# coding: utf-9\n")


def _no_text_codec(path: Path) -> None:
    path.write_bytes(b"# coding: hex\n")


def _bom_against_cookie(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf# coding: latin-1\n")


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _loop(path: Path) -> None:
    path.symlink_to(path.name)


def _dangling(path: Path) -> None:
    path.symlink_to("nowhere.py")


MESSAGES: list[tuple[Callable[[Path], None], str]] = [
    (
        _binary,
        "a binary file (it holds NUL bytes); only Python source text can be checked",
    ),
    (_large, "20.0 MB large, more than the 10 MB that are read; split it, or leave it out"),
    (
        _not_utf8,
        "byte 0xe9 in line 2 is not utf-8; save the file as UTF-8, or declare its encoding "
        "in line 1: # coding: latin-1",
    ),
    (
        _unknown_cookie,
        "no usable encoding (unknown encoding: utf-9); declare one that Python knows in line 1 "
        "or 2, such as utf-8 or latin-1",
    ),
    (
        _no_text_codec,
        "no usable encoding ('hex' is not a text encoding; use codecs.decode() to handle "
        "arbitrary codecs); declare one that Python knows in line 1 or 2, such as utf-8 or latin-1",
    ),
    (
        _bom_against_cookie,
        "no usable encoding (encoding problem: utf-8); declare one that Python knows in line 1 "
        "or 2, such as utf-8 or latin-1",
    ),
    (_pipe, "a named pipe, not a file; give a file or a folder of Python files"),
    (_loop, "a symbolic link that leads to itself; remove the link, or leave it out"),
    (_dangling, "no such file or folder; check the spelling"),
]


@pytest.mark.parametrize(
    ("make", "message"), MESSAGES, ids=lambda value: getattr(value, "__name__", "")
)
@pytest.mark.parametrize("command", ["check", "fix"])
def test_a_bad_file(
    run: Run, project: Path, make: Callable[[Path], None], message: str, command: str
) -> None:
    (project / "good.py").write_text(migration(BAD))
    make(project / "bad.py")
    named = run(command, "bad.py", "good.py")
    assert (named.exit_code, named.stderr) == (2, f"fumehood: bad.py: {message}\n")
    assert "1 finding" in named.stdout
    (project / "good.py").write_text(migration(BAD))
    walked = run(command, ".")
    assert (walked.exit_code, walked.stderr) == (
        1 if command == "check" else 0,
        f"fumehood: bad.py: {message}\n",
    )


def test_a_path_that_does_not_exist(run: Run, project: Path) -> None:
    (project / "good.py").write_text(migration(BAD))
    result = run("check", "gone", "good.py/x", "good.py", "x" * 300)
    assert result.exit_code == 2
    assert result.stderr == (
        "fumehood: gone: no such file or folder; check the spelling\n"
        "fumehood: good.py/x: no such file or folder; check the spelling\n"
        f"fumehood: {'x' * 300}: its name is too long for this system; check the spelling\n"
    )
    assert "Found 1 finding" in result.stdout


@pytest.mark.parametrize("command", ["check", "fix", "try"])
def test_a_device(run: Run, command: str) -> None:
    result = run(command, "/dev/zero")
    assert result.exit_code == 2
    assert "fumehood: /dev/zero: a device or a socket, not a file; give" in result.stderr


def test_a_file_that_may_not_be_read(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "good.py").write_text(migration(BAD))
    (project / "secret.py").write_text("")
    read = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path.name == "secret.py":
            raise PermissionError(13, "Permission denied")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    result = run("check", ".")
    advice = "no permission to read it; change its mode, or leave it out"
    assert (result.exit_code, result.stderr) == (1, f"fumehood: secret.py: {advice}\n")


def test_a_folder_that_may_not_be_read(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "good.py").write_text(migration(BAD))
    (project / "secret").mkdir()
    scan = os.scandir

    def refuse(path: Path) -> object:
        if Path(path).name == "secret":
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    result = run("check", ".")
    assert "fumehood: secret: no permission to read it" in result.stderr
    assert result.exit_code == 1


@pytest.mark.skipif(sys.platform == "win32", reason="names there are Unicode")
def test_names_that_are_not_text(run: Run, project: Path) -> None:
    for name in (b"caf\xe9.py", b"two\nlines.py", b"\x1b[31mred.py"):
        with open(os.fsencode(project) + b"/" + name, "w") as file:  # noqa: PTH123
            file.write(migration(BAD))
    result = run("check", ".")
    assert result.exit_code == 1
    places = [line for line in result.stdout.splitlines() if "error only" in line]
    assert [place.split(":")[0] for place in places] == [
        "\\x1b[31mred.py",
        "caf\\udce9.py",
        "two\\nlines.py",
    ]
    found = json.loads(run("check", ".", "--output-format", "json").stdout)
    assert sorted(f["path"] for f in found) == ["\x1b[31mred.py", "caf\ufffd.py", "two\nlines.py"]
    assert run("fix", ".", "--diff").exit_code == 1
    assert run("fix", ".").exit_code == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def upgrade(:\n    pass\n", "syntax error in line 1: invalid syntax"),
        ("(" * 100_000, "too many nested parentheses"),
        ("-" * 100_000 + "1", "too deeply nested for Python itself"),
    ],
)
def test_a_file_that_does_not_parse(run: Run, project: Path, text: str, message: str) -> None:
    (project / "bad.py").write_text(text)
    (project / "good.py").write_text(migration(BAD))
    result = run("check", "bad.py", "good.py")
    assert result.exit_code == 1
    assert result.stderr.startswith("fumehood: bad.py: ")
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_an_empty_file_and_an_empty_folder(run: Run, project: Path) -> None:
    (project / "empty.py").touch()
    assert run("check", "empty.py").exit_code == 0
    (project / "empty.py").unlink()
    assert run("check", ".").exit_code == 0


@pytest.mark.parametrize("command", ["check", "fix", "try"])
def test_a_folder_with_the_name_of_a_file(run: Run, project: Path, command: str) -> None:
    (project / "folder.py").mkdir()
    (project / "folder.py" / "good.py").write_text(migration(BAD))
    for path in ("folder.py", "."):
        result = run(command, path, *(["--diff"] if command == "fix" else []))
        assert "fumehood: folder.py" not in result.stderr
        assert "folder.py/good.py" in result.stdout


def test_a_loop_of_folders(run: Run, project: Path) -> None:
    (project / "a").mkdir()
    (project / "a" / "b").symlink_to("..", target_is_directory=True)
    (project / "a" / "one.py").write_text(migration(BAD))
    assert "in 1 of 1 file." in run("check", ".").stdout


@pytest.mark.parametrize("command", ["check", "fix", "try"])
def test_a_crash_is_kept_to_its_file(run: Run, project: Path, command: str) -> None:
    (project / "a.py").write_text(migration("op.boom()"))
    (project / "b.py").write_text(migration(BAD))
    result = run(command, ".")
    assert result.exit_code == 2
    assert result.stderr.startswith(
        "fumehood: a.py: fumehood failed on this file (ValueError: two\\nlines at cli_fake.py:"
    )
    assert result.stderr.count("\n") == 1
    assert "1 finding" in result.stdout or "The worst 1" in result.stdout
