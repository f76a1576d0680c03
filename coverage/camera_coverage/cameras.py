"""Reading a frame of cameras: defaults for what a ledger leaves out, faults for what has no meaning."""

from __future__ import annotations

from dataclasses import dataclass, fields

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from camera_coverage.frames import Floats, Ints
from camera_coverage.lenses import DEFAULT_SENSOR_WIDTH_MM, LensAngles, lens_angles
from camera_coverage.notes import Note
from town_model import ColumnError, Text, ValueRangeError, check_frame

#: What is assumed where a ledger is silent; every use is noted. Tilt: the upper edge of the picture at the horizon.
DEFAULTS = {
    "mount_height_m": 6.0,
    "max_range_m": 80.0,
    "resolution_px_h": 1920.0,
    "ir_range_m": 0.0,
}
DEFAULT_HFOV_DEG = {"fixed": 90.0, "dome": 90.0, "ptz": 60.0, "fisheye": 360.0, "multi_sensor": 180.0}
KINDS = tuple(DEFAULT_HFOV_DEG)
STATUSES = ("working", "faulty", "offline", "planned", "removed")

_ASSUMED = {
    "mount_height_m": Text("camera {camera}: its mount height is not known, taken as {value:g} m"),
    "max_range_m": Text("camera {camera}: its range is not known, taken as {value:g} m"),
    "resolution_px_h": Text("camera {camera}: its resolution is not known, taken as {value:g} pixels across"),
    "ir_range_m": Text("camera {camera}: its infrared reach is not known, taken as {value:g} m"),
    "hfov_deg": Text("camera {camera}: its horizontal view is not known, taken as {value:g}°"),
    "tilt_deg": Text("camera {camera}: its tilt is not known, taken as {value:g}°"),
}
_RANGES = {  # as the layer of camera sites declares them
    "mount_height_m": (0.5, 200.0),
    "azimuth_deg": (-360.0, 720.0),
    "tilt_deg": (-90.0, 90.0),
    "hfov_deg": (1.0, 360.0),
    "vfov_deg": (1.0, 180.0),
    "resolution_px_h": (1.0, 100_000.0),
    "resolution_px_v": (1.0, 100_000.0),
    "max_range_m": (0.1, 5000.0),
    "ir_range_m": (0.0, 5000.0),
    "focal_length_mm": (0.5, 2000.0),
    "sensor_width_mm": (1.0, 60.0),
    "sensor_height_mm": (1.0, 60.0),
}
_LENS = ("hfov_deg", "vfov_deg", "focal_length_mm")
_VIEW_COLUMNS = ("azimuth_deg", "tilt_deg", "resolution_px_h", "resolution_px_v", *_LENS)


@dataclass(frozen=True)
class Eyes:
    """The views of all cameras as arrays, one entry a view; angles in degrees.

    Args:
        camera: row of the camera in its frame.
        x: east.
        y: north.
        mount_height_m: above the ground at its foot.
        azimuth_deg: grid azimuth, clockwise from grid north.
        tilt_deg: below the horizon.
        hfov_deg: horizontal view.
        vfov_deg: vertical view; 360 for panoramas without a stated one and for cameras that turn: no limit.
        pixels: across the horizontal view.
        max_range_m: ground distance.
        ir_range_m: ground distance.
        lens: "rectilinear", "panorama" (equidistant) or "swivel" (a PTZ: every direction within reach).
        blind: nothing can be said of this camera's view (direction unknown).
    """

    camera: Ints
    x: Floats
    y: Floats
    mount_height_m: Floats
    azimuth_deg: Floats
    tilt_deg: Floats
    hfov_deg: Floats
    vfov_deg: Floats
    pixels: Floats
    max_range_m: Floats
    ir_range_m: Floats
    lens: np.ndarray
    blind: np.ndarray

    def take(self, rows: Ints | NDArray[np.bool_]) -> Eyes:
        """Return some views."""
        return Eyes(**{one.name: getattr(self, one.name)[rows] for one in fields(self)})

    def boxes(self, radius_m: Floats | None = None) -> np.ndarray:
        """Return the boxes round the eyes that hold all within a radius; None is their range."""
        r = self.max_range_m if radius_m is None else radius_m
        return np.asarray(shapely.box(self.x - r, self.y - r, self.x + r, self.y + r), dtype=object)


