"""`backup`, `restore`: a workspace in one file, and back."""

from __future__ import annotations

import getpass
import sys
from datetime import datetime
from pathlib import Path

import click

from geo_service.backup import backup_workspace, restore_workspace
from geo_service.cli.session import Session
from geo_service.store.schema import newest_version
from town_model import InputError, Text

_FILE = click.Path(dir_okay=False, path_type=Path)
_PASSPHRASE = click.option(
    "--passphrase-stdin",
    is_flag=True,
    help="Read a passphrase from the input; asked for without showing it at a terminal. 从标准输入读取口令。",
)


@click.command("backup")
@click.argument("out", type=_FILE, required=False)
@_PASSPHRASE
@click.option("--overwrite", is_flag=True, help="Replace the file if it is there. 覆盖已有文件。")
@click.pass_obj
def backup_command(session: Session, out: Path | None, passphrase_stdin: bool, overwrite: bool) -> None:
    """Write the workspace into one file, also while it is in use. 备份工作区（可在使用中进行）。

    Without OUT the file goes into the folder backups of the workspace. 不给 OUT 时写入工作区的 backups 文件夹。
    """
    passphrase = _passphrase(session, twice=True) if passphrase_stdin else None
    if out is None:
        stamp = f"{datetime.now().astimezone():%Y%m%d-%H%M%S}"
        out = session.folder / "backups" / f"{stamp}{'.sealed' if passphrase else '.zip'}"
    with session.progress("Backing up") as told:
        report = backup_workspace(
            session.folder,
            out,
            passphrase=passphrase,
            overwrite=overwrite,
            actor=session.actor,
            progress=told,
        )
    session.emit(
        {
            "file": str(report.file),
            "bytes": report.size,
            "created": report.created.isoformat(),
            "schema": report.schema,
            "sealed": report.sealed,
            "members": report.members,
        },
        [
            Text.of(
                "Backup written: {file} ({size_kb} KB)", file=report.file, size_kb=-(-report.size // 1000)
            ),
            Text("Without the passphrase nobody can restore it: keep it in another place.")
            if report.sealed
            else Text("It holds everything and is not sealed: keep it where only you can read it."),
        ],
    )


@click.command("restore")
@click.argument("file", type=_FILE)
@_PASSPHRASE
@click.option(
    "--replace",
    is_flag=True,
    help="Move a workspace that is there aside; stop the service first. 移开现有工作区。",
)
@click.pass_obj
def restore_command(session: Session, file: Path, passphrase_stdin: bool, replace: bool) -> None:
    """Make the workspace from a backup, which is verified first. 从备份恢复工作区（先校验）。"""
    passphrase = _passphrase(session, twice=False) if passphrase_stdin else None
    with session.progress("Restoring") as told:
        report = restore_workspace(
            file, session.folder, passphrase=passphrase, replace=replace, actor=session.actor, progress=told
        )
    lines: list[str | Text] = [
        Text.of(
            "Restored to {folder}: {town}, {rows} rows, {accounts} accounts, as of {created}",
            folder=report.folder,
            town=report.town or "—",
            rows=report.rows,
            accounts=report.accounts,
            created=f"{report.created.astimezone():%Y-%m-%d %H:%M:%S}",
        )
    ]
    lines += report.audit_faults
    if report.set_aside is not None:
        lines.append(Text.of("The former workspace lies in {folder}", folder=report.set_aside))
    session.emit(
        {
            "folder": str(report.folder),
            "created": report.created.isoformat(),
            "town": report.town,
            "rows": report.rows,
            "accounts": report.accounts,
            "audit_faults": [session.say(one) for one in report.audit_faults],
            "set_aside": None if report.set_aside is None else str(report.set_aside),
        },
        lines,
    )


@click.command("upgrade")
@click.pass_obj
def upgrade_command(session: Session) -> None:
    """Bring the store to this version, after a backup; every other command does so, too. 升级数据库（先备份）。"""
    kept = session.workspace.update_backup
    session.emit(
        {"schema": newest_version(), "backup": None if kept is None else str(kept)},
        [Text.of("The store is of this version (schema {schema})", schema=newest_version())],
    )


def _passphrase(session: Session, *, twice: bool) -> str:
    """Return the first line of the input; at a terminal it is asked for, twice where a slip would lock a file for ever."""
    stream = sys.stdin.buffer
    if stream.isatty():
        word = getpass.getpass(session.say("Passphrase: "))
        if twice and word != getpass.getpass(session.say("Once more: ")):
            raise InputError("the two passphrases differ: start again")
    else:
        word = stream.readline().rstrip(b"\r\n").decode("utf-8", "surrogateescape")
    if not word:
        raise InputError("the input holds no passphrase")
    return word


COMMANDS = (backup_command, restore_command, upgrade_command)
