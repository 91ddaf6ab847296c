"""The main job, as an editor sees it: open migrations, see squiggles, press the quick fix.

Starts the real server, opens the example migrations in it, and applies its fixes to copies in
memory. Ends with 1 when something is not as expected.
"""

from __future__ import annotations

import difflib
import sys
import time
from pathlib import Path

from client import Client, OpenFile, ServerError
from rich.console import Console
from rich.syntax import Syntax
from rich.text import Text

HERE = Path(__file__).resolve().parent
VERSIONS = HERE / "shop" / "migrations" / "versions"

# How many findings each migration has; a fix is offered for every one.
EXPECTED = {
    "2b7f01c4d9aa_the_shop_opens.py": 0,
    "5d1e8a30b6c2_find_a_customers_orders.py": 2,
    "83c0f7e2a415_products_have_suppliers.py": 1,
    "a94d62b81f07_loyalty_cards.py": 1,
    "c6e5b0943d18_orders_have_a_status.py": 1,
    "e17a3c5f902b_refunds.py": 0,
    "f03b9d7712ce_reports.py": 4,
}
_SEVERITIES = {1: ("error", "red"), 2: ("warning", "yellow"), 3: ("information", "blue")}

console = Console(highlight=False, soft_wrap=True)


def main() -> int:
    """Run the demo; 0 when all is as expected."""
    console.print("[bold]Starting the server:[/] fumehood server\n")
    client = Client([sys.executable, "-m", "fumehood", "server"], HERE.as_uri())
    try:
        # The first answer waits until the server has imported its rules; no migration is to blame.
        OpenFile(client, (HERE / "empty.py").as_uri(), "").diagnostics()
        wrong = [line for path in sorted(VERSIONS.glob("*.py")) for line in show(client, path)]
        code = client.stop()
    except ServerError as error:
        wrong, code = [str(error)], 0
    finally:
        client.kill()
    if code != 0:
        wrong.append(f"the server ended with code {code}")
    return summary(wrong)


def show(client: Client, path: Path) -> list[str]:
    """One migration: its squiggles, its fixes, its diff. Returns what is not as expected."""
    before = path.read_text(encoding="utf-8")
    started = time.perf_counter()
    file = OpenFile(client, path.as_uri(), before)
    found = file.diagnostics()
    elapsed = (time.perf_counter() - started) * 1000
    console.rule(f"[bold]{path.name}[/]  {len(found)} found, {elapsed:.0f} ms", align="left")
    for diagnostic in found:
        print_squiggle(file, diagnostic)
    titles = fix_all(file)
    if titles:
        print_diff(path.name, before, file.text.content)
    console.print()
    return [f"{path.name}: {line}" for line in unexpected(path, file, found)]


def fix_all(file: OpenFile) -> list[str]:
    """Press the quick fix on each finding in turn; the titles of what was applied."""
    titles: list[str] = []
    while found := file.diagnostics():
        action = next(filter(None, map(file.quick_fix, found)), None)
        if action is None or len(titles) > 20:
            break
        console.print(f"  [green]quick fix:[/] {action['title']}")
        titles.append(action["title"])
        file.apply(action)
    return titles


def unexpected(path: Path, file: OpenFile, found: list[dict[str, object]]) -> list[str]:
    """What is not as it should be with one migration, after its fixes."""
    wrong = []
    expected = EXPECTED.get(path.name, 0)
    if len(found) != expected:
        wrong.append(f"{len(found)} found, {expected} expected")
    if left := len(file.diagnostics()):
        wrong.append(f"{left} left after the quick fixes")
    if path.read_text(encoding="utf-8") == file.text.content and expected:
        wrong.append("the fixes changed nothing")
    compile(file.text.content, path.name, "exec")
    return wrong


def print_squiggle(file: OpenFile, diagnostic: dict) -> None:  # type: ignore[type-arg]
    """A finding under its line, as an editor shows it."""
    start, end = diagnostic["range"]["start"], diagnostic["range"]["end"]
    code = file.text.line_text(start["line"])
    name, color = _SEVERITIES[diagnostic["severity"]]
    until = end["character"] if end["line"] == start["line"] else len(code)
    line = Text(f"{start['line'] + 1:>5} │ {code}")
    line.stylize(f"underline {color}", 8 + start["character"], 8 + until)
    console.print(line)
    squiggle = " " * start["character"] + "~" * (until - start["character"])
    console.print(Text("      │ ") + Text(squiggle, style=color))
    message = Text(f"      │ {name} ", style=f"bold {color}")
    console.print(message + Text(f"{diagnostic['code']}: {diagnostic['message']}", style=color))


def print_diff(name: str, before: str, after: str) -> None:
    """What the fixes changed, in colour."""
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), name, f"{name} (fixed)", lineterm=""
    )
    console.print()
    diff = Syntax("\n".join(lines), "diff", theme="ansi_dark", background_color="default")
    console.print(diff)


def summary(wrong: list[str]) -> int:
    """The closing lines, and the exit code."""
    for line in wrong:
        console.print(f"[bold red]not as expected:[/] {line}")
    if wrong:
        return 1
    found = sum(EXPECTED.values())
    console.print(
        f"[bold green]As expected:[/] {found} findings in {len(EXPECTED)} migrations, each mended "
        "by its quick fix through the protocol. The files themselves were not touched.\n"
        "Indexes on tables that a migration itself creates were left alone: nobody uses those yet."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
