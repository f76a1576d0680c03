"""One-time links: the page on which an invited user chooses a password, and the slip that is handed over.

The code of a new link is kept in this process for a quarter of an hour, for the administrator who made it alone: it
stands in no address of the slip, no log and no cookie.
"""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import dataclass

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from geo_service.accounts import Accounts, Invitation, InvitationError, TooManyGuessesError
from geo_service.accounts.second_factor import plain_code
from geo_service.i18n import say_error
from geo_service.web import sessions
from geo_service.web.access import Permission, allow
from geo_service.web.account_pages import qr_code
from geo_service.web.languages import language
from geo_service.web.log_in import password_rules
from geo_service.web.navigation import ROLES as ROLE_TEXTS
from town_model import InputError, TownError

blueprint = Blueprint("invitations", __name__)

SHOWN_FOR_S = 900


@dataclass(frozen=True)
class _Kept:
    invitation: Invitation
    maker: str
    until_s: float


class SlipDrawer:
    """The slips that can still be shown, by a key that only says which one it is."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}
        self._lock = threading.Lock()

    def put(self, invitation: Invitation, maker: str) -> str:
        """Keep a slip for who made it and return its key."""
        key, now = secrets.token_urlsafe(12), time.monotonic()
        with self._lock:
            self._kept = {name: one for name, one in self._kept.items() if one.until_s > now}
            self._kept[key] = _Kept(invitation, maker, now + SHOWN_FOR_S)
        return key

    def get(self, key: str, maker: str) -> Invitation | None:
        """Return a slip for who made it; None for others, and when its time is over."""
        with self._lock:
            one = self._kept.get(key)
        if one is None or one.maker != maker or one.until_s <= time.monotonic():
            return None
        return one.invitation


def _accounts() -> Accounts:
    found: Accounts = current_app.extensions["accounts"]
    return found


def hand_over(name: str) -> ResponseReturnValue:
    """Make a one-time link for an account and lead to its slip."""
    invitation = _accounts().invitations.invite(name, actor=sessions.user_name())
    return redirect(url_for("invitations.slip", key=_drawer().put(invitation, sessions.user_name())), 303)


def _drawer() -> SlipDrawer:
    found: SlipDrawer = current_app.extensions["slip_drawer"]
    return found


def _link(invitation: Invitation) -> str:
    return url_for("invitations.show", code=plain_code(invitation.code), _external=True)


@blueprint.get("/admin/slips/<key>")
@allow(Permission.ADMINISTER)
def slip(key: str) -> ResponseReturnValue:
    """Show the slip of a new one-time link, to be printed or copied."""
    invitation = _drawer().get(key, sessions.user_name())
    if invitation is None:
        return Response(render_template("slip_gone.html"), 404)
    return render_template(
        "slip.html",
        invitation=invitation,
        key=key,
        link=_link(invitation),
        address=url_for("invitations.type_in", _external=True),
        role_text=ROLE_TEXTS[invitation.user.role],
    )


@blueprint.get("/admin/slips/<key>/code.svg")
@allow(Permission.ADMINISTER)
def slip_code(key: str) -> ResponseReturnValue:
    """Send the QR code of a slip."""
    invitation = _drawer().get(key, sessions.user_name())
    if invitation is None:
        abort(404)
    return qr_code(_link(invitation))


@blueprint.get("/invite")
@allow(Permission.ANYONE)
def type_in() -> ResponseReturnValue:
    """Ask for the code of a printed slip."""
    return render_template("invite_code.html")


@blueprint.post("/invite")
@allow(Permission.ANYONE)
def look_up() -> ResponseReturnValue:
    """Lead from a typed code to the page of its link."""
    code = plain_code(request.form.get("code", ""))
    return redirect(url_for("invitations.show", code=code) if code else url_for("invitations.type_in"), 303)


@blueprint.get("/invite/<code>")
@allow(Permission.ANYONE)
def show(code: str) -> ResponseReturnValue:
    """Show whose link this is and ask for a password; changes nothing, since messengers open links by themselves."""
    try:
        user = _accounts().invitations.find(code, address=request.remote_addr or "")
    except (InvitationError, TooManyGuessesError) as error:
        return _refused(error)
    return render_template("invite.html", account=user, code=code, rules=password_rules())


@blueprint.post("/invite/<code>")
@allow(Permission.ANYONE)
def spend(code: str) -> ResponseReturnValue:
    """Set the password; the link is spent."""
    invitations, address = _accounts().invitations, request.remote_addr or ""
    try:
        user = invitations.find(code, address=address)
        try:
            if request.form.get("new") != request.form.get("again"):
                raise InputError("the two new passwords differ: type them again")
            user = invitations.spend(code, request.form.get("new", ""), address=address)
        except (InvitationError, TooManyGuessesError):
            raise
        except TownError as error:
            faults = say_error(error, language())
            page = render_template(
                "invite.html", account=user, code=code, rules=password_rules(), faults=faults
            )
            return Response(page, 400)
    except (InvitationError, TooManyGuessesError) as error:
        return _refused(error)
    sessions.leave()
    return render_template("invite_done.html", account=user)


def _refused(error: TownError) -> Response:
    status = 429 if isinstance(error, TooManyGuessesError) else 404
    return Response(render_template("invite_code.html", faults=say_error(error, language())), status)
