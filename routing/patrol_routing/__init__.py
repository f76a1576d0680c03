"""Patrol routes over a road graph, so that every place is visited in time."""
