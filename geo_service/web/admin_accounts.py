"""Accounts for administrators: list, new, role and scope, locks, one-time links, second factor, sessions, removal."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from geo_service.accounts import ROLES, Accounts, User
from geo_service.i18n import say_error
from geo_service.store.database import aware, now_utc
from geo_service.web import sessions
from geo_service.web.access import Permission, allow
from geo_service.web.invite_pages import hand_over
from geo_service.web.languages import language
from geo_service.web.my_routes import POLICE_KINDS
from geo_service.web.navigation import ROLES as ROLE_TEXTS
from town_model import InputError, Text, TownError

blueprint = Blueprint("accounts", __name__)

ROLE_HELP = {
    "admin": Text("accounts, settings, backups, and all that a planner may"),
    "planner": Text("edit places, cameras and units, compute, plan, publish"),
    "inspector": Text("read everything, change nothing"),
    "cadre": Text("the own routes of villages or units, nothing of cameras or gaps"),
}
#: What the buttons of an account do: the words of the question that is asked before, None for none.
ACTIONS: dict[str, Text | None] = {
    "unlock": None,
    "open": None,
    "end_sessions": None,
    "withdraw": None,
    "close": Text(
        "Close account {name}? Its sessions end, and nobody can log in with it until it is opened again."
    ),
    "invite": Text(
        "Make a one-time link for {name}? The present password holds no longer, and its sessions end."
    ),
    "factor_off": Text(
        "Switch the second factor of {name} off? Do so only for who is known to you to own the account."
    ),
    "delete": Text("Remove account {name}? What it did stays in the records; the name becomes free."),
}


@dataclass(frozen=True)
class Listed:
    """One account as the list shows it.

    Args:
        user: the account.
        state: one word of its state.
        tone: class of that word.
        scope: names of the villages and units of a cadre.
        sessions: how many sessions are open.
    """

    user: User
    state: Text
    tone: str
    scope: str
    sessions: int


def _accounts() -> Accounts:
    found: Accounts = current_app.extensions["accounts"]
    return found


def _names(layer_name: str, also: Collection[int] = ()) -> dict[int, str]:
    """Return the names of villages, or of the units that a cadre may be given, by row id.

    Args:
        layer_name: ``villages`` or ``patrol_units``.
        also: units that were given already, as on the command line, even when they are of the police.
    """
    frame = sessions.store().frame(layer_name)
    if layer_name == "patrol_units":
        frame = frame[~frame["kind"].isin(POLICE_KINDS) | frame.index.isin(list(also))]
    return {int(str(row)): str(name or row) for row, name in zip(frame.index, frame["name"], strict=True)}


def _listed() -> list[Listed]:
    given = {one for user in _accounts().users() for one in user.units}
    villages, units = _names("villages"), _names("patrol_units", given)
    open_links = _accounts().invitations.open()
    living = [one.user_name for one in sessions.book().listing()]
    listed = []
    for user in _accounts().users():
        state, tone = _state(user, invited=user.id in open_links)
        scope = [villages.get(one, f"#{one}") for one in user.villages]
        scope += [units.get(one, f"#{one}") for one in user.units]
        listed.append(Listed(user, state, tone, "、".join(scope), living.count(user.name)))
    return listed


def _state(user: User, *, invited: bool) -> tuple[Text, str]:
    if not user.active:
        return Text("closed"), "closed"
    if user.locked_until is not None and user.locked_until > aware(now_utc()):
        return Text("locked"), "closed"
    if invited:
        return Text("invited"), "waiting"
    return Text("in use"), "open"


def _user(number: int) -> User:
    found = _accounts().by_id(number)
    if found is None:
        abort(404)
    return found


@blueprint.get("/admin/accounts")
@allow(Permission.ADMINISTER)
def index() -> ResponseReturnValue:
    """Show all accounts."""
    sessions.audit_view("view_accounts", "")
    return render_template("accounts.html", listed=_listed(), role_texts=ROLE_TEXTS)


@blueprint.get("/admin/accounts/new")
@allow(Permission.ADMINISTER)
def new() -> ResponseReturnValue:
    """Show the form of a new account."""
    return _new_page({"role": "cadre"}, (), ())


def _new_page(
    given: dict[str, str], villages: tuple[int, ...], units: tuple[int, ...], faults: list[str] | None = None
) -> str:
    return render_template(
        "account_new.html", given=given, faults=faults, **_choices(given.get("role", ""), villages, units)
    )


def _choices(role: str, villages: tuple[int, ...], units: tuple[int, ...]) -> dict[str, object]:
    return {
        "roles": [(one, ROLE_TEXTS[one], ROLE_HELP[one]) for one in ROLES],
        "role": role,
        "villages": _names("villages"),
        "units": _names("patrol_units", units),
        "chosen_villages": villages,
        "chosen_units": units,
    }


def _scope() -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the villages and units that the form names; those of another role than cadre do not count."""
    if request.form.get("role") != "cadre":
        return (), ()
    given = []
    for field in ("village", "unit"):
        typed = request.form.getlist(field)
        if any(not (one.isascii() and one.isdigit() and len(one) < 19) for one in typed):
            abort(400)
        given.append(tuple(int(one) for one in typed))
    return given[0], given[1]


