"""Starts the real server on the fake engine: `fake_server.py [fake|wrong|broken|tcp]`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))


def make_engine():
    import libcst  # noqa: F401 - as the real engine does
    from fake_engine import FakeEngine, WrongEngine

    kind = sys.argv[1] if len(sys.argv) > 1 else "fake"
    if kind == "broken":
        raise RuntimeError("no engine today")
    print("a stray print of the engine")
    return WrongEngine() if kind == "wrong" else FakeEngine()


def main() -> int:
    from fumehood.lsp.server import serve_stdio, serve_tcp

    if sys.argv[1:] == ["tcp"]:
        return serve_tcp("127.0.0.1", 0, make_engine)
    return serve_stdio(make_engine)


if __name__ == "__main__":
    sys.exit(main())
