"""A message that can be said in more than one language."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Text:
    """A message: an English template and what goes into its braces.

    The English template is the key under which the catalogues of the service hold the Chinese wording,
    so a library can speak without knowing any catalogue. `str()` gives the English.

    Args:
        template: English sentence with named fields, e.g. ``"camera {camera} has no position"``.
        params: the values of the fields; a value may itself be a `Text`.
    """

    template: str
    params: dict[str, Any] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        """Return the message in English."""
        return self.template.format(**self.params) if self.params else self.template

    @classmethod
    def of(cls, template: str, **params: Any) -> Text:
        """Return a message from its template and named values.

        >>> str(Text.of("row {row}: height missing", row=3))
        'row 3: height missing'
        """
        return cls(template, params)
