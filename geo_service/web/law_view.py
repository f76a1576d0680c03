"""The law report as the page shows it: filters, findings with the way to their camera, private ground, masks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import pandas as pd
from flask import url_for

from geo_service.analysis.law import GROUPS, class_title, message_of, of_group
from geo_service.analysis.rows import each
from geo_service.exports.frames import mask_azimuths
from geo_service.store import StoredResult
from geo_service.web import formats
from geo_service.web.languages import language, words
from geo_service.words import ARTICLES, CAMERA_STATES, LAW_GROUPS, SEVERITIES
from town_model import InputError, Text

SHOWN = 100
TAGS = {"error": "first", "warning": "second", "note": "third"}
#: Longest words that a camera is searched by.
MOST_WORDS = 80


@dataclass(frozen=True)
class LawQuery:
    """Which findings are asked for; empty is no limit.

    Args:
        group: ``standing`` or ``planned``; it goes for private ground and masks as well.
        article: number of the article.
        severity: ``error``, ``warning`` or ``note``.
        camera: words in the name of the camera.
    """

    group: str = ""
    article: str = ""
    severity: str = ""
    camera: str = ""

    def __post_init__(self) -> None:
        known: dict[str, tuple[str, ...]] = {
            "group": GROUPS,
            "article": tuple(str(one) for one in ARTICLES),
            "severity": tuple(SEVERITIES),
        }
        faults = [
            Text.of("{value!r} is no {field}: use one of {known}", value=value[:60], field=_FIELDS[name], known=", ".join(allowed))
            for name, allowed in known.items()
            if (value := getattr(self, name)) and value not in allowed
        ]  # fmt: skip
        if faults:
            raise InputError(faults)

    @classmethod
    def read(cls, given: Mapping[str, str]) -> LawQuery:
        """Return the query that the parameters of a request ask for; unknown parameters are left aside.

        Raises:
            InputError: a value is none of those known.
        """
        return cls(
            **{
                name: given.get(name, "").strip()[:MOST_WORDS]
                for name in ("group", "article", "severity", "camera")
            }
        )

    def params(self, **changes: str) -> dict[str, Any]:
        """Return the parameters of an address that asks for this, with some of them changed."""
        return {key: value for key, value in asdict(replace(self, **changes)).items() if value}

    @property
    def is_filtered(self) -> bool:
        """Whether anything is left out."""
        return bool(self.params())


_FIELDS = {"group": Text("group of cameras"), "article": Text("article"), "severity": Text("severity")}


def _matching(frame: pd.DataFrame, query: LawQuery) -> pd.DataFrame:
    found = of_group(frame, query.group)
    if query.camera:
        wanted = query.camera.casefold()
        called = [
            wanted in str(name or f"#{camera}").casefold()
            for name, camera in zip(found["camera_name"], found["camera"], strict=True)
        ]
        found = found[pd.Series(called, index=found.index, dtype=bool)]
    return found


def select_findings(law: StoredResult, query: LawQuery) -> pd.DataFrame:
    """Return the findings that a query asks for.

    Args:
        law: a stored result of kind ``exposure``.
        query: what is asked for.
    """
    found = _matching(law.frame("findings"), query)
    if query.article:
        found = found[found["article"].astype(str) == query.article]
    if query.severity:
        found = found[found["severity"] == query.severity]
    return found


def chosen_result(law: StoredResult, query: LawQuery) -> StoredResult:
    """Return a result whose frames hold what a query asks for, for an export."""
    if not query.is_filtered:
        return law
    findings, cameras = select_findings(law, query), _matching(law.frame("cameras"), query)
    ids = set(cameras["camera"]) if not (query.article or query.severity) else set(findings["camera"])
    masks = law.frame("masks")
    frames = {
        "findings": findings.reset_index(drop=True),
        "cameras": cameras[cameras["camera"].isin(ids)].reset_index(drop=True),
        "masks": masks[masks["camera"].isin(ids)].reset_index(drop=True),
    }
    return replace(law, frame_names=tuple(frames), _load=lambda _number, name: frames[name].copy())


@dataclass(frozen=True)
class Cell:
    """One cell of a table.

    Args:
        words: what it says.
        tag: class of its tag, or empty.
        url: where it leads, or empty.
        map_url: the same place on the map, or empty.
    """

    words: str
    tag: str = ""
    url: str = ""
    map_url: str = ""


@dataclass(frozen=True)
class Table:
    """A table as the page shows it.

    Args:
        name: its id on the page.
        title: its heading.
        heads: titles of the columns, and whether they hold numbers.
        rows: the cells.
        more: how many rows are left to the workbook.
        empty: what stands there without rows.
    """

    name: str
    title: str
    heads: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[Cell, ...], ...]
    more: int
    empty: str


def table(
    name: str,
    title: Text,
    heads: list[tuple[Text, bool]],
    frame: pd.DataFrame,
    cells: Callable[[Any], list[Any]],
    empty: Text,
) -> Table:
    """Return the first rows of a frame as a table; arguments as of `Table`."""
    rows = tuple(
        tuple(one if isinstance(one, Cell) else Cell(words(one)) for one in cells(row))
        for row in each(frame.head(SHOWN))
    )
    shown = tuple((words(head), number) for head, number in heads)
    return Table(name, words(title), shown, rows, max(0, len(frame) - SHOWN), words(empty))


def camera_cell(row: Any) -> Cell:
    """Return the name of a camera with the way to its form and to its place on the map."""
    number = int(row.camera)
    return Cell(
        row.camera_name or f"#{number}",
        url=url_for("layers.row", layer_name="camera_sites", row_id=number),
        map_url=url_for("pages.overview", _anchor=f"sel=camera_sites/{number}"),
    )


def article_counts(law: StoredResult, query: LawQuery) -> list[tuple[str, int, str]]:
    """Return for each article its words, how often it is broken in the group, and the address that shows those."""
    counts = (law.summary["groups"][query.group] if query.group else law.summary)["articles"]
    return [
        (
            words(title),
            counts.get(str(article), 0),
            url_for("camera_report.page", **LawQuery(group=query.group, article=str(article)).params(), _anchor="findings"),
        )
        for article, title in ARTICLES.items()
    ]  # fmt: skip


def filters(law: StoredResult) -> dict[str, dict[str, str]]:
    """Return what each filter can be set to: values that occur, with their words."""
    findings = law.frame("findings")
    articles, severities = set(findings["article"]), set(findings["severity"])
    return {
        "group": {name: words(title) for name, title in LAW_GROUPS.items()},
        "article": {str(one): words(title) for one, title in ARTICLES.items() if one in articles},
        "severity": {one: words(title) for one, title in SEVERITIES.items() if one in severities},
    }


def groups(law: StoredResult) -> list[dict[str, Any]]:
    """Return the figures of each group in words."""
    return [
        {
            "title": words(LAW_GROUPS[name]),
            "url": url_for("camera_report.page", group=name, _anchor="findings"),
            "area": words(formats.area(one["exposed_m2"])),
            "area_night": words(formats.area(one["exposed_night_m2"])),
            **one,
        }
        for name in GROUPS
        for one in [law.summary["groups"][name]]
    ]


def findings_table(law: StoredResult, query: LawQuery) -> Table:
    """Return the findings that a query asks for."""
    found = select_findings(law, query)
    return table(
        "findings", Text("Findings"),
        [(Text("Camera"), False), (Text("Severity"), False), (Text("Article"), False), (Text("Finding"), False), (Text("Remedy"), False)],
        found,
        lambda one: [
            camera_cell(one), Cell(words(SEVERITIES[one.severity]), f"tag {TAGS[one.severity]}"), Text.of("Art. {article}", article=one.article),
            message_of(one), Text(one.remedy),
        ],
        Text("No finding fits these filters") if query.is_filtered else Text("Nothing was found against the law."),
    )  # fmt: skip


def private_tables(law: StoredResult, query: LawQuery) -> list[Table]:
    """Return private ground and façades by camera, class and light, and the proposed masks."""
    cameras = _matching(law.frame("cameras"), query)
    masks = pd.DataFrame(law.frame("masks"))
    masks = masks[masks["camera"].isin(cameras["camera"])].sort_values("private_m2", ascending=False)
    return [_exposure(law, cameras), _masks(masks)]


def _day_night(row: Any, name: str, written: Callable[[float], Text | str]) -> str:
    what, unit = name.rsplit("_", 1)
    day, night = getattr(row, name), getattr(row, f"{what}_night_{unit}")
    return f"{words(written(day))} / {words(written(night))}"


def _exposure(law: StoredResult, cameras: pd.DataFrame) -> Table:
    name = law.options["mask_class"]
    seen = cameras[(cameras["private_monitor_m2"] > 0) | (cameras["facade_monitor_m"] > 0)]
    classes = list(dict.fromkeys((name, "recognise", "monitor")))
    return table(
        "exposure", Text("Private ground in view, by day / by night"),
        [
            (Text("Camera"), False), (Text("Status"), False),
            *((Text.of("Ground: {name}", name=class_title(one, language())), True) for one in classes),
            *((Text.of("Façades: {name}", name=class_title(one, language())), True) for one in classes[:2]),
            (Text("Masks"), True),
        ],
        seen,
        lambda one: [
            camera_cell(one), CAMERA_STATES[one.status],
            *(_day_night(one, f"private_{each_class}_m2", formats.area) for each_class in classes),
            *(_day_night(one, f"facade_{each_class}_m", formats.length) for each_class in classes[:2]),
            str(one.masks),
        ],
        Text("No camera sees private ground."),
    )  # fmt: skip


def _masks(masks: pd.DataFrame) -> Table:
    return table(
        "masks", Text("Proposed privacy masks"),
        [
            (Text("Camera"), False), (Text("Azimuths from true north"), True), (Text("Distance"), True), (Text("Private ground hidden"), True),
            (Text("Other ground hidden"), True), (Text("On the map"), False),
        ],
        masks,
        lambda one: [
            camera_cell(one), "{}°–{}°".format(*mask_azimuths(one)), f"{one.near_m:.0f}–{one.far_m:.0f} m",
            formats.area(one.private_m2), formats.area(one.lost_m2),
            Cell(words(Text("Show")), url=url_for("pages.overview", _anchor=f"sel=privacy_masks/{one.Index}")),
        ],
        Text("No mask is needed."),
    )  # fmt: skip
