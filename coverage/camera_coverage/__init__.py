"""Camera coverage of a town: what cameras see, where they see nothing, and why."""

from camera_coverage.analysis import (
    METHOD_VERSION,
    AreaCache,
    CoverageResult,
    MemoryCache,
    analyse,
    camera_keys,
)
from camera_coverage.areas import visible_areas
from camera_coverage.causes import CAUSES
from camera_coverage.certainty import CoverageBands, coverage_bands
from camera_coverage.cures import CURES, apply_cure
from camera_coverage.doubt import certain_shares, checking_list
from camera_coverage.drawn import drawn_areas
from camera_coverage.entrances import watched_entrances
from camera_coverage.exposure import PRIVATE_M, Exposure, exposure, private_ground
from camera_coverage.gaps import blind_pieces, blind_spots
from camera_coverage.isovists import isovists, open_sectors
from camera_coverage.lamps import StreetLights
from camera_coverage.light import lights_of
from camera_coverage.live import GapChange, LiveGaps
from camera_coverage.modelled import unmodelled_shares
from camera_coverage.notes import Note, notes_frame
from camera_coverage.options import ViewOptions
from camera_coverage.pieces import Pieces
from camera_coverage.redundancy import critical_cameras, redundancy, repair_gains
from camera_coverage.roads import road_runs
from camera_coverage.section import Section, section
from camera_coverage.shares import class_shares, verified_shares
from camera_coverage.spots import SpotCause, spot_cause
from camera_coverage.summary import coverage_summary, who_sees
from camera_coverage.targets import road_strips
from camera_coverage.terrain import Terrain
from camera_coverage.tolerances import Tolerance, tolerances
from camera_coverage.trials import GapTotal, TrialGround, closed_gaps, target_gaps
from camera_coverage.turning import shares_at_once, turning_cameras, watched_at, watched_shares
from camera_coverage.walls import Scene, build_scene

__all__ = [
    "CAUSES",
    "CURES",
    "METHOD_VERSION",
    "PRIVATE_M",
    "AreaCache",
    "CoverageBands",
    "CoverageResult",
    "Exposure",
    "GapChange",
    "GapTotal",
    "LiveGaps",
    "MemoryCache",
    "Note",
    "Pieces",
    "Scene",
    "Section",
    "SpotCause",
    "StreetLights",
    "Terrain",
    "Tolerance",
    "TrialGround",
    "ViewOptions",
    "analyse",
    "apply_cure",
    "blind_pieces",
    "blind_spots",
    "build_scene",
    "camera_keys",
    "certain_shares",
    "checking_list",
    "class_shares",
    "closed_gaps",
    "coverage_bands",
    "coverage_summary",
    "critical_cameras",
    "drawn_areas",
    "exposure",
    "isovists",
    "lights_of",
    "notes_frame",
    "open_sectors",
    "private_ground",
    "redundancy",
    "repair_gains",
    "road_runs",
    "road_strips",
    "section",
    "shares_at_once",
    "spot_cause",
    "target_gaps",
    "tolerances",
    "turning_cameras",
    "unmodelled_shares",
    "verified_shares",
    "visible_areas",
    "watched_at",
    "watched_entrances",
    "watched_shares",
    "who_sees",
]
