"""The pages of the HTTP interface: what may be called, and the tokens: one's own, all of them for administrators."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from geo_service.accounts.tokens import ROLES_THAT_EDIT, Tokens
from geo_service.i18n import say_error
from geo_service.web.access import Permission, allow
from geo_service.web.api_v1.openapi import describe, grouped
from geo_service.web.bearer import desk
from geo_service.web.languages import language
from geo_service.web.sessions import current_user, may, user_name
from town_model import Text, TownError

blueprint = Blueprint("tokens", __name__)

SCOPES = {"read": Text("read"), "edit": Text("read and edit")}
STATES = {
    "open": Text("in use"),
    "expired": Text("expired"),
    "revoked": Text("revoked"),
}
USUAL_DAYS = 90


def _tokens() -> Tokens:
    return desk().tokens


@blueprint.get("/tokens")
@allow(Permission.HOLD_TOKENS)
def index() -> ResponseReturnValue:
    """Show the tokens of the user; an administrator sees those of all."""
    return _page()


@blueprint.post("/tokens")
@allow(Permission.HOLD_TOKENS)
def make() -> ResponseReturnValue:
    """Make a token and show its secret, this once."""
    form = request.form
    words = form.get("days", "")
    days = int(words) if words.isascii() and words.isdecimal() and len(words) < 6 else 0
    try:
        made, secret = _tokens().issue(
            user_name(),
            name=form.get("name", ""),
            scope=form.get("scope", "read"),
            days=days,
            actor=user_name(),
        )
    except TownError as error:
        return Response(_page(faults=say_error(error, language()), given=form.to_dict()), 400)
    return Response(_page(made=made, secret=secret))


@blueprint.post("/tokens/<int:token_id>/revoke")
@allow(Permission.HOLD_TOKENS)
def revoke(token_id: int) -> ResponseReturnValue:
    """Revoke a token: one's own, or any for an administrator."""
    holder = None if may(Permission.ADMINISTER) else user_name()
    try:
        _tokens().revoke(token_id, actor=user_name(), user_name=holder)
    except TownError as error:
        return Response(_page(faults=say_error(error, language())), 404)
    return redirect(url_for("tokens.index"), 303)


@blueprint.get("/api-docs")
@allow(Permission.SIGNED_IN)
def interface() -> ResponseReturnValue:
    """Show the description of the interface as a page."""
    return render_template("api_docs.html", groups=grouped(describe(current_app)))


def _page(**more: object) -> str:
    user = current_user()
    everybody = may(Permission.ADMINISTER)
    return render_template(
        "tokens.html",
        tokens=_tokens().listing(None if everybody else user_name()),
        everybody=everybody,
        may_edit=user is not None and user.role in ROLES_THAT_EDIT,
        scopes=SCOPES,
        states=STATES,
        most_days=current_app.extensions["workspace"].settings.token_max_days,
        usual_days=USUAL_DAYS,
        **{"faults": (), "given": {}, "made": None, "secret": "", **more},
    )
