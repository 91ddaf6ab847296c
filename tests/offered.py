"""What is offered for an example: worked out once, and looked at from many sides."""

from __future__ import annotations

from functools import cached_property

from fumehood.engine import Action, Published
from tests.page_cases import Case, actions_of


class Offered:
    """An example as an engine has it, and all that the engine offers for it."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.engine = case.analysed()
        self.findings = self.engine.findings(case.path)
        self.own = [each for each in self.findings if each.rule == case.rule]

    @cached_property
    def by_finding(self) -> dict[Published, list[Action]]:
        """The actions for each finding, those with further revisions and in other files too."""
        path, files = self.case.path, self.case.files
        return {
            each: actions_of(self.engine, each, follow=True, path=path, files=files)
            for each in self.findings
        }

    @cached_property
    def of_own(self) -> list[Action]:
        """The actions for findings of the example's own rule."""
        return [action for each in self.own for action in self.by_finding[each]]

    @cached_property
    def fix_all(self) -> dict[bool, Action | None]:
        """Fix-all, by whether it is to fix what is not safe."""
        path = self.case.path
        return {unsafe: self.engine.fix_all(path, unsafe=unsafe) for unsafe in (False, True)}

    @cached_property
    def actions(self) -> list[Action]:
        """All of them, fix-all at the end."""
        found = [action for each in self.by_finding.values() for action in each]
        return found + [each for each in self.fix_all.values() if each]

    @cached_property
    def within(self) -> list[Action]:
        """Those that change the example and nothing else."""
        return [each for each in self.actions if not each.creates and not each.rewrites]
