"""All layers of a town, each declared once."""

from __future__ import annotations

from town_model.errors import LayerError
from town_model.fields import Layer
from town_model.layers import base_map, cameras, duty, patrols, places, sites, supervision

LAYERS: dict[str, Layer] = {
    one.name: one
    for module in (base_map, places, cameras, sites, patrols, duty, supervision)
    for one in module.LAYERS
}


def layer(name: str) -> Layer:
    """Return the layer of that name.

    Raises:
        LayerError: there is none; the message lists those there are.
    """
    try:
        return LAYERS[name]
    except KeyError:
        raise LayerError(
            "there is no layer {name!r}: use one of {known}", name=name, known=", ".join(LAYERS)
        ) from None
