"""Settings of a workspace, from ``config.toml`` and the environment; each is checked when it is read."""

from __future__ import annotations

import ipaddress
import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from geo_service.response_limits import read_limits
from town_model import DEFAULT_OBSERVATION_TABLE, OBSERVATION_TABLES, InputError, Text

PREFIX = "GEO_SERVICE_"
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_NAMED = re.compile(r"""\s*["']?(\w+)["']?\s*[=.]""")


def _setting(
    default: Any,
    help_text: str,
    *,
    low: float | None = None,
    high: float | None = None,
    known: tuple[str, ...] = (),
    parts: tuple[str, ...] = (),
) -> Any:
    marks = {"help": help_text, "low": low, "high": high, "known": known, "parts": parts}
    return field(default=default, metadata=marks)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Settings of a workspace; the help of each stands in its field and in ``config.toml``.

    Raises:
        InputError: a value is out of range or of the wrong kind; all such values are named.
    """

    name: str = _setting("", "Name of the station, shown until the town has a name.")
    language: str = _setting("zh", "Language of pages, files and messages: zh or en.", known=("zh", "en"))
    host: str = _setting("127.0.0.1", "Address that the server listens on; 0.0.0.0 lets other machines in.")
    port: int = _setting(8000, "Port that the server listens on.", low=1, high=65535)
    threads: int = _setting(8, "Threads of the server.", low=1, high=64)
    tls_cert: str = _setting(
        "",
        "File of the server's TLS certificate with its chain (PEM); pages then come by HTTPS. Counts from the workspace.",
    )
    tls_key: str = _setting("", "File of the certificate's private key (PEM, without a passphrase).")
    host_names: str = _setting(
        "",
        "Names with dots under which browsers reach the service, separated by commas, such as geo.station.example; "
        "addresses and names without dots always pass.",
    )
    trusted_proxy: str = _setting(
        "",
        "IP address of the reverse proxy in front of the service; who asks, how and for which name is taken from it alone.",
    )
    behind_https: bool = _setting(
        default=False,
        help_text="Whether users reach the server by HTTPS; cookies are then sent by HTTPS only.",
    )
    session_idle_minutes: int = _setting(
        60, "Minutes without a click after which a user is logged out.", low=1, high=1440
    )
    session_longest_hours: int = _setting(
        12, "Hours after which a user is logged out in any case.", low=1, high=168
    )
    password_min_length: int = _setting(10, "Shortest password.", low=8, high=128)
    password_character_kinds: int = _setting(
        0,
        "How many of these four kinds a password must hold: small letters, capitals, digits, other signs.",
        low=0,
        high=4,
    )
    password_max_age_days: int = _setting(
        0, "Days after which a password must be changed; 0 for never.", low=0, high=3660
    )
    password_history: int = _setting(
        3, "How many of the passwords before may not be taken again.", low=0, high=24
    )
    invitation_hours: int = _setting(72, "Hours for which a one-time link holds.", low=1, high=720)
    second_factor_roles: str = _setting(
        "",
        "Roles that must confirm each log-in with a code of their phone, separated by commas, such as admin,planner.",
        parts=("admin", "planner", "inspector", "cadre"),
    )
    lock_after_failures: int = _setting(
        5, "Wrong passwords after which an account is locked.", low=1, high=100
    )
    lock_minutes: int = _setting(15, "Minutes for which it stays locked.", low=1, high=1440)
    token_max_days: int = _setting(
        365, "Days that a token of the HTTP interface lives at most.", low=1, high=3660
    )
    audit_days: int = _setting(
        190, "Days for which the audit record is kept; what is older is removed.", low=1, high=3660
    )
    upload_max_mb: int = _setting(
        200,
        "Largest table or vector file that may be imported, in megabytes; OpenStreetMap files may be larger.",
        low=1,
        high=10_000,
    )
    osm_max_mb: int = _setting(
        2000, "Largest OpenStreetMap file that may be imported, in megabytes.", low=1, high=100_000
    )
    upload_days: int = _setting(
        30,
        "Days for which an uploaded file that was not stored is kept; its report stays.",
        low=1,
        high=3660,
    )
    import_memory_mb: int = _setting(
        2048, "Memory that reading a file may take, in megabytes.", low=128, high=65_536
    )
    import_seconds: int = _setting(300, "Seconds that reading a file may take.", low=1, high=86_400)
    import_max_rows: int = _setting(1_000_000, "Rows that a file may have.", low=1, high=100_000_000)
    job_lease_seconds: int = _setting(
        30,
        "Seconds without a sign of life after which a job is taken from its worker process.",
        low=5,
        high=3600,
    )
    notice_days: int = _setting(
        7,
        "Days for which the public notice of a planned camera site hangs at least, first and last day counted.",
        low=1,
        high=90,
    )
    jobs_keep_days: int = _setting(
        30, "Days for which jobs that have ended are listed with their logs.", low=1, high=3660
    )
    backup_folder: str = _setting(
        "backups", "Folder for daily backups, best on another disk; counts from the workspace."
    )
    backup_hour: int = _setting(
        3, "Hour of the day from which the daily backup is made; -1 for none.", low=-1, high=23
    )
    backup_keep: int = _setting(
        14, "How many daily backups are kept; older ones are removed.", low=1, high=1000
    )
    log_format: str = _setting(
        "text", "Lines of the log: text for people, json for programs.", known=("text", "json")
    )
    log_max_mb: int = _setting(10, "Size at which a new log file is begun, in megabytes.", low=1, high=1000)
    log_keep: int = _setting(5, "How many old log files are kept.", low=1, high=1000)
    busy_timeout_s: float = _setting(30.0, "Seconds that a writer waits for another one.", low=0.1, high=600)
    cache_max_mb: int = _setting(
        500, "Size of the cache of visible areas, in megabytes.", low=1, high=100_000
    )
    gaps_only_verified: bool = _setting(
        default=False,
        help_text="Whether ground counts as blind that only cameras see whose data nobody verified on the spot.",
    )
    patrol_watched_day_percent: int = _setting(
        150,
        "Where cameras count in patrol plans: interval by day of a place that they watch, in percent of its own.",
        low=100,
        high=400,
    )
    patrol_watched_night_percent: int = _setting(
        150,
        "Where cameras count in patrol plans: interval by night of a place that they watch, in percent of its own.",
        low=100,
        high=400,
    )
    patrol_blind_day_percent: int = _setting(
        75,
        "Where cameras count in patrol plans: interval by day of a place of which they see less than half, in percent of its own.",
        low=25,
        high=100,
    )
    patrol_blind_night_percent: int = _setting(
        75,
        "Where cameras count in patrol plans: interval by night of a place of which they see less than half, in percent of its own.",
        low=25,
        high=100,
    )
    goal_key_places_percent: float = _setting(
        100.0, "Share of the key areas that must be covered, in percent.", low=0, high=100
    )
    goal_entrances_percent: float = _setting(
        100.0, "Share of the main entrances that must be watched, in percent.", low=0, high=100
    )
    goal_working_percent: float = _setting(
        98.0, "Share of the cameras that must be in order, in percent.", low=0, high=100
    )
    goal_place_share_percent: float = _setting(
        95.0,
        "A key area counts as covered from this share of its open ground on, in percent, seen at the class it asks for.",
        low=1,
        high=100,
    )
    goal_entrance_class: str = _setting(
        "recognise",
        "Least class at which a main entrance must be watched.",
        known=("detect", "observe", "recognise", "identify"),
    )
    goal_entrance_ways: str = _setting(
        "both",
        "How a main entrance must be watched: both (who comes in and who goes out, each from the front), in, or any.",
        known=("both", "in", "any"),
    )
    navigation_app: str = _setting(
        "off",
        "Link from the next stop to a navigation app: off, amap (Gaode), or geo (the phone's own choice). The app's maker then learns "
        "where patrols go: keep it off unless the station has decided otherwise.",
        known=("off", "amap", "geo"),
    )
    response_limits_min: str = _setting(
        "1,3,5",
        "Limits of response times in minutes, three that rise: 1,3,5 in a town, 5,10,20 in the countryside.",
    )
    observation_table: str = _setting(
        DEFAULT_OBSERVATION_TABLE,
        "Table that says how many pixels a metre each observation class asks for: en_62676_4_2015 (detect 25, observe 62.5, "
        "recognise 125, identify 250), iec_62676_4_2025 (40, 80, 125, 250; figures from a secondary source). Compute anew after a change.",
        known=tuple(OBSERVATION_TABLES),
    )
    background: str = _setting(
        "none",
        "What lies under the map: none, xyz (folder of tiles), mbtiles, pmtiles, tianditu, or remote (another tile server).",
        known=("none", "xyz", "mbtiles", "pmtiles", "tianditu", "remote"),
    )
    background_path: str = _setting(
        "", "Folder or file of the background's tiles (xyz, mbtiles, pmtiles); counts from the workspace."
    )
    background_url: str = _setting(
        "",
        "Address of a tile server with {z}, {x}, {y} or {-y}, and {key} (remote, also WMTS); host of another Tianditu node.",
    )
    background_key: str = _setting("", "Key for the tile server; it never reaches a browser.")
    background_style: str = _setting(
        "vec",
        "What Tianditu shows: vec (streets), img (pictures from above), ter (relief).",
        known=("vec", "img", "ter"),
    )
    background_tms: bool = _setting(
        default=False,
        help_text="Whether rows of tiles (xyz, remote) count from the south, as GDAL writes them by default.",
    )
    background_datum: str = _setting(
        "wgs84",
        "Datum of the background: wgs84, cgcs2000 (the same on a map), or gcj02 (shifted by some 500 m; the page says so).",
        known=("wgs84", "cgcs2000", "gcj02"),
    )
    background_attribution: str = _setting(
        "", "Words that name the makers of the background; empty takes those of the file."
    )
    background_min_zoom: int = _setting(0, "Least zoom at which the background is asked for.", low=0, high=22)
    background_max_zoom: int = _setting(
        18, "Greatest zoom of the background's tiles; closer, they are enlarged.", low=0, high=22
    )
    background_timeout_s: float = _setting(
        8.0, "Seconds that one tile of a server may take.", low=0.5, high=60
    )
    background_cache_mb: int = _setting(
        500, "Size of the tiles of a server that are kept on disk, in megabytes.", low=1, high=100_000
    )

    def __post_init__(self) -> None:
        """Check every value."""
        faults = [fault for one in fields(self) if (fault := _fault(one, getattr(self, one.name)))]
        if faults or (faults := [*_contradictions(self)]):
            raise InputError(faults)

    @property
    def roles_with_second_factor(self) -> frozenset[str]:
        """The roles of ``second_factor_roles``."""
        return frozenset(one.strip() for one in self.second_factor_roles.split(",") if one.strip())

    @classmethod
    def load(cls, path: Path, environment: Mapping[str, str] | None = None) -> Settings:
        """Return the settings of a ``config.toml`` and of the environment, which wins.

        Args:
            path: the file; absent, every setting has its default.
            environment: variables such as ``GEO_SERVICE_PORT``; None takes those of the process.

        Raises:
            InputError: the file cannot be read, or has an unknown or a wrong setting.
        """
        given = os.environ if environment is None else environment
        values: dict[str, Any] = {}
        if path.exists():
            try:
                values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
                raise InputError(
                    "{file} cannot be read as TOML: {reason}; correct that line, or move the file away to take the defaults",
                    file=path,
                    reason=str(error),
                ) from error
        known = {one.name: one for one in fields(cls)}
        lines = _lines(path) if path.exists() else {}
        faults = [
            Text.of(
                "{place}: setting {key} is unknown: correct its name, or delete the line; docs/en/settings.md names all",
                place=_place(path.name, lines.get(key)), key=key,
            )
            for key in values
            if key not in known
        ]  # fmt: skip
        places = {name: _place(path.name, lines.get(name)) for name in values}
        for name, one in known.items():
            words = given.get(PREFIX + name.upper())
            if words is not None:
                values[name] = _parse(one.type, words)
                places[name] = Text("{file}", {"file": PREFIX + name.upper()})
        faults += [
            Text.of(
                "{place}: {fault}; correct it, or delete it to take {default}",
                place=places[name], fault=fault, default=json.dumps(one.default, ensure_ascii=False),
            )
            for name, one in known.items()
            if name in values and (fault := _fault(one, values[name]))
        ]  # fmt: skip
        if faults:
            raise InputError(faults)
        return cls(**{name: values[name] for name in known if name in values})


def setting_sources(path: Path, environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return where each setting has its value from: ``environment``, ``file`` or ``default``.

    Args:
        path: the ``config.toml``, which can be read.
        environment: as for `Settings.load`.
    """
    given = os.environ if environment is None else environment
    in_file = tomllib.loads(path.read_text(encoding="utf-8-sig")) if path.exists() else {}
    return {
        one.name: "environment"
        if PREFIX + one.name.upper() in given
        else "file"
        if one.name in in_file
        else "default"
        for one in fields(Settings)
    }


