"""`demo`, `init`, `serve`, `user`, `doctor`: a station's workspace and its service."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable
from typing import Any

import click

from geo_service.accounts import ROLES, Accounts
from geo_service.accounts.tokens import SCOPES, Tokens
from geo_service.claim import claim
from geo_service.cli.session import EXIT_FAILED, Session
from geo_service.workspace import DATABASE, Workspace
from town_model import InputError, Text

ROLE_TEXTS = {
    "admin": Text("administrator"),
    "planner": Text("planner"),
    "inspector": Text("inspector"),
    "cadre": Text("village or unit cadre"),
}


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
@click.option("--no-serve", is_flag=True, help="Only make and analyse it. 只生成,不启动服务。")
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
            lines = [*lines, Text("Another server serves this workspace already: two compute everything twice")]
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


_PASSWORD = click.option(
    "--password",
    help="Password; made at random when absent. Others may read it in the list of processes: better --password-stdin. 密码,不给则自动生成。",
)
_PASSWORD_STDIN = click.option(
    "--password-stdin",
    is_flag=True,
    help="Read the password from the input; asked for without showing it at a terminal. 从标准输入读取密码。",
)


def _password(given: str | None, *, from_stdin: bool) -> str | None:
    """Return the password of the command line, or of the first line of the input; None makes one at random."""
    if not from_stdin:
        return given
    if given is not None:
        raise InputError("give either --password or --password-stdin")
    stream = sys.stdin
    word = getpass.getpass() if stream.isatty() else stream.readline().rstrip("\r\n")
    if not word:
        raise InputError("the input holds no password")
    return word


@click.group("user")
def user_group() -> None:
    """Accounts: add, list, change. 账号。"""


@user_group.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What the account may do. 角色。")
@click.option(
    "--village", "villages", multiple=True, help="Village of a cadre; may be given again. 所属村,可多次给出。"
)
@click.option(
    "--unit", "units", multiple=True, help="Patrol unit of a cadre; may be given again. 所属巡逻力量。"
)
@_PASSWORD
@_PASSWORD_STDIN
@click.pass_obj
def user_add(
    session: Session,
    name: str,
    role: str,
    villages: tuple[str, ...],
    units: tuple[str, ...],
    password: str | None,
    password_stdin: bool,
) -> None:
    """Add an account named after a post. 新增账号(用岗位命名)。"""
    workspace, password = session.workspace, _password(password, from_stdin=password_stdin)
    user, given = Accounts(workspace.store, workspace.settings).create_user(
        name, role=role, password=password, villages=_rows(workspace, "villages", villages), units=_rows(workspace, "patrol_units", units),
        actor=session.actor,
    )  # fmt: skip
    shown = Text("the one you gave") if password else given
    session.emit(
        {"name": user.name, "role": role, "password": None if password else given},
        [
            Text.of(
                "Account {name} ({role}) added; password: {password}",
                name=user.name,
                role=ROLE_TEXTS[role],
                password=shown,
            )
        ],
    )


@user_group.command("list")
@click.pass_obj
def user_list(session: Session) -> None:
    """List the accounts. 列出账号。"""
    workspace = session.workspace
    users = Accounts(workspace.store, workspace.settings).users()
    document = {
        "users": [
            {
                "name": one.name,
                "role": one.role,
                "active": one.active,
                "villages": one.villages,
                "units": one.units,
            }
            for one in users
        ]
    }
    lines: list[str | Text] = [
        f"{one.name:<16} {session.say(ROLE_TEXTS[one.role])}"
        + ("" if one.active else f"  {session.say('disabled')}")
        for one in users
    ]
    session.emit(document, lines or [Text("There is no account yet: geo-service user add NAME --role admin")])


@user_group.command("password")
@click.argument("name")
@_PASSWORD
@_PASSWORD_STDIN
@click.pass_obj
def user_password(session: Session, name: str, password: str | None, password_stdin: bool) -> None:
    """Give an account a new password; its sessions end. 重设密码。"""
    workspace, password = session.workspace, _password(password, from_stdin=password_stdin)
    given = Accounts(workspace.store, workspace.settings).set_password(name, password, actor=session.actor)
    shown = Text("the one you gave") if password else given
    session.emit(
        {"name": name, "password": None if password else given},
        [Text.of("New password of {name}: {password}", name=name, password=shown)],
    )


@user_group.command("disable")
@click.argument("name")
@click.pass_obj
def user_disable(session: Session, name: str) -> None:
    """Close an account; its sessions end. 停用账号。"""
    workspace = session.workspace
    Accounts(workspace.store, workspace.settings).set_active(name, active=False, actor=session.actor)
    session.emit({"name": name, "active": False}, [Text.of("Account {name} closed", name=name)])


@user_group.command("enable")
@click.argument("name")
@click.pass_obj
def user_enable(session: Session, name: str) -> None:
    """Open a closed account again. 重新启用账号。"""
    workspace = session.workspace
    Accounts(workspace.store, workspace.settings).set_active(name, active=True, actor=session.actor)
    session.emit({"name": name, "active": True}, [Text.of("Account {name} opened", name=name)])


@user_group.command("token")
@click.argument("name")
@click.option("--for", "purpose", required=True, help="What the token is for. 用途。")
@click.option(
    "--scope", type=click.Choice(SCOPES), default="read", show_default=True, help="What it may do. 权限。"
)
@click.option("--days", type=int, default=90, show_default=True, help="Days until it expires. 有效天数。")
@click.pass_obj
def user_token(session: Session, name: str, purpose: str, scope: str, days: int) -> None:
    """Make a token for the HTTP interface; it is shown only once. 生成 API 令牌。"""
    workspace = session.workspace
    made, secret = Tokens(workspace.store, workspace.settings).issue(
        name, name=purpose, scope=scope, days=days, actor=session.actor
    )
    until = f"{made.expires_at.astimezone():%Y-%m-%d}"
    session.emit(
        {"id": made.id, "user": made.user_name, "scope": scope, "expires_at": made.expires_at.isoformat(), "token": secret},
        [
            Text.of("Token for {name} until {day}; it is shown only this once:", name=made.user_name, day=until),
            secret,
        ],
    )  # fmt: skip


@user_group.command("tokens")
@click.option("--revoke", type=int, help="Number of a token to revoke. 吊销该编号的令牌。")
@click.pass_obj
def user_tokens(session: Session, revoke: int | None) -> None:
    """List the tokens of all accounts, or revoke one. 列出或吊销 API 令牌。"""
    workspace = session.workspace
    tokens = Tokens(workspace.store, workspace.settings)
    if revoke is not None:
        gone = tokens.revoke(revoke, actor=session.actor)
        session.emit(
            {"id": gone.id, "state": gone.state},
            [Text.of("Token {id} ({name}) revoked", id=gone.id, name=gone.name)],
        )
        return
    found = tokens.listing()
    session.emit(
        {
            "tokens": [
                {"id": one.id, "user": one.user_name, "name": one.name, "scope": one.scope, "state": one.state}
                for one in found
            ]
        },
        [f"{one.id:>4} {one.user_name:<16} {one.scope:<5} {one.state:<8} {one.name}" for one in found]
        or [Text("There is no token yet")],
    )


def _rows(workspace: Workspace, layer_name: str, names: tuple[str, ...]) -> list[int]:
    """Return the row ids of named rows of a layer."""
    if not names:
        return []
    frame = workspace.store.frame(layer_name)
    ids = []
    for name in names:
        found = frame.index[frame["name"] == name]
        if len(found) != 1:
            raise InputError(
                "{layer} has {count} rows named {name!r}; there are: {known}", layer=layer_name, count=len(found), name=name,
                known=", ".join(frame["name"].astype(str).head(30)),
            )  # fmt: skip
        ids.append(int(found[0]))
    return ids


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
    lines: list[str | Text] = [*mended, *(f"{'✓' if one.ok else '✗'} {session.say(one.words)}" for one in checks)]
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


COMMANDS = (init_command, demo_command, serve_command, user_group, doctor_command)
