"""The settings for people: each with its value, where that comes from, and what it means; also as a table of the manual."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from geo_service.i18n import say
from geo_service.settings import PREFIX, Settings, setting_sources
from town_model import Text

# What gives access elsewhere is shown to nobody.
SECRET_SETTINGS = frozenset({"background_key"})
HIDDEN = "••••"
BEGIN, END = "<!-- settings -->", "<!-- /settings -->"
_SOURCES = {
    "environment": Text("environment"),
    "file": Text("config.toml"),
    "default": Text("default"),
}


@dataclass(frozen=True, kw_only=True)
class SettingLine:
    """One setting as people read it.

    Args:
        name: its name in ``config.toml``.
        value: its value as TOML writes it; hidden for secrets.
        default: its default as TOML writes it.
        allowed: what it may be; empty for any text.
        source: where the value comes from: ``environment``, ``file`` or ``default``.
        source_words: the same for people.
        help: what it means.
    """

    name: str
    value: str
    default: str
    allowed: str
    source: str
    source_words: Text
    help: Text


def setting_lines(
    settings: Settings, config: Path, environment: Mapping[str, str] | None = None
) -> list[SettingLine]:
    """Return all settings in the order of the file.

    Args:
        settings: the values in use.
        config: the ``config.toml`` that they were read from.
        environment: variables; None takes those of the process.
    """
    sources = setting_sources(config, environment)
    return [
        SettingLine(
            name=one.name,
            value=HIDDEN
            if one.name in SECRET_SETTINGS and getattr(settings, one.name)
            else _toml(getattr(settings, one.name)),
            default=_toml(one.default),
            allowed=_allowed(dict(one.metadata)),
            source=sources[one.name],
            source_words=_SOURCES[sources[one.name]],
            help=Text(one.metadata["help"]),
        )
        for one in fields(Settings)
    ]


def settings_table(language: str) -> str:
    """Return the table of the manual in a language: setting, default, what it may be, meaning."""
    heads = [Text("setting"), Text("default"), Text("range"), Text("what it means")]
    lines = [
        "| " + " | ".join(say(one, language) for one in heads) + " |",
        "|---|---|---|---|",
    ]
    for one in fields(Settings):
        allowed = _allowed(dict(one.metadata))
        words = say(Text(one.metadata["help"]), language).replace("|", "\\|")
        lines.append(f"| `{one.name}` | `{_toml(one.default)}` | {allowed} | {words} |")
    return "\n".join(lines)


def write_manual(folder: Path) -> None:
    """Bring the tables of ``docs/zh/settings.md`` and ``docs/en/settings.md`` up to date.

    Args:
        folder: the folder ``docs``.
    """
    for language in ("zh", "en"):
        page = folder / language / "settings.md"
        before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        page.write_text(f"{before}{BEGIN}\n{settings_table(language)}\n{END}{after}", encoding="utf-8")


def variable(name: str) -> str:
    """Return the environment variable of a setting."""
    return PREFIX + name.upper()


def _toml(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _allowed(marks: dict[str, object]) -> str:
    words = marks.get("known") or marks.get("parts")
    if isinstance(words, tuple) and words:
        return " · ".join(words)
    low, high = marks["low"], marks["high"]
    return "" if low is None else f"{low:,}–{high:,}"
