"""The group of all commands and its options."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

from geo_service.cli.session import BilingualGroup, Session

# Where each command lives: a command loads its own module only, so that `init` does not wait for the solvers.
HOMES = {
    "audit": "audit",
    "backup": "backup",
    "camera-sheet": "camera_sheet",
    "check": "compute",
    "clock": "clock",
    "coverage": "compute",
    "demo": "station",
    "doctor": "station",
    "export": "data",
    "gaps": "compute",
    "grids": "grids",
    "health": "law",
    "import": "data",
    "import-osm": "data",
    "import-terrain": "terrain",
    "init": "station",
    "jobs": "jobs",
    "law": "law",
    "map": "maps",
    "patrol": "patrol",
    "publish": "jobs",
    "restore": "backup",
    "review": "review",
    "response": "response",
    "routes": "routes",
    "serve": "station",
    "settings": "settings",
    "sites": "sites",
    "targets": "targets",
    "template": "data",
    "upgrade": "backup",
    "user": "users",
    "vary": "vary",
    "who-sees": "sight",
}


SHARED_FLAGS = ("--json", "--quiet")


class LazyGroup(BilingualGroup):
    """A group whose commands are loaded when they are asked for."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the flags that every command shares wherever they stand: ``gaps --json`` is ``--json gaps``."""
        end = args.index("--") if "--" in args else len(args)
        shared = [one for one in args[:end] if one in SHARED_FLAGS]
        return super().parse_args(
            ctx, shared + [one for one in args[:end] if one not in SHARED_FLAGS] + args[end:]
        )

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of all commands."""
        return sorted(HOMES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Return a command, or None where there is none of that name."""
        if cmd_name not in HOMES:
            return None
        home = import_module(f"geo_service.cli.{HOMES[cmd_name]}")
        return next((one for one in home.COMMANDS if one.name == cmd_name), None)


@click.group(
    cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
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
@click.version_option(package_name="geo-service", help="Show the version and exit. 显示版本后退出。")
@click.pass_context
def main(context: click.Context, folder: Path, language: str, as_json: bool, quiet: bool) -> None:
    """Plan a town's cameras and patrols, offline. 城镇监控覆盖与巡逻规划。

    Exit codes: 0 done, 1 failed, 2 bad input. 退出码：0 完成，1 失败，2 输入有误。
    """
    context.obj = Session(folder, language, as_json, quiet)
