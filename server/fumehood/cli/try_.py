"""`fumehood try`: what fumehood would say about a project, without touching it."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fumehood.cli import report
from fumehood.cli.diff import echo_diff
from fumehood.cli.options import SEVERITIES, Choice
from fumehood.cli.parts import Parts
from fumehood.cli.problems import Problems
from fumehood.cli.session import Checked, Session
from fumehood.text import applied

if TYPE_CHECKING:
    from fumehood.engine import Published

_SHOWN = 5


@click.command("try")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.pass_obj
def try_(parts: Parts, folder: Path) -> None:
    """Show what would be found and fixed in a project. Writes nothing.

    Prints a count for each rule, then the five worst findings, each with the diff that fixes it.
    """
    with Problems() as problems:
        session = Session(parts.make_engine, Choice().workspace(), problems)
        found = list(session.check(session.sources([folder.expanduser()])))
        problems.bar.close()
        findings = [(checked, finding) for checked in found for finding in checked.findings]
        _print_counts(session, findings)
        findings.sort(key=lambda pair: SEVERITIES.index(str(pair[1].severity)))
        for checked, finding in findings[:_SHOWN]:
            _print_finding(checked, finding)
    sys.exit(2 if problems.serious else 0)


def _print_counts(session: Session, findings: list[tuple[Checked, Published]]) -> None:
    click.echo(f"Checked {session.seen()}; nothing is written.\n")
    if not findings:
        click.echo("Nothing found.")
        return
    found = Counter((finding.rule, str(finding.severity)) for _, finding in findings)
    width = max(len(rule) for rule, _ in found)
    for (rule, severity), count in sorted(found.items(), key=_worst_first):
        label = click.style(f"{severity:<11}", fg=report.COLORS[severity])
        click.echo(f"  {rule:<{width}}  {label}  {count:>6,}")
    shown = min(_SHOWN, len(findings))
    click.echo(f"\nThe worst {shown} of {report.number(len(findings), 'finding')}:\n")


def _worst_first(item: tuple[tuple[str, str], int]) -> tuple[int, str]:
    (rule, severity), _ = item
    return SEVERITIES.index(severity), rule


def _print_finding(checked: Checked, finding: Published) -> None:
    click.echo(report.as_text(checked, finding))
    fix = checked.fixes.get(finding)
    if fix is None:
        click.echo("  no fix is offered: it takes a decision\n")
        return
    echo_diff(checked.source, applied(checked.text.content, fix.edits))
    click.echo()
