"""Write the table of rules into a page, between its markers; `--check` only says if it is stale."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from fumehood import pages

_TABLE = re.compile(r"(?<=<!-- rules -->\n).*?(?=<!-- /rules -->)", re.DOTALL)


def table() -> str:
    """The rules as a markdown table, from the front matter of their pages."""
    rows = ["| rule | what it asks for | severity | about |", "|---|---|---|---|"]
    for rule_id in pages.ids():
        fields = pages.front_matter(pages.page(rule_id))
        link = f"[{rule_id}](rules/fumehood_rules/{rule_id.replace('-', '_')}.md)"
        tags = ", ".join(fields["tags"])
        rows.append(f"| {link} | {fields['title']} | {fields['severity']} | {tags} |")
    return "\n".join(rows) + "\n"


def main(arguments: list[str]) -> int:
    """Bring the page named last up to date; 1 when it is stale or has no markers."""
    page = Path(arguments[-1])
    old = page.read_text(encoding="utf-8")
    new, found = _TABLE.subn(lambda _: table(), old)
    if not found:
        print(f"{page}: the markers <!-- rules --> and <!-- /rules --> are missing")
        return 1
    if "--check" in arguments and new != old:
        print(f"{page}: its table of rules is stale; run `make format`")
        return 1
    if new != old:
        page.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
