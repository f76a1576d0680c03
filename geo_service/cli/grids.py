"""`grids`: figures of each cell of the grid, as a list or a workbook."""

from __future__ import annotations

from pathlib import Path

import click

from geo_service.cli.session import Session
from geo_service.edits.grid_rates import grid_rates
from geo_service.exports.cells import plain
from geo_service.exports.files import whole_file
from geo_service.exports.grids import GRID_HEADS, grids_workbook
from town_model import Text


@click.command("grids")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write an XLSX file. 写入 XLSX 文件。",
)
@click.option("--overwrite", is_flag=True, help="Replace the file if it is there. 覆盖已有文件。")
@click.pass_obj
def grids_command(session: Session, out: Path | None, overwrite: bool) -> None:
    """Count cameras, places, roads, blind spots and visits by grid cell. 按网格统计。"""
    store = session.workspace.store
    rates = grid_rates(store)
    rows = [
        {"id": int(number), **{name: plain(row[name]) for name in GRID_HEADS}}
        for number, row in zip(rates.index, rates.astype(object).to_dict("records"), strict=True)
    ]
    if out is not None:
        with whole_file(out, overwrite=overwrite) as part:
            part.write_bytes(grids_workbook(rates, session.language))
        store.audit(session.actor, "export_grids", "xlsx")
        session.emit({"file": str(out), "cells": rows}, [Text.of("Written: {file}", file=out)])
        return
    store.audit(session.actor, "view_grids")
    lines = [
        Text.of(
            "{name}: cameras {working} of {cameras}, roads seen by day {share}",
            name=one["name"],
            working=one["cameras_working"],
            cameras=one["cameras"],
            share="—" if one["roads_seen_day"] is None else f"{one['roads_seen_day']:.0%}",
        )
        for one in rows
    ]
    session.emit({"cells": rows}, lines or [Text("There are no grid cells yet")])


COMMANDS = (grids_command,)
