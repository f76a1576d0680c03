"""The Flask application of a workspace."""

from __future__ import annotations

from datetime import datetime

from flask import Flask, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from geo_service.accounts import SessionBook
from geo_service.accounts.tokens import Tokens
from geo_service.background import open_background
from geo_service.secret import secret_key
from geo_service.settings import names_of_hosts
from geo_service.web import (
    account_pages,
    admin_accounts,
    admin_pages,
    api,
    api_v1,
    assets,
    audit_pages,
    background_pages,
    bearer,
    bodies,
    camera_map,
    camera_pages,
    camera_report,
    certainty_pages,
    clock_pages,
    days_pages,
    download_pages,
    errors,
    formats,
    grid_pages,
    health,
    health_pages,
    import_files,
    import_pages,
    invite_pages,
    job_api,
    job_pages,
    languages,
    layer_api,
    layer_pages,
    log_in,
    map_editing,
    name_search,
    navigation,
    operation_pages,
    packing,
    pages,
    patrol_day_pages,
    patrol_rules_pages,
    picture_pages,
    plan_compare,
    print_pages,
    publication_pages,
    request_log,
    response_pages,
    route_pages,
    security,
    sessions,
    site_pages,
    target_pages,
    terrain_pages,
    town_tiles,
)
from geo_service.web.access import Permission, check_routes, permission_of
from geo_service.web.assets import asset
from geo_service.workspace import Workspace


def create_app(workspace: Workspace) -> Flask:
    """Return the application that shows a workspace.

    Args:
        workspace: an open workspace.

    Returns:
        A Flask application; every route of it names its permission.

    Raises:
        UndeclaredRouteError: a route names none.
        InputError: the settings of the background contradict each other or lack something.
    """
    app = Flask("geo_service.web", static_folder=None)
    app.extensions["workspace"] = workspace
    app.extensions["accounts"] = workspace.accounts
    app.extensions["background"] = open_background(workspace.settings, workspace.folder)
    app.extensions["slip_drawer"] = invite_pages.SlipDrawer()
    app.extensions["session_book"] = SessionBook(workspace.store, workspace.settings)
    app.extensions["bearer_desk"] = bearer.BearerDesk(Tokens(workspace.store, workspace.settings))
    app.config.update(
        SECRET_KEY=secret_key(workspace.folder),
        NOW=datetime.now,
        SESSION_COOKIE_NAME="geo_service",
        SESSION_COOKIE_SECURE=workspace.settings.behind_https or bool(workspace.settings.tls_cert),
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,  # there is no referrer to check: the policy is no-referrer
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["asset"] = asset
    app.jinja_env.filters["moment"] = formats.moment
    request_log.install(app)
    app.extensions["health"] = health.HealthWatch(workspace.folder, workspace.store.path)
    security.protect(
        app,
        host_names=(workspace.settings.host, *names_of_hosts(workspace.settings.host_names)),
        always_https=app.config["SESSION_COOKIE_SECURE"],
    )
    bodies.install(app)
    packing.install(app)
    import_files.install(app)
    languages.install(app, lambda: workspace.settings.language)
    errors.handle_errors(app)
    navigation.install(app)
    job_pages.install(app)
    app.before_request(sessions.note_address)
    app.teardown_request(sessions.forget_address)
    app.before_request(_deny)
    bearer.Protection(app)
    for part in (
        assets,
        log_in,
        pages,
        layer_pages,
        audit_pages,
        account_pages,
        admin_accounts,
        invite_pages,
        admin_pages,
        operation_pages,
        background_pages,
        town_tiles,
        print_pages,
        api,
        health,
        health_pages,
        name_search,
        job_pages,
        job_api,
        publication_pages,
        response_pages,
        route_pages,
        camera_report,
        site_pages,
        target_pages,
        camera_pages,
        download_pages,
        layer_api,
        import_pages,
        certainty_pages,
        clock_pages,
        days_pages,
        terrain_pages,
        patrol_day_pages,
        patrol_rules_pages,
    ):
        app.register_blueprint(part.blueprint)
    for each in api_v1.PARTS:
        app.register_blueprint(each.blueprint)
    for edits in (map_editing, grid_pages, picture_pages, camera_map, plan_compare):
        app.register_blueprint(edits.blueprint)
    check_routes(app)
    return app


def _deny() -> ResponseReturnValue | None:
    """Let a request pass only with the permission that its view names."""
    needed = permission_of(current_app, request.endpoint)
    if needed is Permission.ANYONE:
        return None
    user = sessions.current_user()
    if user is None:
        if errors.wants_json():
            return errors.answer(401)
        target = request.full_path.rstrip("?") if request.method == "GET" else "/"
        return redirect(url_for("log_in.show", next=target if target != "/" else None), 303)
    if (first := account_pages.first_step(user)) and not account_pages.belongs_to(first, request.endpoint):
        return errors.answer(403) if errors.wants_json() else redirect(url_for(first), 303)
    if needed is not None and not sessions.may(needed):
        sessions.audit("refused", request.path)
        return errors.answer(403)
    return None
