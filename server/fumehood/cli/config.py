"""`fumehood config`: the settings in force, and who says so."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from fumehood.cli.problems import Problems, printable
from fumehood.cli.report import shown_path, well_formed
from fumehood.options import ConfigProblem
from fumehood.workspace.settings import Setting
from fumehood.workspace.workspace import Workspace


@click.command()
@click.argument("path", default=".", type=click.Path(path_type=Path))
@click.option(
    "--output-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="json: one object.",
)
def config(path: Path, output_format: str) -> None:
    """Show the settings for a file or for the files in a folder, and where each comes from.

    \b
    Exit code:
      0  the configuration is in order
      2  it is wrong, and not in force
    """
    with Problems() as shown:
        workspace = Workspace()
        # The settings of a folder are those of a file in it, of whatever name.
        file = path / "_" if path.is_dir() else path
        settings, used = workspace.origins(file), workspace.config_file(file)
        not_checked = None if path.is_dir() else _not_checked(workspace, file)
        for _ in workspace.search():
            pass
        problems = [each for found in workspace.problems().values() for each in found]
        if output_format == "json":
            _print_json(settings, used, not_checked, problems)
        else:
            _print_table(settings, used, not_checked)
        for problem in problems:
            shown.say(printable(str(problem)))
    if any(problem.severity == "error" for problem in problems):
        sys.exit(2)


def _not_checked(workspace: Workspace, file: Path) -> str | None:
    """Why nothing is found in a file."""
    if workspace.excludes(file):
        return "excluded"
    return None if workspace.around(file).settings.checked else "at or before start-after"


def _print_table(settings: list[Setting], used: Path | None, not_checked: str | None) -> None:
    name = printable(shown_path(used)) if used else "none; all is as it is by default"
    click.echo(f"Configuration: {name}")
    if not_checked:
        click.echo(f"This file is not checked: {not_checked}.")
    rows = [(each.key, _literal(each.value), printable(each.origin)) for each in settings]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    click.echo()
    for key, value, origin in rows:
        click.echo(f"{key:<{widths[0]}}  {value:<{widths[1]}}  {origin}")


def _literal(value: object) -> str:
    return "-" if value is None else printable(json.dumps(value, ensure_ascii=False))


def _print_json(
    settings: list[Setting],
    used: Path | None,
    not_checked: str | None,
    problems: list[ConfigProblem],
) -> None:
    click.echo(
        json.dumps(
            {
                "config_file": well_formed(shown_path(used)) if used else None,
                "not_checked": not_checked,
                "settings": {
                    each.key: {"value": each.value, "origin": well_formed(each.origin)}
                    for each in settings
                },
                "problems": [
                    {
                        "path": well_formed(shown_path(problem.path)),
                        "line": problem.line,
                        "column": problem.column,
                        "key": problem.key or None,
                        "severity": problem.severity,
                        "message": problem.message,
                    }
                    for problem in problems
                ],
            },
            indent=2,
        )
    )
