"""What is kept of outlines: whatever has become of the file, nothing is lost but time."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path

import pytest

from fumehood.stepwise import finished
from fumehood.workspace.outline_cache import OutlineCache
from fumehood.workspace.outlines import Outlined, outlined, parts_of, remembered

TEXT, OTHER, MADE = b"a = 1\n", b"b = 2\n", '{"steps": []}'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A cache that knows one text."""
    file = tmp_path / "cache" / "outlines.sqlite"
    cache = OutlineCache(file)
    cache.put(TEXT, MADE)
    other = OutlineCache(file)
    assert other.get(TEXT) == MADE
    for each in (cache, other):
        database = each._open()
        assert database is not None
        database.close()
    return file


def keeps(cache: OutlineCache) -> bool:
    """Whether a cache takes another text."""
    cache.put(OTHER, MADE)
    return cache.get(OTHER) == MADE


@pytest.mark.parametrize("content", [b"no database", b"", b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_broken_file_is_begun_anew(
    file: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    for suffix in ("-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)
    file.write_bytes(content)
    cache = OutlineCache(file)
    assert cache.get(TEXT) is None
    assert keeps(cache)
    assert keeps(OutlineCache(file))
    assert len(caplog.messages) == bool(content)


def test_a_file_that_breaks_while_it_is_read_is_begun_anew(file: Path) -> None:
    with OutlineCache(file)._open() as database:  # type: ignore[union-attr]
        database.executemany(
            "INSERT INTO outlines VALUES (?, ?, 0)", [(str(n), "x" * 900) for n in range(200)]
        )
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    data = bytearray(file.read_bytes())
    data[5000:-5000] = b"\xff" * (len(data) - 10_000)
    file.write_bytes(data)
    cache = OutlineCache(file)
    assert cache.get(TEXT) in (None, MADE)
    assert keeps(cache)


def test_a_file_that_cannot_be_written_is_read(
    file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refused(path: Path) -> object:
        raise sqlite3.OperationalError("attempt to write a readonly database")

    monkeypatch.setattr("fumehood.workspace.outline_cache._writable", refused)
    cache = OutlineCache(file)
    assert cache.get(TEXT) == MADE
    assert not keeps(cache)
    assert len(caplog.messages) == 1
    assert "readonly" in caplog.messages[0]


def test_a_folder_that_cannot_be_made_keeps_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "cache").write_text("no folder")
    cache = OutlineCache(tmp_path / "cache" / "outlines.sqlite")
    assert not keeps(cache)
    assert cache.get(TEXT) is None
    assert len(caplog.messages) == 1


def test_on_a_full_disk_what_is_kept_is_read(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    cache = OutlineCache(file)
    assert cache.get(TEXT) == MADE
    database = cache._open()
    assert database is not None
    database.execute("PRAGMA max_page_count = 1")
    cache.put(OTHER, "x" * 100_000)
    assert cache.get(OTHER) is None
    assert cache.get(TEXT) == MADE
    assert len(caplog.messages) == 1
    assert "full" in caplog.messages[0]


def test_a_row_that_is_no_outline_is_made_anew(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "m.py"
    path.write_text("from app import Base\nclass Thing(Base): pass\n")
    made = finished(parts_of(outlined(path)))[1]
    assert made is not None
    for broken in ("", "[]", '{"steps": [], "models": {"names": 3}}'):
        caplog.clear()
        with caplog.at_level(logging.WARNING):
            assert finished(parts_of(Outlined(path, broken)))[1] == made
        assert len(caplog.messages) == 1
        assert str(path) in caplog.messages[0]


def test_what_was_made_once_is_remembered_by_its_text(tmp_path: Path) -> None:
    path, other = tmp_path / "m.py", tmp_path / "other.py"
    path.write_text(f"here = {str(tmp_path)!r}\n")
    assert remembered(path) is None
    made = outlined(path)
    assert remembered(path) == made
    path.rename(other)
    assert remembered(other) == Outlined(other, made.outline)
