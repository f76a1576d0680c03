"""What an import of an OpenStreetMap file did."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from geo_service.imports.osm.faults import OsmFault
from town_model import LAYERS, Text

_SHOWN = 5


@dataclass(frozen=True)
class LayerCounts:
    """What became of the rows of one layer.

    Args:
        inserted: new rows.
        updated: rows that the store had and the file says otherwise.
        unchanged: rows that the store had as the file says.
        kept: rows that somebody changed by hand, left as they are.
        absent: rows of an earlier import that this file does not have, left as they are.
    """

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    kept: int = 0
    absent: int = 0


@dataclass
class OsmReport:
    """What an import did and what it left out.

    Args:
        file: name of the file.
        faults: what was skipped or stored otherwise than drawn, by OSM id, with reason and remedy.
        counts: how many elements the file has of each kind.
        layers: what became of the rows, by layer.
        batch: the batch of the change log, to undo it; None where nothing changed.
        proposed: how many proposals are new.
        accepted: how many pending ones were accepted at once.
    """

    file: str
    faults: tuple[OsmFault, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    layers: dict[str, LayerCounts] = field(default_factory=dict)
    batch: int | None = None
    proposed: int = 0
    accepted: int = 0

    @property
    def inserted(self) -> int:
        """New rows of all layers."""
        return sum(one.inserted for one in self.layers.values())

    @property
    def skipped(self) -> tuple[OsmFault, ...]:
        """The faults of what was not stored."""
        return tuple(one for one in self.faults if not one.stored)

    def summary(self) -> list[Text]:
        """Return the report in sentences: layers, proposals, and how often each reason left something out."""
        lines = [Text.of("{file} imported", file=self.file)]
        for name, one in self.layers.items():
            lines.append(
                Text.of(
                    "{layer}: {inserted} new, {updated} updated, {unchanged} unchanged, {kept} kept as changed by hand",
                    layer=_title(name),
                    inserted=one.inserted,
                    updated=one.updated,
                    unchanged=one.unchanged,
                    kept=one.kept,
                )
            )
            if one.absent:
                lines.append(
                    Text.of(
                        "{layer}: {count} rows of an earlier import are not in this file and were kept",
                        layer=_title(name),
                        count=one.absent,
                    )
                )
        if self.proposed or self.accepted:
            lines.append(
                Text.of(
                    "{count} new proposals of key areas and housing zones; {accepted} accepted",
                    count=self.proposed,
                    accepted=self.accepted,
                )
            )
        groups: dict[tuple[str, str, bool], list[OsmFault]] = {}
        for one_fault in self.faults:
            groups.setdefault((one_fault.layer, one_fault.reason.template, one_fault.stored), []).append(
                one_fault
            )
        lines += [_summed_up(same) for same in sorted(groups.values(), key=len, reverse=True)]
        return lines

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values for JSON; reasons are English templates with their values filled in."""
        return {
            "file": self.file,
            "batch": self.batch,
            "counts": dict(self.counts),
            "layers": {name: vars(one) for name, one in self.layers.items()},
            "proposed": self.proposed,
            "accepted": self.accepted,
            "faults": [
                {
                    "osm_id": one.osm_id,
                    "layer": one.layer,
                    "stored": one.stored,
                    "reason": str(one.reason),
                    "remedy": str(one.remedy),
                }
                for one in self.faults
            ],
        }


def _summed_up(same: list[OsmFault]) -> Text:
    """Return one sentence for faults of one kind; where their values differ, that of the first is an example."""
    first = same[0]
    alike = all(one.reason.params == first.reason.params for one in same)
    shown = same if alike else same[1:]
    ids = ", ".join(one.osm_id for one in shown[:_SHOWN]) + (" …" if len(shown) > _SHOWN else "")
    if alike:
        return Text.of(
            "{count} × {layer}: {reason} ({osm_ids})",
            count=len(same),
            layer=_title(first.layer),
            reason=first.reason,
            osm_ids=ids,
        )
    return Text.of(
        "{count} × {layer}: {osm_id} {reason} (likewise {osm_ids})",
        count=len(same),
        layer=_title(first.layer),
        osm_id=first.osm_id,
        reason=first.reason,
        osm_ids=ids,
    )


def _title(name: str) -> Text:
    """Return the title of a layer; its English is a key of the catalogue of this room."""
    return Text(LAYERS[name].en)
