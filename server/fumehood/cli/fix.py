"""`fumehood fix`: rewrite what is found."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import click

from fumehood.cli import report
from fumehood.cli.diff import echo_diff
from fumehood.cli.options import Choice, choice_options, paths_argument
from fumehood.cli.parts import Parts
from fumehood.cli.problems import Problems
from fumehood.cli.session import Checked, Fixed, Session
from fumehood.cli.write import write
from fumehood.workspace.source import SourceError


@click.command()
@paths_argument
@click.option("--diff", is_flag=True, help="Print what would change, and write nothing.")
@click.option(
    "--unsafe-fixes", is_flag=True, help="Also apply fixes that someone should look at first."
)
@click.pass_obj
@choice_options
def fix(
    parts: Parts,
    choice: Choice,
    *,
    paths: tuple[Path, ...],
    diff: bool,
    unsafe_fixes: bool,
) -> None:
    """Apply the safe fixes to migrations in files and in folders, by default all from here down.

    \b
    Exit code:
      0  nothing is left to fix
      1  something is left; with --diff, also what the diff would fix
      2  wrong usage or configuration, or a named file that cannot be fixed
    """
    with Problems() as problems:
        session = Session(
            parts.make_engine,
            choice.workspace(),
            problems,
            choice.jobs,
            force_exclude=choice.force_exclude,
        )
        found = session.fix(session.sources(paths or (Path(),)), unsafe_fixes)
        outcome = _print_diffs(session, found) if diff else _write_all(session, found)
        problems.bar.close()
        # With --diff, standard output is the patch and nothing else.
        click.echo(outcome.summary(session, diff, unsafe_fixes), err=diff)
    if problems.serious:
        sys.exit(2)
    sys.exit(1 if outcome.left or (diff and outcome.gone) else 0)


@dataclass
class _Outcome:
    gone: int = 0
    files: int = 0
    left: list[Checked] = field(default_factory=list)

    def add(self, fixed: Fixed) -> None:
        self.gone += fixed.gone
        self.files += fixed.text != fixed.source.text
        if fixed.left.findings:
            self.left.append(fixed.left)

    def summary(self, session: Session, diff: bool, unsafe: bool) -> str:
        """What was done, and what is left with what can be done about it."""
        fixed = f"{report.number(self.gone, 'finding')} in {report.number(self.files, 'file')}"
        lines = [f"{'Would fix' if diff else 'Fixed'} {fixed}."]
        if not self.gone:
            lines = [f"Checked {session.seen()}: nothing to fix."]
        if self.left:
            lines.append(self._left(unsafe))
        return "\n".join(lines)

    def _left(self, unsafe: bool) -> str:
        findings = [finding for checked in self.left for finding in checked.findings]
        offered = 0 if unsafe else sum(len(checked.fixes) for checked in self.left)
        ways = [
            f"{offered} with --unsafe-fixes" if offered else "",
            f"{len(findings) - offered} by hand" if len(findings) > offered else "",
        ]
        how = ", ".join(way for way in ways if way)
        return f"Left: {report.counts(findings)}; to fix {how} (`fumehood check` shows them)."


def _print_diffs(session: Session, found: Iterable[Fixed]) -> _Outcome:
    outcome = _Outcome()
    found = list(found)
    session.problems.bar.close()
    for fixed in found:
        outcome.add(fixed)
        if fixed.text != fixed.source.text:
            echo_diff(fixed.source, fixed.text)
    return outcome


def _write_all(session: Session, found: Iterable[Fixed]) -> _Outcome:
    outcome = _Outcome()
    for fixed in found:
        try:
            if fixed.text != fixed.source.text:
                write(fixed.source, fixed.text)
        except SourceError as error:
            session.problems.skip(error)
            continue
        outcome.add(fixed)
    return outcome
