"""`fumehood check`: print what is found."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fumehood.cli import report
from fumehood.cli.changed import changed_files
from fumehood.cli.formats import FORMATS, Form
from fumehood.cli.options import SEVERITIES, Choice, choice_options, paths_argument
from fumehood.cli.parts import Parts
from fumehood.cli.problems import Problems
from fumehood.cli.session import Checked, Session
from fumehood.cli.stdin import STDIN, admitted, read_stdin, stdin_option
from fumehood.workspace.source import Source

if TYPE_CHECKING:
    from fumehood.engine import Action, Published


@click.command()
@paths_argument
@click.option(
    "--output-format",
    type=click.Choice(["text", *FORMATS]),
    default="text",
    show_default=True,
    help="json: an array, one object a finding. github: annotations. gitlab: Code Quality.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "information"]),
    default="warning",
    show_default=True,
    help="The least severity of a finding that makes the exit code 1.",
)
@stdin_option
@click.option(
    "--changed-since",
    metavar="REF",
    help="Report only on files that differ from where this branch left REF, in git's words.",
)
@click.pass_obj
@choice_options
def check(
    parts: Parts,
    choice: Choice,
    *,
    paths: tuple[Path, ...],
    output_format: str,
    fail_on: str,
    stdin_filename: Path | None,
    changed_since: str | None,
) -> None:
    """Check migrations in files and in folders, by default all from here down.

    \b
    Exit code:
      0  nothing found at or above --fail-on
      1  something found
      2  wrong usage or configuration, or a named file that cannot be checked
    """
    paths = paths or (Path(),)
    only = None if changed_since is None else changed_files(changed_since, paths)
    with Problems() as problems:
        session = Session(
            parts.make_engine,
            choice.workspace(),
            problems,
            choice.jobs,
            only,
            choice.force_exclude,
            keeps=parts.keeps,
        )
        found = list(session.check(_sources(session, paths, stdin_filename)))
        problems.bar.close()
        if output_format == "text":
            worst = _print_text(session, found)
        else:
            worst = _print_for_programs(FORMATS[output_format], found)
    if problems.serious:
        sys.exit(2)
    sys.exit(1 if worst <= SEVERITIES.index(fail_on) else 0)


def _sources(
    session: Session, paths: tuple[Path, ...], stdin_filename: Path | None
) -> Iterator[Source]:
    named = [path for path in paths if path != STDIN]
    if len(named) < len(paths):
        yield from admitted(session, read_stdin(session, stdin_filename))
    yield from session.sources(named)


def _print_text(session: Session, found: Iterable[Checked]) -> int:
    """Print findings as they come, then a summary; the worst severity's index in SEVERITIES."""
    findings: list[Published] = []
    fixes: list[Action] = []
    files = 0
    for checked in found:
        files += 1
        findings += checked.findings
        fixes += checked.fixes.values()
        for finding in checked.findings:
            click.echo(report.as_text(checked, finding) + "\n")
    seen = session.seen()
    if not findings:
        click.echo(f"Checked {seen}: nothing found.")
        return len(SEVERITIES)
    click.echo(f"Found {report.counts(findings)} in {files:,} of {seen}.")
    safe = sum(action.safe for action in fixes)
    if safe:
        click.echo(f"`fumehood fix` mends {safe:,}.")
    if len(fixes) > safe:
        click.echo(f"`fumehood fix --unsafe-fixes` mends {len(fixes) - safe:,} more.")
    return min(SEVERITIES.index(str(finding.severity)) for finding in findings)


def _print_for_programs(form: Form, found: Iterable[Checked]) -> int:
    """Print findings by place, all at once; the worst severity's index in SEVERITIES."""
    findings = [finding for checked in found for finding in report.as_json(checked)]
    findings.sort(key=lambda finding: (finding["path"], finding["line"], finding["column"]))
    if written := form(findings):
        click.echo(written)
    return min(
        (SEVERITIES.index(finding["severity"]) for finding in findings), default=len(SEVERITIES)
    )
