"""Starts the real server on the fake engine: `fake_server.py [KIND [FIFO]]`.

KIND is fake, wrong (a wrong fix), broken (no engine), held (no engine before the FIFO is written)
or tcp.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))


KIND = sys.argv[1] if len(sys.argv) > 1 else "fake"


def make_engine():
    if KIND == "held":
        Path(sys.argv[2]).read_text()
    if KIND == "broken":
        raise RuntimeError("no engine today")
    print("libcst", "was" if "libcst" in sys.modules else "was not", "imported before the engine")

    import libcst  # noqa: F401 - as the real engine does
    from fake_engine import FakeEngine, WrongEngine

    return WrongEngine() if KIND == "wrong" else FakeEngine()


def main() -> int:
    from fumehood.lsp.server import serve_stdio, serve_tcp

    if KIND == "tcp":
        return serve_tcp("127.0.0.1", 0, make_engine)
    return serve_stdio(make_engine)


if __name__ == "__main__":
    sys.exit(main())
