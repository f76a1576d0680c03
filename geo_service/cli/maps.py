"""`map`: one file that opens anywhere without a network, or a sheet of paper as PDF."""

from __future__ import annotations

from pathlib import Path

import click

from geo_service.cli.session import Session
from geo_service.mapdata import SOURCES
from geo_service.mapfile import write_town_map
from geo_service.papers import PAPERS, MapSheet, write_map_pdf
from town_model import InputError, Text


@click.command("map")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The HTML file to write. 输出的 HTML 文件。",
)
@click.option(
    "--pdf",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The PDF file to write, for paper. 输出的 PDF 文件（用于打印）。",
)
@click.option(
    "--with-sensitive",
    is_flag=True,
    help="Include cameras, gaps and police routes; watermarked and logged. 含监控、盲区和警力路线（加水印并记录）。",
)
@click.option("--overwrite", is_flag=True, help="Replace the file if it is there. 覆盖已有文件。")
@click.option("--paper", type=click.Choice(list(PAPERS)), default="a4", help="Size of the PDF. PDF 纸张。")
@click.option("--portrait", is_flag=True, help="Long side upright (PDF). PDF 竖向。")
@click.option("--title", default="", help="Title of the PDF. PDF 标题。")
@click.option(
    "--scale", type=float, help="n of 1:n (PDF); by default the whole town. PDF 比例尺分母，默认全镇。"
)
@click.option(
    "--layers", default="", help="Layers of the PDF, by key, separated by commas. PDF 图层，用逗号分隔。"
)
@click.pass_obj
def map_command(
    session: Session,
    out: Path | None,
    pdf: Path | None,
    with_sensitive: bool,
    overwrite: bool,
    paper: str,
    portrait: bool,
    title: str,
    scale: float | None,
    layers: str,
) -> None:
    """Write the town's map as one stand-alone file, or as a PDF. 导出单文件地图或 PDF。"""
    if (out is None) == (pdf is None):
        raise InputError("name one file to write: --out for a page, --pdf for paper")
    store = session.workspace.store
    if pdf is not None:
        keys = tuple(one.strip() for one in layers.split(",") if one.strip())
        made = write_map_pdf(
            store,
            pdf,
            MapSheet(paper=paper, landscape=not portrait, title=title, layers=keys, scale=scale),
            language=session.language,
            permissions={one.permission for one in SOURCES.values() if with_sensitive or not one.sensitive},
            user=session.actor,
            overwrite=overwrite,
        )
        size_kb = pdf.stat().st_size // 1024
        session.emit(
            {"file": str(pdf), "size_kb": size_kb, "scale": made.frame.scale, "layers": list(made.layers)},
            [Text.of("Map written: {file} ({size_kb} KB)", file=pdf, size_kb=size_kb)],
        )
        return
    if out is None:
        return
    write_town_map(
        store,
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
