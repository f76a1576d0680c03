"""`import-terrain`: heights of the ground from a raster."""

from __future__ import annotations

from pathlib import Path

import click

from geo_service.cli.session import Session
from geo_service.terrain import import_terrain
from town_model import Text


@click.command("import-terrain")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--epsg",
    type=click.IntRange(1024, 998_999),
    help="EPSG code of its coordinate system, where the file does not say it. 坐标系代码。",
)
@click.option("--name", default="", help="What people call it; the file's name by default. 名称。")
@click.option("--source", default="", help="Where the heights come from. 高程来源。")
@click.option("--dry-run", is_flag=True, help="Show what it is, store nothing. 只检查，不入库。")
@click.pass_obj
def import_terrain_command(
    session: Session, file: Path, epsg: int | None, name: str, source: str, dry_run: bool
) -> None:
    """Import an elevation raster (GeoTIFF, .hgt, .asc). 导入地形高程栅格。"""
    workspace = session.workspace
    report = import_terrain(
        workspace.store, file, actor=session.actor, name=name, epsg=epsg, source=source,
        most_mb=workspace.settings.upload_max_mb, dry_run=dry_run,
    )  # fmt: skip
    lines: list[str | Text] = [
        Text.of(
            "Raster {name} (EPSG:{epsg}): {columns} × {rows} cells of {cell} m, {lowest} to {highest} m high",
            name=report.name,
            epsg=report.epsg,
            columns=report.columns,
            rows=report.rows,
            cell=f"{report.cell_m:g}",
            lowest=f"{report.lowest_m:.1f}",
            highest=f"{report.highest_m:.1f}",
        ),
        Text.of(
            "It knows {share} % of the town and its surroundings, and the ground under {on_it} of {cameras} cameras",
            share=f"{100 * report.known_share:.0f}",
            on_it=report.cameras_on_it,
            cameras=report.cameras,
        ),
        Text("Dry run: nothing was stored.")
        if dry_run
        else Text("Stored. Coverage and blind spots now count with it; compute them anew."),
    ]
    session.emit(report.as_dict(), lines)


COMMANDS = (import_terrain_command,)
