"""Write what is generated: tables, the schema, VS Code's settings; `--check` says what is stale."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fumehood import __version__, options, pages

ROOT = Path(__file__).resolve().parents[1]


def rules() -> str:
    """The rules as a markdown table, from the front matter of their pages."""
    rows = ["| rule | what it asks for | severity | about |", "|---|---|---|---|"]
    for rule_id in pages.ids():
        fields = pages.front_matter(pages.page(rule_id))
        link = f"[{rule_id}](rules/fumehood_rules/{rule_id.replace('-', '_')}.md)"
        tags = ", ".join(fields["tags"])
        rows.append(f"| {link} | {fields['title']} | {fields['severity']} | {tags} |")
    return "\n".join(rows) + "\n"


def configuration() -> str:
    """The options of the configuration as a markdown table."""
    rows = ["| option | default | meaning |", "|---|---|---|"]
    for option in options.OPTIONS:
        default = "" if option.default is None else f"`{json.dumps(option.default)}`"
        rows.append(f"| `{option.key}` | {default} | {option.doc} |")
    return "\n".join(rows) + "\n"


def manifest(text: str) -> str:
    """The manifest of VS Code's extension, with the options as settings."""
    manifest = json.loads(text)
    manifest["version"] = __version__
    manifest["contributes"]["configuration"][1]["properties"] = {
        f"fumehood.{_setting(option.key)}": _property(option) for option in options.OPTIONS
    }
    return json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"


def _setting(key: str) -> str:
    first, *rest = key.split("-")
    return first + "".join(word.capitalize() for word in rest)


def _property(option: options.Option) -> dict[str, Any]:
    schema = option.kind.schema()
    if option.default is None:
        # VS Code would make a default of its own for what can be nothing else.
        schema = {
            **schema,
            **({"type": [schema["type"], "null"]} if "type" in schema else {}),
            **({"enum": [*schema["enum"], None]} if "enum" in schema else {}),
        }
    return {"description": option.doc, **schema, "default": option.default, "scope": "resource"}


def generated() -> Iterator[tuple[Path, str]]:
    """Each file with the text that it ought to have."""
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    for name, table in (("rules", rules()), ("options", configuration())):
        between = rf"(?<=<!-- {name} -->\n).*?(?=<!-- /{name} -->)"
        text, count = re.subn(between, lambda _, table=table: table, text, flags=re.DOTALL)
        assert count == 1, (
            f"README.md: <!-- {name} --> and <!-- /{name} --> have to stand there once"
        )
    yield readme, text
    yield ROOT / "docs" / "fumehood.schema.json", json.dumps(options.schema(), indent=2) + "\n"
    extension = ROOT / "editors" / "vscode" / "package.json"
    yield extension, manifest(extension.read_text(encoding="utf-8"))


def main(check: bool) -> int:
    """Bring all up to date; with `check`, 1 when something is not."""
    stale = [
        (path, text)
        for path, text in generated()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    for path, text in stale:
        if check:
            print(f"{path.relative_to(ROOT)} is stale; run `make format`")
        else:
            path.write_text(text, encoding="utf-8")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
