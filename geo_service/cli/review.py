"""`review`: coverage, blind spots and the law report of a town in one go, which share all that they compute."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import click

from geo_service.cli.compute import coverage_command, gaps_command
from geo_service.cli.law import law_command
from geo_service.cli.session import Session
from town_model import Text

_PARTS = {
    "coverage": (coverage_command, Text("Coverage")),
    "gaps": (gaps_command, Text("Blind spots")),
    "law": (law_command, Text("Law report")),
}


@dataclass
class _Gathering(Session):
    """A session that keeps what commands tell, in place of printing it."""

    document: dict[str, Any] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    def emit(self, document: dict[str, Any], lines: Iterable[str | Text]) -> None:
        """Keep a result."""
        self.document = document
        self.lines = [one if isinstance(one, str) else self.say(one) for one in lines]


@click.command("review")
@click.pass_context
def review_command(context: click.Context) -> None:
    """Coverage by class, blind spots with causes, critical cameras and the law report in one go. 一次算完覆盖、盲区和合规。"""
    session: Session = context.obj
    document: dict[str, Any] = {}
    lines: list[str] = []
    for name, (command, title) in _PARTS.items():
        told = _Gathering(
            session.folder, session.language, session.as_json, session.quiet, _opened=session.workspace
        )
        with command.make_context(name, [], parent=context, obj=told) as inner:
            command.invoke(inner)
        document[name] = told.document
        lines += [*([""] if lines else []), f"== {session.say(title)} ==", *told.lines]
    session.emit(document, lines)


COMMANDS = (review_command,)
