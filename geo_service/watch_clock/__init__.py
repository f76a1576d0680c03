"""One clock for cameras and patrols: for each place and minute, is it watched, patrolled, or neither?"""

from geo_service.watch_clock.clock import STATES, asked_spans, kept_spans, unwatched_minutes
from geo_service.watch_clock.sun import Daylight, daylight

__all__ = ["STATES", "Daylight", "asked_spans", "daylight", "kept_spans", "unwatched_minutes"]