def _numbers(frame: pd.DataFrame, column: str, faults: list[Text], name: str) -> Floats:
    if column not in frame.columns:
        return np.full(len(frame), np.nan)
    stated = frame[column]
    if stated.dtype == np.float64:
        values = stated.to_numpy(copy=True)
        given = ~np.isnan(values)
    else:
        values = pd.to_numeric(stated, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        given = stated.notna().to_numpy()
        if not pd.api.types.is_numeric_dtype(stated):
            given = given & (stated.astype(str).str.strip() != "").to_numpy()
    low, high = _RANGES[column]
    bad = given & ~((values >= low) & (values <= high))
    for i in np.flatnonzero(bad).tolist():
        said = {
            "row": frame.index[i],
            "column": column,
            "value": frame[column].iloc[i],
            "low": low,
            "high": high,
        }
        if name == "view":
            text = Text.of("view {row}: {column} is {value}, which lies outside {low:g} to {high:g}", **said)
        else:
            text = Text.of(
                "camera {row}: {column} is {value}, which lies outside {low:g} to {high:g}", **said
            )
        faults.append(text)
    return values


def _lens_notes(
    ids: pd.Index, camera: Ints, angles: LensAngles, focal_mm: Floats, hfov_deg: Floats
) -> list[Note]:
    """Return what is to be said of lenses: a sensor that was assumed, an angle that contradicts the lens."""
    notes = [
        Note(
            ids[camera[i]],
            "sensor_assumed",
            Text.of(
                "camera {camera}: its lens of {focal:g} mm gives {hfov:.0f}° on a sensor {width:g} mm wide, which is assumed",
                camera=ids[camera[i]],
                focal=float(focal_mm[i]),
                hfov=float(hfov_deg[i]),
                width=DEFAULT_SENSOR_WIDTH_MM,
            ),
        )
        for i in np.flatnonzero(angles.sensor_assumed)
    ]
    notes.extend(
        Note(
            ids[camera[i]],
            "lens_contradicts",
            Text.of(
                "camera {camera}: its horizontal view is stated as {hfov:g}°, but sensor and focal length give {lens:.0f}°; the "
                "stated one is taken",
                camera=ids[camera[i]],
                hfov=float(hfov_deg[i]),
                lens=float(angles.by_lens_deg[i]),
            ),
        )
        for i in np.flatnonzero(~np.isnan(angles.by_lens_deg))
    )
    return notes


def _choices(frame: pd.DataFrame, column: str, allowed: tuple[str, ...], faults: list[Text]) -> np.ndarray:
    if column not in frame.columns:
        return np.full(len(frame), allowed[0], dtype=object)
    values = frame[column].to_numpy(dtype=object).copy()
    values[frame[column].isna().to_numpy() | (values == "")] = allowed[0]
    faults.extend(
        Text.of(
            "camera {row}: {column} {value!r} is not one of {allowed}",
            row=frame.index[i],
            column=column,
            value=value,
            allowed=", ".join(allowed),
        )
        for i, value in enumerate(values)
        if value not in allowed
    )
    return values


def read_eyes(
    cameras: gpd.GeoDataFrame, views: pd.DataFrame | None = None
) -> tuple[Eyes, np.ndarray, list[Note]]:
    """Return the views of cameras, their status, and notes of what was assumed.

    Args:
        cameras: points by camera id, with the columns of the layer of camera sites; every column may be missing.
        views: optional presets of PTZ cameras and eyes of multi-sensor cameras: ``camera`` (id), ``azimuth_deg``,
            ``tilt_deg``, ``hfov_deg``, … What a view leaves out is taken from its camera.

    Raises:
        CrsError, GeometryError, ColumnError: the frame cannot be used.
        ValueRangeError: values without meaning; all of them, by camera.
    """
    check_frame(cameras, "cameras", geometry_types=("Point",))
    faults: list[Text] = []
    notes: list[Note] = []
    value = {column: _numbers(cameras, column, faults, "camera") for column in _RANGES}
    kind = _choices(cameras, "kind", KINDS, faults)
    status = _choices(cameras, "status", STATUSES, faults)
    camera = np.arange(len(cameras))
    own: dict[str, Floats] = {}
    if views is not None and len(views):
        if "camera" not in views.columns:
            raise ColumnError("{name} lacks the columns {columns}", name="views", columns="camera")
        own = {column: _numbers(views, column, faults, "view") for column in _VIEW_COLUMNS}
        # a view that states anything of its lens takes nothing of another lens from its camera
        lensed = ~np.all([np.isnan(own[column]) for column in _LENS], axis=0)
        owner = cameras.index.get_indexer(pd.Index(views["camera"]))
        faults.extend(
            Text.of(
                "view {row} belongs to camera {camera}, which is not there",
                row=views.index[i],
                camera=views["camera"].iloc[i],
            )
            for i in np.flatnonzero(owner < 0).tolist()
        )
    if faults:
        raise ValueRangeError(faults)
    swivel = kind == "ptz"
    single = np.isin(kind, ("fixed", "dome", "ptz"))  # the focal length is that of the one lens
    if own:
        alone = np.setdiff1d(camera, owner)
        camera = np.concatenate([alone, owner])
        single = np.concatenate([single[alone], kind[owner] != "fisheye"])
        swivel = np.concatenate([swivel[alone], np.zeros(len(owner), dtype=bool)])
        value = {
            column: np.concatenate(
                [
                    old[alone],
                    np.where(np.isnan(own[column]) & ~(lensed & (column in _LENS)), old[owner], own[column])
                    if column in own
                    else old[owner],
                ]
            )
            for column, old in value.items()
        }
        order = np.argsort(camera, kind="stable")
        camera, swivel, single = camera[order], swivel[order], single[order]
        value = {column: old[order] for column, old in value.items()}
    kinds = kind[camera]
    ids = cameras.index

    def fill(column: str, default: Floats | float, code: str) -> None:
        missing = np.isnan(value[column])
        if not missing.any():
            return
        filled = np.broadcast_to(np.asarray(default, dtype=float), missing.shape)
        value[column] = np.where(missing, filled, value[column])
        notes.extend(
            Note(
                ids[camera[i]],
                code,
                Text.of(
                    _ASSUMED[column].template,
                    camera=ids[camera[i]],
                    value=float(filled[i]),
                ),
            )
            for i in np.flatnonzero(missing)
        )

    for column, default in DEFAULTS.items():
        fill(column, default, "assumed")
    angles = lens_angles(
        hfov_deg=value["hfov_deg"], vfov_deg=value["vfov_deg"], focal_length_mm=value["focal_length_mm"],
        sensor_width_mm=value["sensor_width_mm"], sensor_height_mm=value["sensor_height_mm"],
        pixels_h=value["resolution_px_h"], pixels_v=value["resolution_px_v"], rectilinear=single,
        default_hfov_deg=np.array([DEFAULT_HFOV_DEG[one] for one in kinds], dtype=float),
    )  # fmt: skip
    hfov, stated_vfov = angles.hfov_deg, ~np.isnan(value["vfov_deg"])
    value["hfov_deg"] = np.where(angles.view_assumed, np.nan, hfov)
    fill("hfov_deg", hfov, "assumed")
    notes += _lens_notes(ids, camera, angles, value["focal_length_mm"], hfov)
    panorama = ~swivel & ((hfov >= 180) | (kinds == "fisheye"))
    # the picture of a fisheye is a disk that holds what lies straight below it
    framed = ~swivel & (~panorama | (stated_vfov & (kinds != "fisheye")))
    vfov = np.where(framed, angles.vfov_deg, 360.0)
    tilt = value["tilt_deg"]
    value["tilt_deg"] = np.where(framed, tilt, np.nan_to_num(tilt, nan=0.0))
    fill("tilt_deg", np.minimum(vfov / 2, 45.0), "assumed")
    blind = np.isnan(value["azimuth_deg"]) & ~swivel & ~(panorama & (hfov >= 360))
    notes.extend(
        Note(
            ids[camera[i]],
            "direction_unknown",
            Text.of(
                "camera {camera}: its direction is not known, so it counts as seeing nothing",
                camera=ids[camera[i]],
            ),
        )
        for i in np.flatnonzero(blind)
    )
    notes.extend(
        Note(
            ids[camera[i]],
            "reachable",
            Text.of(
                "camera {camera} turns: its area is what it can reach, not what it sees at one time",
                camera=ids[camera[i]],
            ),
        )
        for i in np.flatnonzero(swivel)
    )
    points = cameras.geometry.to_numpy()
    lens = np.where(swivel, "swivel", np.where(panorama, "panorama", "rectilinear"))
    eyes = Eyes(
        camera=camera,
        x=shapely.get_x(points)[camera],
        y=shapely.get_y(points)[camera],
        mount_height_m=value["mount_height_m"],
        azimuth_deg=np.nan_to_num(value["azimuth_deg"], nan=0.0),
        tilt_deg=value["tilt_deg"],
        hfov_deg=hfov,
        vfov_deg=vfov,
        pixels=value["resolution_px_h"],
        max_range_m=value["max_range_m"],
        ir_range_m=value["ir_range_m"],
        lens=lens,
        blind=blind,
    )
    return eyes, status, notes
