"""Configuration in the real server: from files as they change, and from the client over them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from raw_client import SERVER, Client, Json, edit

sys.path.insert(0, str(Path(__file__).parents[1]))

from configured import FULL, MIGRATION, RULE, Editor
from old_project import old_project


def test_files_are_followed(editor: Editor) -> None:
    editor.start()
    editor.client.open(editor.uri, MIGRATION)
    assert editor.codes(editor.uri) == [RULE]
    editor.write("fumehood.toml", f'ignore = ["{RULE}"]')
    assert editor.codes(editor.uri) == []
    editor.write("fumehood.toml", None)
    assert editor.codes(editor.uri) == [RULE]


def test_what_is_wrong_is_said_in_the_file_and_the_last_good_one_stays(editor: Editor) -> None:
    good = f'ignore = ["{RULE}"]\n'
    config = editor.write("fumehood.toml", good)
    editor.start()
    editor.client.open(editor.uri, MIGRATION)
    assert editor.codes(editor.uri) == []
    editor.write("fumehood.toml", good + 'max-colums = 4\nline-length = "x"\n')
    first, second = editor.client.diagnostics(config, None)
    assert first["range"] == {
        "start": {"line": 1, "character": 0},
        "end": {"line": 1, "character": 10},
    }
    assert first["severity"] == 1
    assert "Did you mean 'max-columns'?" in first["message"]
    assert "what it said before is in force" in first["message"]
    assert second["message"].startswith("line-length: expected an integer from 1 to 320")
    editor.client.change(editor.uri, 2, edit(6, 0, 0, "# more\n"))
    assert editor.codes(editor.uri, 2) == []
    editor.write("fumehood.toml", "max-columns = 4\n")
    assert editor.client.diagnostics(config, None) == []
    assert editor.codes(editor.uri, 2) == [RULE]


def test_the_editors_text_of_a_configuration_file_counts(editor: Editor) -> None:
    config = editor.write("fumehood.toml", "")
    editor.start()
    editor.client.open(editor.uri, MIGRATION)
    assert editor.codes(editor.uri) == [RULE]
    editor.client.open(config, f'ignore = ["{RULE[:-2]}"]\n', 1, "toml")
    [wrong] = editor.client.diagnostics(config, 1)
    assert f"Did you mean '{RULE}'?" in wrong["message"]
    at = len(f'ignore = ["{RULE[:-2]}')
    editor.client.change(config, 2, edit(0, at, at, RULE[-2:]))
    assert editor.client.diagnostics(config, 2) == []
    assert editor.codes(editor.uri) == []
    editor.client.close(config)
    assert editor.codes(editor.uri) == [RULE]


def test_the_clients_settings_win_over_files(editor: Editor) -> None:
    editor.write("fumehood.toml", f'ignore = ["{RULE}"]')
    settings = {"ignore": [], "trace": {"server": "off"}, "lineLength": None}
    if editor.full:
        editor.start(settings)
    else:
        editor.start(initializationOptions=settings)
    editor.client.open(editor.uri, MIGRATION)
    assert editor.codes(editor.uri) == [RULE]
    told = {"settings": {"fumehood": {"ignore": [RULE]}}}
    editor.client.notify("workspace/didChangeConfiguration", told)
    if editor.full:
        editor.client.asked("workspace/configuration", [{"ignore": [RULE]}])
    assert editor.codes(editor.uri) == []


def test_wrong_settings_of_the_client_are_said_and_left_out(editor: Editor) -> None:
    settings = {"maxColums": 4, "severity": {RULE: "information"}}
    if editor.full:
        editor.start(settings)
    else:
        editor.start(initializationOptions=settings)
    editor.client.open(editor.uri, MIGRATION)
    said = editor.client.wait(lambda m: m.get("method") == "window/showMessage")
    assert "Did you mean 'max-columns'?" in said["params"]["message"]
    [found] = editor.client.diagnostics(editor.uri, 1)
    assert found["severity"] == 3


def test_nothing_is_found_in_an_excluded_file(editor: Editor) -> None:
    config = editor.write("fumehood.toml", 'exclude = ["versions/"]')
    (editor.folder / "versions" / "fumehood.toml").write_text("")  # the outer one still counts
    editor.start()
    editor.client.open(editor.uri, MIGRATION)
    assert editor.codes(editor.uri) == []
    assert editor.actions(editor.uri, 7) == {}
    editor.write("fumehood.toml", "exclude = []")
    assert editor.codes(editor.uri) == [RULE]
    editor.client.open(config, 'exclude = ["./versions/b.py"]', 1, "toml")
    assert editor.codes(editor.uri) == []


def test_what_is_wrong_already_is_said_when_a_file_is_opened(editor: Editor) -> None:
    config = editor.write("fumehood.toml", "slect = []")
    editor.start()
    editor.client.open(editor.uri, MIGRATION)
    [wrong] = editor.client.diagnostics(config, None)
    assert "the defaults are in force" in wrong["message"]
    assert editor.codes(editor.uri) == [RULE]


def test_an_unknown_start_after_is_said(editor: Editor) -> None:
    project = old_project(editor.folder)
    config = editor.write("fumehood.toml", 'start-after = "gone"')
    editor.start()
    assert set(editor.opened(project.files[project.head])) == {RULE}
    [said] = editor.client.diagnostics(config, None)
    assert (said["severity"], said["range"]["start"]["character"]) == (2, 14)
    assert "no migration below this folder is 'gone'" in said["message"]
    editor.write("fumehood.toml", f'start-after = "{project.head}"')
    assert editor.client.diagnostics(config, None) == []


@pytest.fixture
def folders(tmp_path: Path) -> Iterator[tuple[Client, Path, Path]]:
    """A client of two folders, one within the other, each with a migration."""
    outer, inner = tmp_path / "outer", tmp_path / "outer" / "inner"
    inner.mkdir(parents=True)
    for folder in (outer, inner):
        (folder / "m.py").write_text(MIGRATION)
    with Client(SERVER) as client:
        yield client, outer, inner


def test_each_folder_has_settings_of_its_own(folders: tuple[Client, Path, Path]) -> None:
    client, outer, inner = folders
    uris = [{"uri": folder.as_uri(), "name": folder.name} for folder in (outer, inner)]
    client.initialize(FULL, rootUri=outer.as_uri(), workspaceFolders=uris)
    off: Json = {"ignore": [RULE]}
    params = client.asked("workspace/configuration", [off, None, {}])
    scopes = [item.get("scopeUri") for item in params["items"]]
    assert scopes == [inner.as_uri(), outer.as_uri(), None]
    for folder, found in ((inner, []), (outer, [RULE]), (outer.parent, [RULE])):
        uri = (folder / "m.py").as_uri()
        client.open(uri, MIGRATION)
        assert [each["code"] for each in client.diagnostics(uri, 1)] == found
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    client.asked("workspace/configuration", [{}, off])
    for folder, found in ((inner, [RULE]), (outer, [])):
        uri = (folder / "m.py").as_uri()
        assert [each["code"] for each in client.diagnostics(uri, 1)] == found


def test_folders_come_and_go(folders: tuple[Client, Path, Path]) -> None:
    client, outer, inner = folders
    shown = {folder: {"uri": folder.as_uri(), "name": ""} for folder in (outer, inner)}
    client.initialize(FULL, rootUri=None, workspaceFolders=[shown[outer]])
    assert len(client.asked("workspace/configuration", [{}])["items"]) == 1
    uri = (inner / "m.py").as_uri()
    client.open(uri, MIGRATION)
    assert [each["code"] for each in client.diagnostics(uri, 1)] == [RULE]
    event = {"added": [shown[inner]], "removed": []}
    client.notify("workspace/didChangeWorkspaceFolders", {"event": event})
    client.asked("workspace/configuration", [{"ignore": [RULE]}, {}, {}])
    assert client.diagnostics(uri, 1) == []
    event = {"added": [], "removed": [shown[inner]]}
    client.notify("workspace/didChangeWorkspaceFolders", {"event": event})
    assert [each["code"] for each in client.diagnostics(uri, 1)] == [RULE]
