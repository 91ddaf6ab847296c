"""Which files are checked, how their bytes become text, and what is set for them."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from fumehood.workspace import source
from fumehood.workspace.contents import text_of
from fumehood.workspace.files import files
from fumehood.workspace.source import Found, SourceError, decode, read_source
from fumehood.workspace.workspace import Workspace


def _names(root: Path, *paths: Path) -> list[str]:
    return [found.path.relative_to(root).as_posix() for found in files(paths or [root])]


def _touch(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def test_files_are_sorted_and_python(tmp_path: Path) -> None:
    _touch(tmp_path, "b.py", "a/z.py", "a/b/c.py", "a.txt", "c.pyc", "B.py", "d.py/e.py")
    assert _names(tmp_path) == ["B.py", "b.py", "a/z.py", "a/b/c.py", "d.py/e.py"]


def test_excluded_folders_are_entered_only_by_name(tmp_path: Path) -> None:
    _touch(tmp_path, "a.py", "build/b.py", ".venv/lib/c.py", "x/node_modules/d.py", "x/.git/e.py")
    assert _names(tmp_path) == ["a.py"]
    assert _names(tmp_path, tmp_path / "build") == ["build/b.py"]
    assert _names(tmp_path, tmp_path / ".venv" / "lib" / "c.py") == [".venv/lib/c.py"]


def test_a_named_file_needs_no_suffix(tmp_path: Path) -> None:
    _touch(tmp_path, "migration", "a.py")
    found = list(files([tmp_path / "migration", tmp_path]))
    assert found == [Found(tmp_path / "migration", True), Found(tmp_path / "a.py", False)]


def test_links_to_folders_are_not_followed_but_a_root_may_be_one(tmp_path: Path) -> None:
    _touch(tmp_path, "real/a.py")
    (tmp_path / "real" / "loop").symlink_to(tmp_path / "real")
    (tmp_path / "root").symlink_to(tmp_path / "real")
    assert _names(tmp_path, tmp_path / "root") == ["root/a.py"]


def test_very_deep_folders(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["d"] * 400)
    deep.mkdir(parents=True)
    (deep / "a.py").touch()
    assert len(list(files([tmp_path]))) == 1
    assert Workspace().around(deep / "a.py").settings.line_length == 88


def test_problems_go_to_the_log_where_nobody_asks(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert list(files([tmp_path / "gone"])) == []
    assert "no such file or folder" in caplog.text


@pytest.mark.parametrize(
    ("data", "encoding", "bom", "text"),
    [
        (b"", "utf-8", False, ""),
        (b"a\r\nb\rc\x0c\n", "utf-8", False, "a\r\nb\rc\x0c\n"),
        (b"\xef\xbb\xbfa", "utf-8", True, "a"),
        (b"\xef\xbb\xbf# coding: utf-8\n", "utf-8", True, "# coding: utf-8\n"),
        (b"# coding: latin-1\n\xe9", "iso-8859-1", False, "# coding: latin-1\né"),
        (b"#!\r# coding: latin-1\r\xe9", "iso-8859-1", False, "#!\r# coding: latin-1\ré"),
        (b"#\n#\n# coding: latin-1\n", "utf-8", False, "#\n#\n# coding: latin-1\n"),
        (b"x = 'coding: latin-1'\n\xc3\xa9", "utf-8", False, "x = 'coding: latin-1'\né"),
        (b"# coding: utf-8 " + "é".encode() * 900, "utf-8", False, None),
    ],
)
def test_decode(data: bytes, encoding: str, bom: bool, text: str | None) -> None:
    source = decode(Path("x.py"), data)
    assert (source.encoding, source.bom) == (encoding, bom)
    assert text is None or source.text == text
    assert source.encode(source.text) == data


@pytest.mark.parametrize("data", [b"\0", b"\xff", b"# coding: no-such\n", b"#coding:hex\n"])
def test_what_cannot_be_decoded_says_what_to_do(data: bytes) -> None:
    with pytest.raises(SourceError, match=r".+; .+"):
        decode(Path("x.py"), data)


def test_a_large_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.py"
    with file.open("wb") as handle:
        handle.truncate(source.MAX_BYTES + 1)
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("was read"))
    with pytest.raises(SourceError, match="more than the 10 MB"):
        read_source(Found(file, named=False))


@pytest.mark.parametrize(
    ("files", "length"),
    [
        ({}, 88),
        ({"pyproject.toml": "[tool.ruff]\nline-length = 100"}, 100),
        ({"pyproject.toml": "[tool.black]\nline-length = 99"}, 99),
        ({"pyproject.toml": "[tool.ruff]\nline-length = 100\n[tool.black]\nline-length = 99"}, 100),
        ({"pyproject.toml": "[tool.ruff.lint]\n[tool.black]\nline-length = 99"}, 99),
        ({"ruff.toml": "line-length = 70"}, 70),
        ({"ruff.toml": ""}, 88),
        ({".ruff.toml": "line-length = 60", "ruff.toml": "line-length = 70"}, 60),
        ({"ruff.toml": "", "../pyproject.toml": "[tool.ruff]\nline-length = 100"}, 88),
        ({"pyproject.toml": "", "../pyproject.toml": "[tool.ruff]\nline-length = 100"}, 100),
        ({"../ruff.toml": "line-length = 77"}, 77),
        ({"pyproject.toml": "tool = 3"}, 88),
    ],
)
def test_the_line_length_is_the_formatters(
    tmp_path: Path, files: dict[str, str], length: int
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    for name, content in files.items():
        (project / name).write_text(content)
    assert Workspace().around(project / "migrations" / "x.py").settings.line_length == length


@pytest.mark.parametrize(
    "content",
    [
        "[tool.ruff",
        "[tool.ruff]\nline-length = 'wide'",
        "[tool.ruff]\nline-length = true",
        "[tool.ruff]\nline-length = 0",
        "[tool.ruff]\nline-length = 100000",
        "[tool.ruff]\nx = " + "[" * 100_000,
    ],
)
def test_a_broken_configuration_is_a_line_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: str
) -> None:
    (tmp_path / "pyproject.toml").write_text(content)
    with caplog.at_level(logging.WARNING):
        workspace = Workspace()
        for name in ("x.py", "y.py", "a/x.py"):
            assert workspace.around(tmp_path / name).settings.line_length == 88
    assert len(caplog.records) == 1


def test_a_file_that_is_gone_is_not_said_to_be_unreadable(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "nul.py").write_bytes(b"\xff\xfe\x00")
    assert (text_of(tmp_path / "gone.py"), text_of(tmp_path / "nul.py")) == ("", "")
    assert [each.getMessage().partition(":")[0] for each in caplog.records] == [
        str(tmp_path / "nul.py")
    ]
