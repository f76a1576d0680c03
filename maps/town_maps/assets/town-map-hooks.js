/* What other scripts of a page may hang onto the map: controls at its edge, sections of its panel, clicks, paint. */
(function () {
  "use strict";
  const TM = (window.TownMap = window.TownMap || {});
  const PLACES = ["topleft", "topright", "bottomleft", "bottomright"];

  /* `parts`: map, panel, canvases {base, overlay}, repaint(). Returns what `window.townMap` offers of it. */
  TM.hooks = function (map, panel, repaint) {
    const takers = [];
    const painters = { below: [], above: [] };
    const masked = new Set();
    const hooks = { paper: true };

    const without = (list, one) => { const at = list.indexOf(one); if (at >= 0) { list.splice(at, 1); } };

    /* Put an element at an edge of the map. Clicks and wheel turns on it do not reach the map. */
    hooks.addControl = function (element, position) {
      const control = new L.Control({ position: PLACES.indexOf(position) < 0 ? "topleft" : position });
      control.onAdd = () => {
        element.classList.add("tm-control");
        L.DomEvent.disableClickPropagation(element);
        L.DomEvent.disableScrollPropagation(element);
        return element;
      };
      control.addTo(map);
      return { remove: () => control.remove() };
    };

    hooks.panelSection = (title, options) => panel.section(String(title), options || {});

    /* `take({latlng, point, original})` gets each click before the map does; the last one added is asked first. One that
       returns true keeps the click for itself. Returns a function that ends it. */
    hooks.onClick = function (take) {
      takers.push(take);
      return () => without(takers, take);
    };
    hooks.taken = function (event) {
      const told = { latlng: event.latlng, point: event.containerPoint, original: event.originalEvent };
      for (let i = takers.length - 1; i >= 0; i -= 1) { if (takers[i](told) === true) { return true; } }
      return false;
    };
    hooks.isTaking = () => takers.length > 0;

    /* `paint(view)` draws on the map's own canvas at each repaint: view.ctx, view.size, and view.pixel([lon, lat]) gives
       pixels. `place`: "below" the base map, or "above" every layer. Returns a function that ends it. */
    hooks.addPainter = function (paint, place) {
      const list = painters[place === "below" ? "below" : "above"];
      list.push(paint);
      repaint();
      return () => { without(list, paint); repaint(); };
    };
    hooks.paint = (place, view) => painters[place].forEach((one) => {
      view.ctx.save();
      one(view);
      view.ctx.restore();
    });

    /* Whether the base map has its paper: without it, tiles in a Leaflet pane below 200 show through. */
    hooks.showPaper = function (on) {
      hooks.paper = on !== false;
      repaint();
    };

    /* Leave a feature out of the picture and of clicks, while an editor shows its own copy. */
    const name = (key, id) => key + "/" + id;
    hooks.mask = function (key, id, on) {
      if (on === false) { masked.delete(name(key, id)); } else { masked.add(name(key, id)); }
      repaint();
    };
    hooks.isMasked = (feature) => masked.size > 0 && masked.has(name(feature.layer, feature.id));
    return hooks;
  };

  /* A feature for other scripts: its values by column and its parts as [[lon, lat], …]. */
  TM.told = function (layer, feature) {
    const values = {};
    layer.fields.forEach((one, at) => { values[one.key] = feature.values[at]; });
    return {
      layer: layer.key, id: feature.id, class: feature.cls, kind: feature.kind, name: layer.nameOf(feature), values: values,
      parts: feature.parts.map((part) => {
        const points = [];
        for (let i = 0; i < part.length; i += 2) { points.push(TM.lonLat(part[i], part[i + 1])); }
        return points;
      }),
    };
  };
})();
