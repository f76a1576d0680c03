"""Camera coverage of a town: what cameras see, where they see nothing, and why."""

from camera_coverage.areas import isovists, open_sectors, visible_areas
from camera_coverage.notes import Note, notes_frame
from camera_coverage.options import ViewOptions
from camera_coverage.walls import Scene, build_scene

__all__ = [
    "Note",
    "Scene",
    "ViewOptions",
    "build_scene",
    "isovists",
    "notes_frame",
    "open_sectors",
    "visible_areas",
]
