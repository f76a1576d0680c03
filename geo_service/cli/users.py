"""`user`: accounts on the command line."""

from __future__ import annotations

import getpass
import sys

import click

from geo_service.accounts import ROLES, Accounts
from geo_service.accounts.second_factor import plain_code
from geo_service.accounts.tokens import SCOPES, Tokens
from geo_service.cli.session import Session
from geo_service.workspace import Workspace
from town_model import InputError, Text

ROLE_TEXTS = {
    "admin": Text("administrator"),
    "planner": Text("planner"),
    "inspector": Text("inspector"),
    "cadre": Text("village or unit cadre"),
}

_PASSWORD = click.option(
    "--password",
    help="Password; made at random when absent. Others may read it in the list of processes: better --password-stdin. 密码，不给则自动生成。",
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
    "--village",
    "villages",
    multiple=True,
    help="Village of a cadre; may be given again. 所属村，可多次给出。",
)
@click.option(
    "--unit", "units", multiple=True, help="Patrol unit of a cadre; may be given again. 所属巡逻力量。"
)
@click.option("--title", default="", help="What the post is called on pages. 岗位名称。")
@_PASSWORD
@_PASSWORD_STDIN
@click.pass_obj
def user_add(
    session: Session,
    name: str,
    role: str,
    villages: tuple[str, ...],
    units: tuple[str, ...],
    title: str,
    password: str | None,
    password_stdin: bool,
) -> None:
    """Add an account named after a post. 新增账号（用岗位命名）。"""
    workspace, password = session.workspace, _password(password, from_stdin=password_stdin)
    user, given = Accounts(workspace.store, workspace.settings).create_user(
        name, role=role, password=password, title=title, villages=_rows(workspace, "villages", villages), units=_rows(workspace, "patrol_units", units),
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
    _set_active(session, name, Text.of("Account {name} closed", name=name), active=False)


@user_group.command("enable")
@click.argument("name")
@click.pass_obj
def user_enable(session: Session, name: str) -> None:
    """Open a closed account again. 重新启用账号。"""
    _set_active(session, name, Text.of("Account {name} opened", name=name), active=True)


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
                {
                    "id": one.id,
                    "user": one.user_name,
                    "name": one.name,
                    "scope": one.scope,
                    "state": one.state,
                }
                for one in found
            ]
        },
        [f"{one.id:>4} {one.user_name:<16} {one.scope:<5} {one.state:<8} {one.name}" for one in found]
        or [Text("There is no token yet")],
    )


@user_group.command("invite")
@click.argument("name")
@click.option(
    "--address", help="Address under which users reach the service, such as https://geo.lan. 服务地址。"
)
@click.pass_obj
def user_invite(session: Session, name: str, address: str | None) -> None:
    """Make a one-time link with which an account gets its password. 生成一次性链接（设置或重设密码）。"""
    workspace = session.workspace
    settings = workspace.settings
    made = workspace.accounts.invitations.invite(name, actor=session.actor)
    scheme = "https" if settings.behind_https or settings.tls_cert else "http"
    base = (address or f"{scheme}://{settings.host}:{settings.port}").rstrip("/")
    link = f"{base}/invite/{plain_code(made.code)}"
    session.emit(
        {"name": made.user.name, "link": link, "code": made.code, "expires_at": made.expires_at.isoformat()},
        [
            Text.of("One-time link of {name}: {link}", name=made.user.name, link=link),
            Text.of(
                "or open {address} and type the code {code}; valid until {when}, once",
                address=f"{base}/invite",
                code=made.code,
                when=f"{made.expires_at.astimezone():%Y-%m-%d %H:%M}",
            ),
        ],
    )


@user_group.command("unlock")
@click.argument("name")
@click.pass_obj
def user_unlock(session: Session, name: str) -> None:
    """Open an account that wrong passwords locked. 解锁账号。"""
    session.workspace.accounts.unlock(name, actor=session.actor)
    session.emit({"name": name, "locked": False}, [Text.of("Account {name} unlocked", name=name)])


@user_group.command("role")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What the account may do. 角色。")
@click.option(
    "--village",
    "villages",
    multiple=True,
    help="Village of a cadre; may be given again. 所属村，可多次给出。",
)
@click.option(
    "--unit", "units", multiple=True, help="Patrol unit of a cadre; may be given again. 所属巡逻力量。"
)
@click.pass_obj
def user_role(
    session: Session, name: str, role: str, villages: tuple[str, ...], units: tuple[str, ...]
) -> None:
    """Give an account another role and scope; its sessions end. 更改角色和范围。"""
    workspace = session.workspace
    workspace.accounts.set_role(
        name,
        role=role,
        villages=_rows(workspace, "villages", villages),
        units=_rows(workspace, "patrol_units", units),
        actor=session.actor,
    )
    words = Text.of("Account {name} is {role} now", name=name, role=ROLE_TEXTS[role])
    session.emit({"name": name, "role": role}, [words])


@user_group.command("factor-off")
@click.argument("name")
@click.pass_obj
def user_factor_off(session: Session, name: str) -> None:
    """Switch the second factor of an account off, as after a lost phone. 关闭二次验证。"""
    accounts = session.workspace.accounts
    user = accounts.find(name)
    if user is None:
        raise InputError("there is no user {name}", name=name)
    accounts.second_factors.remove(user, actor=session.actor)
    session.emit(
        {"name": user.name, "second_factor": False},
        [Text.of("Second factor of {name} switched off", name=user.name)],
    )


@user_group.command("remove")
@click.argument("name")
@click.pass_obj
def user_remove(session: Session, name: str) -> None:
    """Remove an account; the records keep its name. 删除账号。"""
    session.workspace.accounts.delete(name, actor=session.actor)
    session.emit({"name": name, "removed": True}, [Text.of("Account {name} removed", name=name)])


def _set_active(session: Session, name: str, done: Text, *, active: bool) -> None:
    workspace = session.workspace
    Accounts(workspace.store, workspace.settings).set_active(name, active=active, actor=session.actor)
    session.emit({"name": name, "active": active}, [done])


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


COMMANDS = (user_group,)
