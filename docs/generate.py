"""Write what is generated: the README's tables and the schema; `--check` says what is stale."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from fumehood import options, pages

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
