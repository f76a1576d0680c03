"""What every command shares: the workspace, the language, plain or machine-readable output, progress, exit codes."""

from __future__ import annotations

import contextlib
import getpass
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from geo_service.i18n import say, say_error
from geo_service.progress import Progress, silent
from geo_service.store import StoredResult
from geo_service.workspace import Workspace
from town_model import InputError, Text, TownError

EXIT_FAILED = 1
EXIT_BAD_INPUT = 2
_SHOWN = 20


@dataclass
class Session:
    """One run of the command line.

    Args:
        folder: the workspace's folder.
        language: ``zh`` or ``en``.
        as_json: print one JSON document instead of sentences.
        quiet: show no progress.
    """

    folder: Path
    language: str = "zh"
    as_json: bool = False
    quiet: bool = False
    _opened: Workspace | None = field(default=None, repr=False)

    @property
    def workspace(self) -> Workspace:
        """The workspace, opened at first use."""
        if self._opened is None:
            self._opened = Workspace.open(self.folder)
            if self._opened.update_backup is not None:
                words = Text.of(
                    "The store was of an older version: it was upgraded, and lies as it was in {file}",
                    file=self._opened.update_backup,
                )
                click.echo(self.say(words), err=True)
        return self._opened

    @property
    def actor(self) -> str:
        """Who is named in the change log for what the command line does."""
        try:
            name = getpass.getuser()
        except (KeyError, OSError):
            name = "?"
        return f"cli:{name}"

    def stored(self, number: int) -> StoredResult:
        """Return a result that was computed a moment ago.

        Raises:
            TownError: it is not there.
        """
        result = self.workspace.store.result(number)
        if result is None:
            raise TownError("the result {number} was not stored", number=number)
        return result

    def say(self, template: str | Text, **params: Any) -> str:
        """Return a message in the language of the session."""
        return say(template, self.language, **params)

    def emit(self, document: dict[str, Any], lines: Iterable[str | Text]) -> None:
        """Print a result: the document as JSON with ``--json``, otherwise the lines."""
        if self.as_json:
            click.echo(json.dumps(document, ensure_ascii=False, indent=2, default=str, allow_nan=False))
            return
        for line in lines:
            click.echo(line if isinstance(line, str) else self.say(line))

    def emit_list(self, title: Text, rows: list[str]) -> list[str]:
        """Return a title and the first rows of a list, saying how many more there are; nothing for an empty list."""
        if not rows:
            return []
        more = (
            [self.say("… and {count} more (--json shows all)", count=len(rows) - _SHOWN)]
            if len(rows) > _SHOWN
            else []
        )
        return [self.say(title), *(f"  {one}" for one in rows[:_SHOWN]), *more]

    @contextlib.contextmanager
    def progress(self, template: str) -> Iterator[Progress]:
        """Show a bar on the error stream while something computes; lines instead of a bar where that is no terminal.

        Args:
            template: what is done, an English template of the catalogues.
        """
        if self.quiet or not sys.stderr.isatty():
            yield silent
            return
        with click.progressbar(
            length=1000, label=self.say(template), file=sys.stderr, item_show_func=lambda one: one or ""
        ) as bar:
            done = 0

            def told(fraction: float, words: Text) -> None:
                nonlocal done
                reached = int(1000 * min(max(fraction, 0.0), 1.0))
                if reached > done:
                    bar.update(reached - done, self.say(words))
                    done = reached

            yield told
            told(1.0, Text(""))


class BilingualGroup(click.Group):
    """A group that turns errors raised on purpose into one plain message and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; exit 2 for bad input, 1 for anything else that failed."""
        try:
            return super().invoke(ctx)
        except TownError as error:
            session = ctx.obj if isinstance(ctx.obj, Session) else Session(Path())
            words = say_error(error, session.language)
            if session.as_json:
                click.echo(json.dumps({"error": words}, ensure_ascii=False))
            for line in words:
                click.echo(session.say("Error: {words}", words=line), err=True)
            ctx.exit(EXIT_BAD_INPUT if isinstance(error, InputError) else EXIT_FAILED)
