"""Languages: catalogues read from the .po files beside this module, and the words of a `Text` in a language.

Every room of the service keeps its own ``locale/zh_CN/<room>.po``; English is the key, so it needs no catalogue.
The files are read as they are: nothing has to be compiled.
"""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from town_model import Text, TownError

LANGUAGES = ("zh", "en")
DEFAULT_LANGUAGE = "zh"
LOCALES = {"zh": "zh_CN", "en": "en"}
_FOLDER = Path(__file__).with_name("locale")


@cache
def catalogue(language: str) -> NullTranslations:
    """Return the merged catalogues of a language; that of English is empty.

    Args:
        language: ``zh`` or ``en``.
    """
    merged: NullTranslations = NullTranslations()
    for path in sorted((_FOLDER / LOCALES.get(language, "en")).glob("*.po")):
        compiled = io.BytesIO()
        with path.open("rb") as source:
            write_mo(compiled, read_po(source, locale=LOCALES[language], abort_invalid=True))
        compiled.seek(0)
        part = Translations(compiled, domain="messages")
        merged = merged.merge(part) if isinstance(merged, Translations) else part
    return merged


def gettext(message: str, language: str) -> str:
    """Return the words for an English message in a language; the message itself where there are none."""
    return str(catalogue(language).gettext(message)) if message else ""


def say(message: Text | str, language: str, **params: Any) -> str:
    """Return a message in a language with its values filled in; values that are `Text` are translated too.

    Args:
        message: a `Text`, or an English template.
        language: ``zh`` or ``en``.
        params: values of the template.
    """
    text = message if isinstance(message, Text) else Text(message, params)
    values = {
        key: say(value, language) if isinstance(value, Text) else value for key, value in text.params.items()
    }
    template = gettext(text.template, language)
    return template.format(**values) if values else template


def say_error(error: TownError, language: str) -> list[str]:
    """Return every message of an error in a language."""
    return [say(one, language) for one in error.messages]
