"""`camera-sheet`: sheets of cameras as PDF, one page of A4 each."""

from __future__ import annotations

from pathlib import Path

import click

from geo_service.analysis.camera_views import ViewChoice
from geo_service.cli.session import Session
from geo_service.papers.camera_facts import DATUMS
from geo_service.papers.camera_sheet import SheetOptions, write_camera_sheets
from town_model import InputError, Text


@click.command("camera-sheet")
@click.argument("ids", nargs=-1, type=click.IntRange(1))
@click.option("--all", "every", is_flag=True, help="All cameras but removed ones. 全部点位（已拆除的除外）。")
@click.option(
    "-o",
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The PDF file. PDF 文件。",
)
@click.option(
    "--datum",
    type=click.Choice(DATUMS),
    default="wgs84",
    show_default=True,
    help="Datum of positions. 坐标基准。",
)
@click.option("--night", is_flag=True, help="Plan and section by night. 按夜间绘制。")
@click.option(
    "--bearing", type=click.FloatRange(0, 360), help="True azimuth of the section. 剖面的真方位角。"
)
@click.option(
    "--target-height",
    type=click.FloatRange(0, 50),
    help="Height that must be seen, in metres. 目标高度（米）。",
)
@click.option("--overwrite", is_flag=True, help="Replace the file if it is there. 覆盖已有文件。")
@click.pass_obj
def camera_sheet_command(
    session: Session,
    ids: tuple[int, ...],
    every: bool,
    out: Path,
    datum: str,
    night: bool,
    bearing: float | None,
    target_height: float | None,
    overwrite: bool,
) -> None:
    """Print the sheets of cameras, by their row ids. 打印点位卡片。"""
    if bool(ids) == every:
        raise InputError("name the cameras by their row ids, or add --all")
    choice = ViewChoice(light="night" if night else "day", bearing_deg=bearing, target_height_m=target_height)
    with session.progress("Drawing the sheets") as told:
        pages = write_camera_sheets(
            session.workspace.store,
            out,
            None if every else list(ids),
            options=SheetOptions(language=session.language, datum=datum, choice=choice, user=session.actor),
            overwrite=overwrite,
            progress=told,
        )
    size_kb = out.stat().st_size // 1024
    session.emit(
        {"file": str(out), "pages": pages, "size_kb": size_kb},
        [Text.of("{pages} sheets written to {file} ({size_kb} KB)", pages=pages, file=out, size_kb=size_kb)],
    )


COMMANDS = (camera_sheet_command,)