def _lines(path: Path) -> dict[str, int]:
    """Return in which line of a file each name is set."""
    found: dict[str, int] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1):
        if match := _NAMED.match(line):
            found.setdefault(match[1], number)
    return found


def _place(file: str, line: int | None) -> Text:
    if line is None:
        return Text("{file}", {"file": file})
    return Text.of("{file}, line {line}", file=file, line=line)


def write_config(path: Path, settings: Settings) -> None:
    """Write a ``config.toml`` in which every setting is explained; those with their default are commented out.

    Args:
        path: the file to write.
        settings: the values.
    """
    lines = [
        "# Settings of this workspace. Read at the start of the server or command.",
        f"# The environment wins: {PREFIX}PORT=8080 stands for port = 8080.",
    ]
    for one in fields(settings):
        value = getattr(settings, one.name)
        # JSON and TOML write text, numbers and truth values alike
        line = f"{one.name} = {json.dumps(value, ensure_ascii=False)}"
        lines += ["", f"# {one.metadata['help']}", f"# {line}" if value == one.default else line]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def names_of_hosts(words: str) -> tuple[str, ...]:
    """Return the names of a list of host names, in small letters."""
    return tuple(one.strip().rstrip(".").lower() for one in words.split(",") if one.strip())


def _contradictions(settings: Settings) -> Iterator[Text]:
    """Settings that are well by themselves, but not together, or not what they should name."""
    if bool(settings.tls_cert) != bool(settings.tls_key):
        yield Text("settings tls_cert and tls_key belong together: give both files, or neither")
    if settings.trusted_proxy:
        try:
            ipaddress.ip_address(settings.trusted_proxy)
        except ValueError:
            yield Text.of(
                "setting trusted_proxy must be one IP address such as 127.0.0.1, not {value!r}",
                value=settings.trusted_proxy,
            )
        if settings.tls_cert:
            yield Text(
                "settings trusted_proxy and tls_cert exclude each other: let either the proxy or this service do TLS"
            )
    try:
        read_limits(settings.response_limits_min)
    except InputError as error:
        yield Text.of("setting response_limits_min: {fault}", fault=error.messages[0])
    for one in names_of_hosts(settings.host_names):
        if not _HOST.fullmatch(one):
            yield Text.of(
                "setting host_names must hold names such as geo.station.example, without https:// and port, not {value!r}",
                value=one,
            )


