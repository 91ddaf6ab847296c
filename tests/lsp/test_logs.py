"""What the server says of itself: to the client, to stderr, to a file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from raw_client import AT, FAKE_SERVER, LITERALS, SERVER, Client, Json, edit, lives

from fumehood import __version__

ERROR, WARNING, INFO, LOG = 1, 2, 3, 4


def traced(client: Client, words: str) -> Json:
    """The `$/logTrace` that holds some words."""
    return client.wait(
        lambda m: m.get("method") == "$/logTrace" and words in m["params"]["message"]
    )["params"]


def test_messages_have_levels(uri: str) -> None:
    with Client([*SERVER, "--log-level", "debug"]) as client:
        client.initialize(clientInfo={"name": "Ed", "version": "1"})
        greeting = client.logged(f"fumehood {__version__}, Python ")["params"]
        assert greeting["message"].endswith("for Ed 1")
        assert greeting["type"] == INFO
        client.notify("$/unheardOf")
        assert client.logged("no one listens to $/unheardOf")["params"]["type"] == LOG
        client.notify("textDocument/didOpen")
        assert client.logged("didOpen was ignored")["params"]["type"] == WARNING
    with Client([*FAKE_SERVER, "broken"]) as client:
        client.initialize()
        assert client.logged("no engine today")["params"]["type"] == ERROR


@pytest.mark.slow
def test_what_matters_less_is_left_out() -> None:
    with Client([*SERVER, "--log-level", "warning"]) as client:
        client.initialize()
        client.notify("$/unheardOf")
        client.notify("textDocument/didOpen")
        client.logged("didOpen was ignored")
        lives(client)
        assert not [m for m in client.received if m.get("method") == "window/logMessage"]


@pytest.mark.slow
def test_a_log_file_is_appended_to(tmp_path: Path) -> None:
    file = tmp_path / "log ü.txt"
    for _ in range(2):
        with Client([*SERVER, "--log-file", str(file)]) as client:
            client.initialize()
            client.notify("textDocument/didOpen")
            client.logged("didOpen was ignored")
    text = file.read_text(encoding="utf-8")
    lines = re.findall(r"^\d{4}-\d\d-\d\d [\d:,]+ \d+ (\w+) fumehood[.\w]*: (.*)$", text, re.M)
    assert [level for level, said in lines if "didOpen" in said] == ["WARNING", "WARNING"]
    assert [level for level, said in lines if f"fumehood {__version__}" in said] == ["INFO", "INFO"]


@pytest.mark.slow
def test_a_log_file_that_cannot_be_written_is_said_and_harms_nothing(tmp_path: Path) -> None:
    with Client([*SERVER, "--log-file", str(tmp_path / "absent" / "log")]) as client:
        client.initialize()
        said = client.logged("nothing is logged to")["params"]
        assert said["type"] == WARNING
        assert "No such file or directory" in said["message"]
        lives(client)
        arguments = {"command": "fumehood.debugInformation"}
        assert "nothing is logged to" in client.request("workspace/executeCommand", arguments)


def test_a_trace_is_off_until_it_is_asked_for(own: Client) -> None:
    lives(own)
    assert not [m for m in own.received if m.get("method") == "$/logTrace"]
    own.notify("$/setTrace", {"value": "messages"})
    own.request("textDocument/hover", AT)
    said = traced(own, "handled textDocument/hover")
    assert re.fullmatch(r"handled textDocument/hover \(\d+\) in [\d.]+ ms", said["message"])
    assert "verbose" not in said
    own.received.clear()
    own.notify("$/setTrace", {"value": "off"})
    own.request("shutdown")
    assert not [m for m in own.received if m.get("method") == "$/logTrace"]


@pytest.mark.parametrize("odd", [None, [], {"value": "loud"}, {"value": 3}])
def test_a_trace_of_another_kind_changes_nothing(shared: Client, odd: object) -> None:
    shared.notify("$/setTrace", {"value": "messages"})
    shared.notify("$/setTrace", odd)
    shared.request("textDocument/hover", AT)
    traced(shared, "handled textDocument/hover")


def test_a_verbose_trace_counts_the_work(uri: str) -> None:
    text = 'revision = "1"\ndown_revision = None\n\n\ndef upgrade():\n    pass\n    op.f(1)\n'
    with Client(SERVER) as client:
        client.initialize(LITERALS, trace="verbose")
        client.open(uri, text)
        assert traced(client, f"analysed {uri} version 1: 0 findings")["verbose"].startswith("so ")
        client.change(uri, 2, edit(6, 9, 10, "2"))
        work = traced(client, f"analysed {uri} version 2")["verbose"]
        assert work == "since the last time: 1 lines parsed, 0 checks run, 0 files joined"
        said = traced(client, "handled textDocument/didChange")["verbose"]
        assert '"text": "2"' in said
