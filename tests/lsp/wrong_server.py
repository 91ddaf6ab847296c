"""The real server with a fix that is wrong: a test that passes on it tests nothing."""

from __future__ import annotations

import sys
from collections.abc import Generator
from dataclasses import replace
from typing import Any

from fumehood.engine import Action, Engine
from fumehood.text import Edit


class WrongEngine(Engine):
    """Its fixes lose an argument."""

    def finding_actions(self, *asked: Any) -> Generator[None, None, list[Action]]:
        return [_wrong(action) for action in (yield from super().finding_actions(*asked))]

    def fix_all(self, path: str, unsafe: bool = False) -> Action | None:
        action = super().fix_all(path, unsafe)
        return action and _wrong(action)


def _wrong(action: Action) -> Action:
    return replace(
        action,
        edits=_spoilt(action.edits),
        creates=tuple(replace(each, text=each.text + "#") for each in action.creates),
        rewrites=tuple(replace(each, edits=_spoilt(each.edits)) for each in action.rewrites),
    )


def _spoilt(edits: tuple[Edit, ...]) -> tuple[Edit, ...]:
    edits = tuple(edit._replace(text=edit.text.replace("users", "user")) for edit in edits)
    return (*edits[:-1], edits[-1]._replace(text=edits[-1].text + "#")) if edits else ()


def main() -> int:
    from fumehood.lsp.server import serve_stdio
    from fumehood.main import load_rules

    return serve_stdio(lambda: WrongEngine(load_rules()))


if __name__ == "__main__":
    sys.exit(main())