_KINDS: dict[str, tuple[type | tuple[type, ...], Text]] = {
    "str": (str, Text("text")),
    "int": (int, Text("a whole number")),
    "float": ((int, float), Text("a number")),
    "bool": (bool, Text("true or false")),
}


def _parse(kind: Any, words: str) -> Any:
    if kind == "bool":
        return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}.get(
            words.strip().lower(), words
        )
    if kind == "str":
        return words
    try:
        return int(words) if kind == "int" else float(words)
    except ValueError:
        return words


def _fault(one: Any, value: Any) -> Text | None:
    types, kind_name = _KINDS[one.type]
    if not isinstance(value, types) or (isinstance(value, bool) and one.type != "bool"):
        return Text.of(
            "setting {key} must be {kind}, not {value!r}", key=one.name, kind=kind_name, value=value
        )
    low, high, known = one.metadata["low"], one.metadata["high"], one.metadata["known"]
    if known and value not in known:
        return Text.of(
            "setting {key} must be one of {known}, not {value!r}",
            key=one.name,
            known=", ".join(known),
            value=value,
        )
    parts = one.metadata["parts"]
    if parts and not {word.strip() for word in str(value).split(",") if word.strip()} <= set(parts):
        return Text.of(
            "setting {key} must name only {known}, separated by commas, not {value!r}",
            key=one.name,
            known=", ".join(parts),
            value=value,
        )
    if low is not None and not low <= value <= high:
        return Text.of(
            "setting {key} must lie between {low:g} and {high:g}, not {value}",
            key=one.name,
            low=low,
            high=high,
            value=value,
        )
    return None
