"""`template`, `import`, `import-osm`, `export`: files in and out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from geo_service.cli.session import EXIT_BAD_INPUT, Session
from geo_service.exports import export_layer
from geo_service.exports.frames import FRAMES
from geo_service.exports.results import KIND_TITLES, export_result
from geo_service.imports import ReadLimits, faults_workbook, import_file, layer_manual, template_workbook
from geo_service.imports.osm import import_osm
from town_model import LAYERS, InputError, Text, layer

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("template")
@click.argument("layer_name", metavar="LAYER", required=False)
@click.option("--out", type=_FILE, help="File to write; LAYER.xlsx by default. 输出文件。")
@click.option(
    "--manual",
    is_flag=True,
    help="Write the columns of all layers as a page instead. 导出全部图层的字段说明。",
)
@click.option("--overwrite", is_flag=True, help="Replace the file if it is there. 覆盖已有文件。")
@click.pass_obj
def template_command(
    session: Session, layer_name: str | None, out: Path | None, manual: bool, overwrite: bool
) -> None:
    """Write an import template with drop-downs. 导出带下拉选项的导入模板。"""
    if manual:
        path = out or Path("layers.md")
        _write(path, layer_manual(session.language).encode(), overwrite=overwrite)
        session.emit(
            {"file": str(path), "layers": len(LAYERS)},
            [Text.of("Columns of all layers written: {file}", file=path)],
        )
        return
    if layer_name is None:
        raise InputError("name a layer, one of {known}", known=", ".join(LAYERS))
    book = template_workbook(layer(layer_name).name, language=session.language)
    path = out or Path(f"{layer_name}.xlsx")
    _write(path, book, overwrite=overwrite)
    session.emit({"file": str(path), "layer": layer_name}, [Text.of("Template written: {file}", file=path)])


@click.command("import")
@click.argument("layer_name", metavar="LAYER")
@click.argument("file", type=_FILE)
@click.option(
    "--datum", help="wgs84, cgcs2000, gcj02, bd09 or an EPSG code; a file that carries its own wins. 坐标系。"
)
@click.option(
    "--columns",
    help="OURS=THEIRS,… where the headers are not understood; OURS= leaves a column out. 列对应关系。",
)
@click.option("--sheet", help="Sheet of a workbook, or layer of a GeoPackage. 工作表。")
@click.option(
    "--dry-run", is_flag=True, help="Show all faults and positions, store nothing. 只检查，不入库。"
)
@click.option(
    "--refuse-faulty", is_flag=True, help="Store nothing if any row is refused. 有错误行则全部不入库。"
)
@click.option(
    "--faults-out",
    type=_FILE,
    help="Write a copy of the workbook with the faulty cells marked. 导出标出错误的表格。",
)
@click.option("--overwrite", is_flag=True, help="Replace the file of --faults-out. 覆盖已有文件。")
@click.pass_obj
def import_command(
    session: Session, layer_name: str, file: Path, datum: str | None, columns: str | None, sheet: str | None,
    dry_run: bool, refuse_faulty: bool, faults_out: Path | None, overwrite: bool,
) -> None:  # fmt: skip
    """Import a ledger or a map file into a layer. 导入台账或矢量文件。"""
    name = layer(layer_name).name
    store, settings = session.workspace.store, session.workspace.settings
    limits = ReadLimits(
        file_mb=settings.upload_max_mb, memory_mb=settings.import_memory_mb, rows=settings.import_max_rows,
        cpu_s=settings.import_seconds, wall_s=settings.import_seconds,
    )  # fmt: skip
    report = import_file(
        store, file, name, datum=datum, columns=_mapping(columns), sheet=sheet, actor=session.actor,
        dry_run=dry_run, faulty_rows="refuse" if refuse_faulty else "skip", limits=limits,
    )  # fmt: skip
    if faults_out is not None:
        _write(faults_out, faults_workbook(file, report.faults, session.language), overwrite=overwrite)
    lines: list[str | Text] = [report.summary(session.language)]
    lines += session.emit_list(Text("Faults:"), [one.say(session.language) for one in report.faults])
    if faults_out is not None:
        lines.append(Text.of("Workbook with the faulty cells marked: {file}", file=faults_out))
    session.emit(report.as_dict(session.language, positions=dry_run), lines)
    if not report.stored and not dry_run:
        raise click.exceptions.Exit(EXIT_BAD_INPUT)


def _mapping(words: str | None) -> dict[str, str] | None:
    if not words:
        return None
    pairs = {}
    for part in words.split(","):
        ours, equals, theirs = part.partition("=")
        if not equals or not ours.strip():
            raise InputError("--columns wants OURS=THEIRS,… and {part!r} is not of that form", part=part)
        pairs[ours.strip()] = theirs.strip()
    return pairs


@click.command("import-osm")
@click.argument("file", type=_FILE)
@click.option(
    "--accept-proposals",
    is_flag=True,
    help="Accept all proposed key areas and housing zones. 接受全部建议的重点区域和居住区。",
)
@click.pass_obj
def import_osm_command(session: Session, file: Path, accept_proposals: bool) -> None:
    """Import roads, buildings and proposals from an OpenStreetMap file. 导入 OpenStreetMap 文件。"""
    with session.progress("Importing the map") as told:
        report = import_osm(
            session.workspace.store,
            file,
            actor=session.actor,
            accept_proposals=accept_proposals,
            progress=told,
        )
    session.emit(report.as_dict(), report.summary())


@click.command("export")
@click.argument("layer_name", metavar="WHAT")
@click.argument("file", type=_FILE)
@click.option("--frame", "frames", multiple=True, help="Only this table of a result. 只导出结果中的这张表。")
@click.option(
    "--names", is_flag=True, help="Stored names and codes of a result, for scripts. 结果用内部栏目名和代码。"
)
@click.option(
    "--where",
    "filters",
    multiple=True,
    help="Only rows of a layer with column=value. 只导出符合 栏目=值 的行。",
)
@click.option("--overwrite", is_flag=True, help="Replace the file if it is there. 覆盖已有文件。")
@click.pass_obj
def export_command(
    session: Session,
    layer_name: str,
    file: Path,
    frames: tuple[str, ...],
    names: bool,
    filters: tuple[str, ...],
    overwrite: bool,
) -> None:
    """Export a layer, or a result (coverage, gaps, exposure, health, clock): .xlsx .csv .geojson .gpkg .kml. 导出图层或计算结果。"""
    if layer_name in FRAMES:
        if filters:
            raise InputError("a result has no columns to filter by: leave out --where")
        size = export_result(
            session.workspace.store, layer_name, file, frames=frames, language=session.language, names=names, overwrite=overwrite,
            actor=session.actor,
        )  # fmt: skip
        size_kb = -(-size // 1024)
        session.emit(
            {"file": str(file), "result": layer_name, "size_kb": size_kb},
            [
                Text.of(
                    "{kind} written to {file} ({size_kb} KB)",
                    kind=KIND_TITLES[layer_name],
                    file=file,
                    size_kb=size_kb,
                )
            ],
        )
        return
    name = layer(layer_name).name
    if frames or names:
        raise InputError("a layer holds no result tables: leave out --frame and --names")
    rows = export_layer(
        session.workspace.store,
        name,
        file,
        language=session.language,
        where=_where(filters),
        overwrite=overwrite,
        actor=session.actor,
    )
    document: dict[str, Any] = {"file": str(file), "layer": layer_name, "rows": rows}
    session.emit(document, [Text.of("{rows} rows written to {file}", rows=rows, file=file)])


def _where(filters: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for one in filters:
        column, sign, value = one.partition("=")
        if not sign or not column:
            raise InputError(
                "write a filter as column=value, such as status=planned, not {value!r}", value=one
            )
        found[column.strip()] = value.strip()
    return found


def _write(path: Path, content: bytes, *, overwrite: bool) -> None:
    if path.exists() and not overwrite:
        raise InputError("{file} is there already: name another file, or add --overwrite", file=path)
    try:
        path.write_bytes(content)
    except OSError as error:
        raise InputError(
            "{file} cannot be written: {reason}", file=path, reason=error.strerror or str(error)
        ) from error


COMMANDS = (template_command, import_command, import_osm_command, export_command)
