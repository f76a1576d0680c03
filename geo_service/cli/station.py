"""`demo`, `init`, `serve`, `doctor`: a station's workspace and its service."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click

from geo_service.accounts import Accounts
from geo_service.claim import claim
from geo_service.cli.session import EXIT_FAILED, Session
from geo_service.cli.users import ROLE_TEXTS
from geo_service.workspace import DATABASE, Workspace
from town_model import InputError, Text


@click.command("init")
@click.option("--name", default="", help="Name of the town. 镇名。")
@click.pass_obj
def init_command(session: Session, name: str) -> None:
    """Make an empty workspace. 新建工作区。"""
    with Workspace.create(session.folder, name=name, language=session.language) as workspace:
        session.emit(
            {"folder": str(workspace.folder), "name": name},
            [
                Text.of("Workspace made: {folder}", folder=workspace.folder),
                Text("Next: geo-service import-osm FILE, then import camera_sites LEDGER --datum gcj02"),
            ],
        )


@click.command("demo")
@click.option("--host", help="Address to listen on. 监听地址。")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on. 端口。")
@click.option("--no-serve", is_flag=True, help="Only make and analyse it. 只生成，不启动服务。")
@click.pass_obj
def demo_command(session: Session, host: str | None, port: int | None, no_serve: bool) -> None:
    """Make, analyse and serve the fictional sample town. 生成并打开示例镇。"""
    from geo_service.demo import prepare_demo  # noqa: PLC0415 - slow to load, and only this command needs it

    with session.progress("Preparing the sample town") as told:
        workspace, log_ins = prepare_demo(session.folder, language=session.language, progress=told)
    store = workspace.store
    counts = {
        one: store.count(one) for one in ("buildings", "roads", "camera_sites", "key_areas", "villages")
    }
    lines: list[str | Text] = [
        Text.of(
            "{town}: {buildings} buildings, {roads} roads, {cameras} cameras, {areas} key areas",
            town=store.town.name,
            buildings=counts["buildings"],
            roads=counts["roads"],
            cameras=counts["camera_sites"],
            areas=counts["key_areas"],
        ),
        Text("Log-ins (for this sample town only):"),
        *(f"  {one.name:<10} {one.password}   {session.say(ROLE_TEXTS[one.role])}" for one in log_ins),
    ]
    document: dict[str, Any] = {
        "town": store.town.name,
        "folder": str(workspace.folder),
        "counts": counts,
        "log_ins": [vars(one) for one in log_ins],
    }
    if no_serve:
        session.emit(document, lines)
        return
    _serve(session, workspace, host, port, document, lines)


@click.command("serve")
@click.option("--host", help="Address to listen on; the setting by default. 监听地址。")
@click.option(
    "--port", type=click.IntRange(1, 65535), help="Port to listen on; the setting by default. 端口。"
)
@click.pass_obj
def serve_command(session: Session, host: str | None, port: int | None) -> None:
    """Serve the pages. 启动网页服务。"""
    workspace = session.workspace
    lines: list[str | Text] = []
    if not Accounts(workspace.store, workspace.settings).users():
        lines.append(Text("There is no account yet: geo-service user add NAME --role admin"))
    _serve(session, workspace, host, port, {"folder": str(workspace.folder)}, lines)


def _serve(
    session: Session,
    workspace: Workspace,
    host: str | None,
    port: int | None,
    document: dict[str, Any],
    lines: list[str | Text],
) -> None:
    from geo_service.serving import run_service  # noqa: PLC0415 - Flask is slow to load, and few commands need it
    from geo_service.web.server import make_server  # noqa: PLC0415

    host, port = host or workspace.settings.host, port or workspace.settings.port
    with workspace, claim(workspace.folder) as alone:
        if not alone:
            lines = [
                *lines,
                Text("Another server serves this workspace already: two compute everything twice"),
            ]
        server = _server(make_server, workspace, host, port)
        address = f"{server.scheme}://{f'[{host}]' if ':' in host else host}:{port}/"
        session.emit(
            {**document, "address": address, "alone": alone},
            [*lines, Text.of("Serving at {address} (stop with Ctrl+C)", address=address)],
        )
        sys.stdout.flush()
        run_service(workspace, server)


def _server(make: Callable[..., Any], workspace: Workspace, host: str, port: int) -> Any:
    try:
        return make(workspace, host, port)
    except OSError as error:
        raise InputError(
            "cannot listen on {host}:{port} ({reason}): choose another --port, or stop the program that uses it",
            host=host, port=port, reason=error.strerror or str(error),
        ) from error  # fmt: skip


@click.command("doctor")
@click.option(
    "--repair",
    "mend",
    is_flag=True,
    help="First mend spatial indexes and permissions; nothing is lost. 先修复空间索引和文件权限。",
)
@click.pass_obj
def doctor_command(session: Session, mend: bool) -> None:
    """Check the installation and the workspace. 检查安装和工作区。"""
    from geo_service.doctor import examine  # noqa: PLC0415 - looks at every package
    from geo_service.health_checks import repair  # noqa: PLC0415

    folder = session.folder if (session.folder / DATABASE).exists() else None
    mended = repair(session.folder, actor=session.actor) if mend else []
    checks = examine(folder)
    lines: list[str | Text] = [
        *mended,
        *(f"{'✓' if one.ok else '✗'} {session.say(one.words)}" for one in checks),
    ]
    if folder is None:
        lines.append(
            Text.of("no workspace at {folder}: only the installation was checked", folder=session.folder)
        )
    sound = all(one.ok for one in checks)
    session.emit(
        {
            "ok": sound,
            "repaired": [session.say(one) for one in mended],
            "checks": [{"name": one.name, "ok": one.ok, "words": session.say(one.words)} for one in checks],
        },
        lines,
    )
    if not sound:
        raise click.exceptions.Exit(EXIT_FAILED)


COMMANDS = (init_command, demo_command, serve_command, doctor_command)
