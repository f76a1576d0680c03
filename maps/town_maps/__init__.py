"""Offline map pages: Folium with vendored assets."""
