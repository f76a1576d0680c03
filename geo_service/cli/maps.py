"""`map`: one file that opens anywhere without a network."""

from __future__ import annotations

from pathlib import Path

import click

from geo_service.cli.session import Session
from geo_service.mapfile import write_town_map
from town_model import Text


@click.command("map")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The HTML file to write. 输出的 HTML 文件。",
)
@click.option(
    "--with-sensitive",
    is_flag=True,
    help="Include cameras, gaps and police routes; watermarked and logged. 含监控、盲区和警力路线(加水印并记录)。",
)
@click.option("--overwrite", is_flag=True, help="Replace the file if it is there. 覆盖已有文件。")
@click.pass_obj
def map_command(session: Session, out: Path, with_sensitive: bool, overwrite: bool) -> None:
    """Write the town's map as one stand-alone file. 导出单文件地图。"""
    write_town_map(
        session.workspace.store,
        out,
        language=session.language,
        with_sensitive=with_sensitive,
        user=session.actor,
        overwrite=overwrite,
    )
    size_kb = out.stat().st_size // 1024
    session.emit(
        {"file": str(out), "size_kb": size_kb, "with_sensitive": with_sensitive},
        [Text.of("Map written: {file} ({size_kb} KB)", file=out, size_kb=size_kb)],
    )


COMMANDS = (map_command,)
