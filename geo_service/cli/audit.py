"""`audit`: the audit record on the command line, and whether it is whole."""

from __future__ import annotations

import datetime as dt

import click

from geo_service.cli.session import EXIT_FAILED, Session
from geo_service.words import action_text
from town_model import InputError, Text


@click.command("audit")
@click.option("--user", "actor", help="Only what this account did. 只看该账号。")
@click.option("--action", help="Only this action, such as log_in or export_gaps. 只看该操作。")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]), help="Not before this day. 起始日期。"
)
@click.option(
    "--limit",
    type=click.IntRange(1),
    default=100,
    show_default=True,
    help="At most so many, the newest. 最多条数。",
)
@click.option("--verify", is_flag=True, help="Check that no entry was changed or removed. 校验记录是否完整。")
@click.option(
    "--reseal",
    is_flag=True,
    help="Seal the record anew after secret.key was replaced on purpose. 主动更换 secret.key 后重新加封。",
)
@click.pass_obj
def audit_command(
    session: Session,
    actor: str | None,
    action: str | None,
    since: dt.datetime | None,
    limit: int,
    verify: bool,
    reseal: bool,
) -> None:
    """Show the audit record, or check it. 查看或校验审计记录。"""
    if verify and reseal:
        raise InputError("give either --verify or --reseal")
    if reseal:
        session.workspace.store.reseal_audit(actor=session.actor)
    if verify or reseal:
        _verify(session)
        return
    store = session.workspace.store
    store.audit(session.actor, "view_audit")
    entries = store.audit_entries(
        actor=actor, action=action, since=None if since is None else since.astimezone(), limit=limit
    )
    session.emit(
        {"entries": [vars(one) for one in entries]},
        [
            f"{one.id:>6}  {one.at.astimezone():%Y-%m-%d %H:%M:%S}  {one.actor:<16}  "
            f"{session.say(action_text(one.action))}  {one.target}  {one.address}".rstrip()
            for one in entries
        ]
        or [Text("No entry fits these filters")],
    )


def _verify(session: Session) -> None:
    store = session.workspace.store
    faults, end = store.verify_audit(), store.audit_end()
    words = "" if end is None else end.words
    lines: list[str | Text] = [*faults] or [
        Text("the audit record is whole"),
        Text.of("It ends with {end}: kept elsewhere, this shows later whether entries were lost.", end=words),
    ]
    session.emit({"ok": not faults, "end": words, "faults": [session.say(one) for one in faults]}, lines)
    if faults:
        raise click.exceptions.Exit(EXIT_FAILED)


COMMANDS = (audit_command,)
