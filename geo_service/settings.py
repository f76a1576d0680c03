"""Settings of a workspace, from ``config.toml`` and the environment; each is checked when it is read."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from town_model import InputError, Text

PREFIX = "GEO_SERVICE_"


def _setting(
    default: Any,
    help_text: str,
    *,
    low: float | None = None,
    high: float | None = None,
    known: tuple[str, ...] = (),
) -> Any:
    return field(default=default, metadata={"help": help_text, "low": low, "high": high, "known": known})


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
    behind_https: bool = _setting(
        default=False,
        help_text="Whether users reach the server by HTTPS; cookies are then sent by HTTPS only.",
    )
    session_idle_minutes: int = _setting(
        60, "Minutes without a click after which a user is logged out.", low=1, high=1440
    )
    password_min_length: int = _setting(10, "Shortest password.", low=8, high=128)
    lock_after_failures: int = _setting(
        5, "Wrong passwords after which an account is locked.", low=1, high=100
    )
    lock_minutes: int = _setting(15, "Minutes for which it stays locked.", low=1, high=1440)
    audit_days: int = _setting(
        190, "Days for which the audit record is kept; what is older is removed.", low=1, high=3660
    )
    upload_max_mb: int = _setting(
        200,
        "Largest table or vector file that may be imported, in megabytes; OpenStreetMap files may be larger.",
        low=1,
        high=10_000,
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
    jobs_keep_days: int = _setting(
        30, "Days for which jobs that have ended are listed with their logs.", low=1, high=3660
    )
    busy_timeout_s: float = _setting(30.0, "Seconds that a writer waits for another one.", low=0.1, high=600)
    cache_max_mb: int = _setting(
        500, "Size of the cache of visible areas, in megabytes.", low=1, high=100_000
    )

    def __post_init__(self) -> None:
        """Check every value."""
        faults = [fault for one in fields(self) if (fault := _fault(one, getattr(self, one.name)))]
        if faults:
            raise InputError(faults)

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
                    "{file} cannot be read as TOML: {reason}", file=path, reason=str(error)
                ) from error
        known = {one.name: one for one in fields(cls)}
        faults = [
            Text.of("setting {key} in {file} is unknown: see docs/en/store.md", key=key, file=path.name)
            for key in values
            if key not in known
        ]
        for name, one in known.items():
            words = given.get(PREFIX + name.upper())
            if words is not None:
                values[name] = _parse(one.type, words)
        faults += [
            fault for name, one in known.items() if name in values and (fault := _fault(one, values[name]))
        ]
        if faults:
            raise InputError(faults)
        return cls(**{name: values[name] for name in known if name in values})


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
    if low is not None and not low <= value <= high:
        return Text.of(
            "setting {key} must lie between {low:g} and {high:g}, not {value}",
            key=one.name,
            low=low,
            high=high,
            value=value,
        )
    return None
