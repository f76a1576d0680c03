"""`settings`: each setting with its value, where that comes from, and what it means."""

from __future__ import annotations

from pathlib import Path

import click

from geo_service.cli.session import Session
from geo_service.settings import Settings
from geo_service.settings_manual import setting_lines, write_manual
from geo_service.workspace import CONFIG
from town_model import Text


@click.command("settings")
@click.option(
    "--write-manual",
    "manual",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    hidden=True,
    help="Bring the tables of the manual in this folder up to date. 更新手册中的表格。",
)
@click.pass_obj
def settings_command(session: Session, manual: Path | None) -> None:
    """Show all settings of the workspace, and check them. 显示并检查全部设置。"""
    if manual is not None:
        from geo_service.cli.main import main  # noqa: PLC0415 - it loads this module
        from geo_service.cli.manual import write_pages  # noqa: PLC0415 - slow to load, and seldom used

        write_manual(manual)
        write_pages(main, manual)
        return
    config = session.folder / CONFIG
    lines = setting_lines(Settings.load(config), config)
    shown: list[str | Text] = []
    for one in lines:
        shown.append(f"{one.name} = {one.value}   ({session.say(one.source_words)})")
        shown.append(f"    {session.say(one.help)}")
    session.emit(
        {
            "settings": [
                {"name": one.name, "value": one.value, "default": one.default, "source": one.source}
                for one in lines
            ]
        },
        shown,
    )


COMMANDS = (settings_command,)
