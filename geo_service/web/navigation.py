"""What every page shows around its content: the town's name, the user, the pages that the user may open."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, current_app, g, request, url_for

from geo_service.web.access import Permission
from geo_service.web.languages import words
from geo_service.web.sessions import current_user, may
from town_model import Text

PAGES: tuple[tuple[str, Text, Permission], ...] = (
    ("pages.overview", Text("Map"), Permission.SEE_MAP),
    ("layers.index", Text("Places and areas"), Permission.SEE_LAYERS),
    ("pages.gaps", Text("Blind spots"), Permission.SEE_GAPS),
    ("camera_report.page", Text("Law and upkeep"), Permission.SEE_GAPS),
    ("pages.patrol", Text("Patrols"), Permission.SEE_PLAN),
    ("pages.my_routes_page", Text("My routes"), Permission.SEE_OWN_ROUTES),
    ("admin.index", Text("Administration"), Permission.ADMINISTER),
)
#: Work that belongs to no page of its own in the navigation, by task; listed on the map's page and beside the layers.
ALSO: tuple[tuple[Text, tuple[tuple[str, Text, Permission], ...]], ...] = (
    (
        Text("Camera work"),
        (
            ("map_editing.page", Text("Edit on the map"), Permission.EDIT),
            ("camera_map.page", Text("Cameras on the map"), Permission.EDIT),
            ("plan_compare.page", Text("Plan and today"), Permission.SEE_GAPS),
            ("cameras.index", Text("Camera pages and sheets"), Permission.SEE_GAPS),
            ("sites.index", Text("Planned sites"), Permission.SEE_SENSITIVE),
            ("camera_health.page", Text("Camera health"), Permission.SEE_GAPS),
        ),
    ),
    (
        Text("Assessment"),
        (
            ("targets.page", Text("Targets and goals"), Permission.SEE_GAPS),
            ("certainty.page", Text("How sure is the coverage"), Permission.SEE_GAPS),
            ("grids.index", Text("Figures by grid cell"), Permission.SEE_GAPS),
        ),
    ),
    (
        Text("Town data"),
        (
            ("imports.start", Text("Import a file"), Permission.EDIT),
            ("layers.proposals", Text("Proposals"), Permission.SEE_SENSITIVE),
            ("terrain.index", Text("Terrain"), Permission.EDIT),
            ("layers.changes", Text("Change log"), Permission.SEE_SENSITIVE),
        ),
    ),
    (
        Text("Output"),
        (
            ("downloads.index", Text("Downloads"), Permission.EXPORT),
            ("print.dialog", Text("Print the map"), Permission.SEE_MAP),
            ("jobs.index", Text("Jobs"), Permission.SEE_JOBS),
        ),
    ),
)
ROLES = {
    "admin": Text("administrator"),
    "planner": Text("planner"),
    "inspector": Text("inspector"),
    "cadre": Text("cadre"),
}


@dataclass(frozen=True)
class Item:
    """One entry of the navigation."""

    title: str
    url: str
    here: bool


def items() -> list[Item]:
    """Return the pages that the present user may open."""
    if current_user() is None:
        return []
    return [
        Item(words(title), url_for(endpoint), _is_here(endpoint))
        for endpoint, title, permission in PAGES
        # who reads the whole plan finds a single route there, by its unit
        if may(permission) and not (endpoint == "pages.my_routes_page" and may(Permission.SEE_PLAN))
    ]


def also() -> list[tuple[str, list[Item]]]:
    """Return the further pages of the daily work that the present user may open, by task."""
    groups = [
        (
            words(task),
            [
                Item(words(title), url_for(endpoint), request.endpoint == endpoint)
                for endpoint, title, permission in pages
                if may(permission)
            ],
        )
        for task, pages in ALSO
    ]
    return [(task, found) for task, found in groups if found]


def _is_here(endpoint: str) -> bool:
    """Return whether the present page is an entry, or belongs to the pages under it."""
    under = {
        "pages.overview": {"map_editing", "print", "camera_map", "plan_compare"},
        "layers.index": {"layers", "imports", "grids", "terrain", "cameras"},
        "pages.gaps": {"certainty", "targets"},
        "camera_report.page": {"camera_health", "sites"},
        "pages.patrol": {"clock", "days", "patrol_rules", "response"},
        "admin.index": {"admin", "accounts", "audit", "operation", "background", "invitations"},
    }
    return request.endpoint == endpoint or request.blueprint in under.get(endpoint, ())


def install(app: Flask) -> None:
    """Give an application's templates what the frame shows."""

    @app.context_processor
    def _frame() -> dict[str, object]:
        user = current_user()
        return {
            "town_name": town_name(),
            "user": user,
            "user_role": words(ROLES.get(user.role, user.role)) if user else "",
            "navigation": items(),
            "also": also,
            "may_search": may(Permission.SEE_GROUND) and not (user and user.must_change),
            "may_see_map": may(Permission.SEE_MAP),
            "here": request.full_path.rstrip("?") if request.method == "GET" else "/",
        }


def town_name() -> str:
    """Return the name of the town, or what stands for it while it has none."""
    if "town_name" not in g:
        workspace = current_app.extensions["workspace"]
        g.town_name = workspace.store.town.name or workspace.settings.name or words("Town")
    return str(g.town_name)
