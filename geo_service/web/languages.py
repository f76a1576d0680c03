"""The language of a request, and the words of templates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, g, request, session

from geo_service.i18n import DEFAULT_LANGUAGE, LANGUAGES, LOCALES, say
from town_model import Text

_KEY = "language"
NAMES = {"zh": "中文", "en": "English"}


def language() -> str:
    """Return the language of this request: the one the user chose, else that of the workspace."""
    if "language" not in g:
        chosen = session.get(_KEY)
        if chosen not in LANGUAGES and request.path.startswith("/api/") and not session:
            # a program says its language in each request; scripts of a page speak as their page does
            chosen = request.accept_languages.best_match(LANGUAGES)
        g.language = chosen if chosen in LANGUAGES else g.get("default_language", DEFAULT_LANGUAGE)
    return str(g.language)


def choose_language(chosen: str) -> bool:
    """Remember a language for this browser; return False where there is no such language."""
    if chosen not in LANGUAGES:
        return False
    session[_KEY] = g.language = chosen
    return True


def words(message: Text | str, **params: Any) -> str:
    """Return a message in the language of this request."""
    return say(message, language(), **params)


def shown(value: Text | str | float) -> str:
    """Return a value for a page: a `Text` in the language of this request, anything else as it is."""
    return words(value) if isinstance(value, Text) else str(value)


def spoken(value: Any) -> Any:
    """Return a value with every `Text` in it said in the language of this request, for JSON."""
    if isinstance(value, Text):
        return words(value)
    if isinstance(value, dict):
        # `dataclasses.asdict` takes a Text apart, too
        if set(value) == {"template", "params"}:
            return words(Text(value["template"], {key: spoken(one) for key, one in value["params"].items()}))
        return {key: spoken(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [spoken(one) for one in value]
    return value


def install(app: Flask, default_language: Callable[[], str]) -> None:
    """Give an application's templates their words: ``_('…')``, the filter ``shown``, the languages.

    Args:
        app: the application.
        default_language: returns the language of the workspace.
    """

    @app.before_request
    def _default() -> None:
        g.default_language = default_language()

    app.jinja_env.globals["_"] = words
    app.jinja_env.filters["shown"] = shown

    @app.context_processor
    def _languages() -> dict[str, object]:
        now = language()
        return {
            "language": now,
            "html_language": LOCALES[now].replace("_", "-").replace("zh-CN", "zh-Hans-CN"),
            "other_languages": [(key, NAMES[key]) for key in LANGUAGES if key != now],
        }
