"""Pages for whoever runs the service: backups and settings; for administrators alone."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue

from geo_service.backup.shelf import backups, find_backup, shelf
from geo_service.jobs import LIVING, listing, submit
from geo_service.settings_manual import setting_lines, variable
from geo_service.web.access import Permission, allow
from geo_service.web.sessions import audit, audit_view, user_name
from geo_service.workspace import CONFIG, Workspace

blueprint = Blueprint("operation", __name__)


@blueprint.get("/admin/backups")
@allow(Permission.ADMINISTER)
def backup_list() -> ResponseReturnValue:
    """Show the backups that are there, and how one is restored."""
    workspace = _workspace()
    running = listing(workspace, kinds=["backup"], states=LIVING, limit=1)
    return render_template(
        "backups.html",
        backups=backups(shelf(workspace.folder, workspace.settings)),
        running=running[0] if running else None,
        settings=workspace.settings,
        folder=workspace.folder,
    )


@blueprint.post("/admin/backups")
@allow(Permission.ADMINISTER)
def make_backup() -> ResponseReturnValue:
    """Ask for a backup, and show the job that makes it."""
    number = submit(_workspace(), "backup", actor=user_name())
    return redirect(url_for("jobs.show", number=number), 303)


@blueprint.get("/admin/backups/<name>")
@allow(Permission.ADMINISTER)
def download_backup(name: str) -> ResponseReturnValue:
    """Send a backup; the record keeps who took it."""
    workspace = _workspace()
    found = find_backup(shelf(workspace.folder, workspace.settings), name)
    if found is None:
        abort(404)
    audit("export_backup", found.name)
    answer = send_file(
        found.path.resolve(),
        mimetype="application/octet-stream",
        as_attachment=True,
        download_name=found.name,
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/admin/settings")
@allow(Permission.ADMINISTER)
def settings() -> ResponseReturnValue:
    """Show every setting with its value, where that comes from, and what it means."""
    workspace = _workspace()
    audit_view("view_settings", "")
    config = workspace.folder / CONFIG
    return render_template(
        "settings.html", lines=setting_lines(workspace.settings, config), config=config, variable=variable
    )


def _workspace() -> Workspace:
    found: Workspace = current_app.extensions["workspace"]
    return found
