"""Write the JSON schema of the configuration; `--check` only says if it is stale."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from fumehood import options

FILE = Path(__file__).with_name("fumehood.schema.json")


def main(arguments: list[str]) -> int:
    """Bring the schema up to date; with --check, 1 when it is not."""
    new = json.dumps(options.schema(), indent=2) + "\n"
    old = FILE.read_text(encoding="utf-8") if FILE.exists() else ""
    if "--check" in arguments and new != old:
        print(f"docs/{FILE.name} is stale; run `make format`")
        return 1
    if new != old:
        FILE.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
