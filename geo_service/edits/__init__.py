"""Edits of the map: shapes as they are drawn, cells of grids cut and joined, pictures laid under the map."""
