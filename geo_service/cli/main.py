"""The group of all commands and its options."""

from __future__ import annotations

from pathlib import Path

import click

from geo_service.cli import compute, data, maps, station
from geo_service.cli.session import BilingualGroup, Session


@click.group(
    cls=BilingualGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.option(
    "--workspace",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("town"),
    show_default=True,
    envvar="GEO_SERVICE_WORKSPACE",
    help="Folder of the station's data. 工作区文件夹。",
)
@click.option(
    "--lang",
    "language",
    type=click.Choice(["zh", "en"]),
    default="zh",
    show_default=True,
    envvar="GEO_SERVICE_LANG",
    help="Language of messages. 语言。",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document for scripts. 输出 JSON。")
@click.option("--quiet", is_flag=True, help="No progress bars. 不显示进度。")
@click.version_option(package_name="geo-service")
@click.pass_context
def main(context: click.Context, folder: Path, language: str, as_json: bool, quiet: bool) -> None:
    """Plan a town's cameras and patrols, offline. 城镇监控覆盖与巡逻规划。

    Exit codes: 0 done, 1 failed, 2 bad input.
    """
    context.obj = Session(folder, language, as_json, quiet)


for module in (station, data, compute, maps):
    for command in module.COMMANDS:
        main.add_command(command)