@blueprint.post("/admin/accounts/new")
@allow(Permission.ADMINISTER)
def create() -> ResponseReturnValue:
    """Make an account; its password comes by a one-time link."""
    given = {key: request.form.get(key, "").strip()[:100] for key in ("name", "title", "role")}
    villages, units = _scope()
    try:
        user, _word = _accounts().create_user(
            given["name"],
            role=given["role"],
            title=given["title"],
            villages=villages,
            units=units,
            actor=sessions.user_name(),
        )
    except TownError as error:
        return Response(_new_page(given, villages, units, say_error(error, language())), 400)
    return hand_over(user.name)


@blueprint.get("/admin/accounts/<int:number>")
@allow(Permission.ADMINISTER)
def show(number: int) -> ResponseReturnValue:
    """Show one account with all that can be done to it."""
    return _page(_user(number))


def _page(user: User, faults: list[str] | None = None) -> str:
    until = _accounts().invitations.open().get(user.id)
    state, tone = _state(user, invited=until is not None)
    return render_template(
        "account_edit.html",
        account=user,
        state=state,
        tone=tone,
        invited_until=until,
        faults=faults,
        open_sessions=sessions.book().listing(user),
        here_id=sessions.session_id(),
        myself=user.name == sessions.user_name(),
        **_choices(user.role, user.villages, user.units),
    )


@blueprint.post("/admin/accounts/<int:number>")
@allow(Permission.ADMINISTER)
def change(number: int) -> ResponseReturnValue:
    """Change title, role and scope of an account."""
    user, accounts, actor = _user(number), _accounts(), sessions.user_name()
    role = request.form.get("role", "")
    villages, units = _scope()
    try:
        if (role, villages, units) != (user.role, user.villages, user.units):
            if user.name == actor:
                raise InputError("nobody changes the own role: another administrator must do so")
            accounts.set_role(user.name, role=role, villages=villages, units=units, actor=actor)
        title = request.form.get("title", "")
        if title.strip() != user.title:
            accounts.set_title(user.name, title, actor=actor)
    except TownError as error:
        return Response(_page(user, say_error(error, language())), 400)
    return redirect(url_for("accounts.show", number=number), 303)


@blueprint.get("/admin/accounts/<int:number>/<any(close, invite, factor_off, delete):action>")
@allow(Permission.ADMINISTER)
def ask(number: int, action: str) -> ResponseReturnValue:
    """Ask before something that cannot be taken back at once."""
    user = _user(number)
    question = ACTIONS[action]
    return render_template(
        "account_ask.html", account=user, action=action, question=Text(question.template, {"name": user.name}) if question else ""
    )  # fmt: skip


@blueprint.post(
    "/admin/accounts/<int:number>/<any(unlock, open, close, end_sessions, invite, withdraw, factor_off, delete):action>"
)
@allow(Permission.ADMINISTER)
def act(number: int, action: str) -> ResponseReturnValue:
    """Do one of `ACTIONS` to an account."""
    user, accounts, actor = _user(number), _accounts(), sessions.user_name()
    try:
        if user.name == actor and action in {"close", "invite", "delete"}:
            raise InputError(
                "nobody closes, resets or removes the own account: another administrator must do so"
            )
        if action == "invite":
            return hand_over(user.name)
        if action == "unlock":
            accounts.unlock(user.name, actor=actor)
        elif action in {"open", "close"}:
            accounts.set_active(user.name, active=action == "open", actor=actor)
        elif action == "end_sessions":
            sessions.book().end_some(actor=actor, user=user, keep=sessions.session_id())
        elif action == "withdraw":
            accounts.invitations.withdraw(user, actor=actor)
        elif action == "factor_off":
            accounts.second_factors.remove(user, actor=actor)
        else:
            accounts.delete(user.name, actor=actor)
            return redirect(url_for("accounts.index"), 303)
    except TownError as error:
        return Response(_page(user, say_error(error, language())), 400)
    return redirect(url_for("accounts.show", number=number), 303)


@blueprint.get("/admin/sessions")
@allow(Permission.ADMINISTER)
def all_sessions() -> ResponseReturnValue:
    """Show the sessions of all accounts."""
    sessions.audit_view("view_sessions", "")
    return render_template(
        "admin_sessions.html", open_sessions=sessions.book().listing(), here_id=sessions.session_id()
    )


@blueprint.post("/admin/sessions/<int:number>/end")
@allow(Permission.ADMINISTER)
def end_session(number: int) -> ResponseReturnValue:
    """End one session of anybody."""
    if not sessions.book().end_some(actor=sessions.user_name(), session_id=number):
        abort(404)
    return redirect(url_for("accounts.all_sessions"), 303)


@blueprint.post("/admin/sessions/end-others")
@allow(Permission.ADMINISTER)
def end_other_sessions() -> ResponseReturnValue:
    """End all sessions but the present one."""
    sessions.book().end_some(actor=sessions.user_name(), keep=sessions.session_id())
    return redirect(url_for("accounts.all_sessions"), 303)
