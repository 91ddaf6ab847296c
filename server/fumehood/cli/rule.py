"""`fumehood rule`: the rules and their pages."""

from __future__ import annotations

import sys

import click

from fumehood import pages
from fumehood.cli.options import no_rule


@click.command()
@click.argument("rule_id", metavar="[ID]", required=False)
def rule(rule_id: str | None) -> None:
    """Show a rule's page; without ID, list the rules.

    On a terminal the page is laid out, elsewhere it is Markdown.
    """
    known = pages.ids()
    if rule_id is None:
        _print_list(known)
        return
    if rule_id not in known:
        raise click.BadParameter(no_rule(rule_id, known), param_hint="'ID'")
    _print_page(rule_id)


def _print_list(known: list[str]) -> None:
    for rule_id in known:
        fields = pages.front_matter(pages.page(rule_id))
        click.echo(f"{rule_id:<36} {fields['severity']:<12} {fields['title']}")


def _print_page(rule_id: str) -> None:
    fields = pages.front_matter(pages.page(rule_id))
    title = f"`{rule_id}`, {fields['severity']} (impact: {fields['impact']})"
    text = f"{title}\n\n{pages.shown(rule_id)}"
    if not sys.stdout.isatty():
        click.echo(text)  # whoever reads it reads Markdown
        return
    # rich takes 0.1 s to import, and no other command needs it.
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console()
    console.print(Markdown(text), width=min(console.width, 100))
