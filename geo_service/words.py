"""Words for the codes of results, in one place: causes of blind spots, kinds of targets, actions of the audit record.

Pages, exports, maps and the command line all say them from here.
"""

from __future__ import annotations

from town_model import EN_62676_4_2015, IEC_62676_4_2025, Text

#: The codes of `camera_coverage.blind_spots`, in its order of precedence.
CAUSES: dict[str, Text] = {
    "out_of_order": Text("camera out of order"),
    "dark": Text("dark"),
    "too_few_pixels": Text("too few pixels"),
    "hidden": Text("hidden"),
    "dead_zone": Text("dead zone below the camera"),
    "outside_view": Text("outside the view"),
    "out_of_range": Text("out of range"),
    "no_camera_near": Text("no camera near"),
    "unverified": Text("only unverified data"),
}
TARGET_KINDS: dict[str, Text] = {
    "key_area": Text("key area"),
    "housing_zone": Text("inside a housing zone"),
    "road_strip": Text("road round a housing zone"),
    "road": Text("road"),
}
SEVERITIES: dict[str, Text] = {"error": Text("error"), "warning": Text("warning"), "note": Text("note")}
#: What each article of State Council Order 799 is about.
ARTICLES: dict[int, Text] = {
    6: Text("Article 6: use what exists"),
    8: Text("Article 8: forbidden places"),
    10: Text("Article 10: consent near protected units"),
    13: Text("Article 13: sign, and no more in view than needed"),
    14: Text("Article 14: filing within 30 days"),
    17: Text("Article 17: recordings kept for 30 days"),
}
#: The groups in which cameras are judged by the law.
LAW_GROUPS: dict[str, Text] = {"standing": Text("cameras that stand"), "planned": Text("planned cameras")}
CAMERA_STATES: dict[str, Text] = {
    "working": Text("in order"),
    "faulty": Text("faulty"),
    "offline": Text("offline"),
    "planned": Text("planned"),
}
#: What a place is in a minute of the clock.
CLOCK_STATES = {
    "watched": Text("watched by cameras"),
    "patrolled": Text("patrolled"),
    "unwatched": Text("unwatched"),
}
#: What a camera is that saves unwatched minutes: what would be lost without it, or gained by it.
CLOCK_SAVERS = {
    "working": Text("works now"),
    "broken": Text("out of order: to be repaired"),
    "planned": Text("planned: to be built"),
}
#: What becomes of a stretch of ground along a section, see `camera_coverage.section`.
STRETCHES: dict[str, Text] = {
    "seen": Text("seen"),
    "building": Text("building"),
    "dead_zone": Text("dead zone"),
    "outside": Text("outside the view"),
    "out_of_range": Text("out of range"),
    "too_few_pixels": Text("too few pixels"),
    "dark": Text("dark"),
    "hidden": Text("hidden"),
    "blind": Text("sees nothing"),
}
#: The states of a planned site.
SITE_STATES: dict[str, Text] = {
    "planned": Text("planned site"),
    "notified": Text("notice posted"),
    "objections_handled": Text("objections handled"),
    "built": Text("built"),
}
#: What the audit record keeps.
ACTIONS: dict[str, Text] = {
    "log_in": Text("log-in"),
    "log_in_refused": Text("log-in refused"),
    "log_out": Text("log-out"),
    "refused": Text("page refused"),
    "view_gaps": Text("blind spots viewed"),
    "ask_who_sees": Text("asked who sees a place"),
    "view_camera": Text("page of a camera viewed"),
    "print_camera_sheets": Text("camera sheets printed"),
    "view_targets": Text("targets and goals viewed"),
    "export_targets": Text("targets and goals exported"),
    "view_health": Text("camera health viewed"),
    "export_health": Text("camera health exported"),
    "view_certainty": Text("certainty of coverage viewed"),
    "export_certainty": Text("certainty of coverage exported"),
    "export_checking": Text("checking list printed"),
    "view_camera_report": Text("law report and camera health viewed"),
    "view_sites": Text("planned sites viewed"),
    "export_sites": Text("planned sites exported"),
    "print_notice": Text("public notice printed"),
    "export_camera_report": Text("law report and camera health exported"),
    "view_plan": Text("patrol plan viewed"),
    "view_days": Text("varied days viewed"),
    "view_clock": Text("clock viewed"),
    "view_response": Text("response times viewed"),
    "view_own_route": Text("own route viewed"),
    "view_map_layer": Text("map layer viewed"),
    "search": Text("places searched"),
    "view_layer": Text("layer viewed"),
    "view_changes": Text("change log viewed"),
    "view_audit": Text("audit record viewed"),
    "export": Text("file exported"),
    "export_layer": Text("layer exported"),
    "export_result": Text("result exported"),
    "export_gaps": Text("blind spots exported"),
    "export_clock": Text("clock exported"),
    "export_response": Text("response times exported"),
    "export_map": Text("map file exported"),
    "test_background": Text("background tested"),
    "print_map": Text("map printed"),
    "export_plan": Text("patrol plan exported"),
    "export_own_route": Text("own route saved"),
    "print_route": Text("patrol route printed"),
    "export_audit": Text("audit record exported"),
    "change": Text("data changed"),
    "upload": Text("file uploaded"),
    "upload_refused": Text("uploaded file refused"),
    "upload_discarded": Text("uploaded file discarded"),
    "import": Text("file stored"),
    "export_faults": Text("faults of a file exported"),
    "view_grids": Text("figures by grid viewed"),
    "export_grids": Text("figures by grid exported"),
    "picture_added": Text("picture added"),
    "picture_placed": Text("picture placed"),
    "picture_deleted": Text("picture removed"),
    "proposals_dropped": Text("proposals dropped"),
    "job_submitted": Text("job asked for"),
    "job_cancelled": Text("job cancelled"),
    "plan_published": Text("patrol plan published"),
    "plan_changed": Text("patrol plan changed by hand"),
    "plan_returned": Text("former patrol plan restored"),
    "plan_withdrawn": Text("publication of a patrol plan withdrawn"),
    "backup": Text("backup made"),
    "export_backup": Text("backup downloaded"),
    "view_settings": Text("settings viewed"),
    "restore": Text("workspace restored"),
    "repaired": Text("workspace mended"),
    "upgraded": Text("store upgraded"),
    "place_town": Text("town placed"),
    "user_created": Text("account added"),
    "user_opened": Text("account opened"),
    "user_closed": Text("account closed"),
    "user_locked": Text("account locked"),
    "user_unlocked": Text("account unlocked"),
    "role_set": Text("role changed"),
    "password_set": Text("password changed"),
    "log_in_code_asked": Text("password right, code asked for"),
    "title_set": Text("post renamed"),
    "user_deleted": Text("account removed"),
    "invited": Text("one-time link made"),
    "invitation_used": Text("one-time link used"),
    "invitation_withdrawn": Text("one-time link withdrawn"),
    "sessions_ended": Text("sessions ended"),
    "second_factor_on": Text("second factor switched on"),
    "second_factor_off": Text("second factor switched off"),
    "recovery_codes_made": Text("recovery codes made"),
    "view_sessions": Text("sessions viewed"),
    "view_accounts": Text("accounts viewed"),
    "token_made": Text("token made"),
    "token_revoked": Text("token revoked"),
    "token_refused": Text("token refused"),
    "audit_pruned": Text("old audit entries removed"),
    "audit_resealed": Text("audit record sealed anew"),
}


def action_text(code: str) -> Text:
    """Return the words of an action of the audit record; a code without words stands for itself."""
    return ACTIONS.get(str(code)) or Text("{code}", {"code": str(code)})


def cause_text(code: str) -> Text:
    """Return the words of a cause; a code without words stands for itself."""
    return CAUSES.get(str(code)) or Text("{code}", {"code": str(code)})


def class_words(name: str, language: str) -> str:
    """Return the name of an observation class of either table."""
    if not language.startswith("zh"):
        return name
    return EN_62676_4_2015.zh.get(name) or IEC_62676_4_2025.zh.get(name, name)
