"""One clock for cameras and patrols: for each place and minute, is it watched, patrolled, or neither?"""

from geo_service.watch_clock.clock import STATES, unwatched_minutes
from geo_service.watch_clock.sun import Daylight, daylight

__all__ = ["STATES", "Daylight", "daylight", "unwatched_minutes"]
