"""The administration page: cards that lead to what an administrator looks after."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from geo_service.web.access import Permission, allow
from geo_service.web.admin_parts import CARDS
from geo_service.web.sessions import may

blueprint = Blueprint("admin", __name__)


@blueprint.get("/admin")
@allow(Permission.ADMINISTER)
def index() -> ResponseReturnValue:
    """Show the cards that the present user may follow."""
    return render_template("admin.html", cards=[one for one in CARDS if may(one.permission)])
