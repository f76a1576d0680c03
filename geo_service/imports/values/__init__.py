"""Cells as people write them, into values: numbers with units, angles, dates, words, resolutions."""

from geo_service.imports.values.parsing import Hints, Parsed, parse_cell

__all__ = ["Hints", "Parsed", "parse_cell"]
