/* Snapping: what lies within ten pixels of a place, a corner before an edge. Kept to what Chromium 86 knows. */
(function () {
  "use strict";
  const TE = (window.TownEdit = window.TownEdit || {});
  const TM = window.TownMap;
  TE.reachPx = 10;

  function nearestOn(part, x, y, found) {
    for (let i = 0; i < part.length; i += 2) {
      const far = Math.hypot(part[i] - x, part[i + 1] - y);
      if (far < found.corner) { found.corner = far; found.cornerAt = [part[i], part[i + 1]]; }
      if (i + 3 >= part.length) { continue; }
      const dx = part[i + 2] - part[i];
      const dy = part[i + 3] - part[i + 1];
      const long = dx * dx + dy * dy;
      if (!long) { continue; }
      const t = ((x - part[i]) * dx + (y - part[i + 1]) * dy) / long;
      if (t <= 0 || t >= 1) { continue; }
      const away = Math.hypot(x - part[i] - t * dx, y - part[i + 1] - t * dy);
      if (away < found.edge) { found.edge = away; found.edgeAt = [part[i] + t * dx, part[i + 1] + t * dy]; }
    }
  }

  /* The place to which a place snaps: {lon, lat, corner}, or null. `own` is left out: {layer, id}; `extra` are further
     lines of [lon, lat], such as the outline that is being drawn. */
  TE.snap = function (map, latlng, own, extra) {
    const scale = map.getZoomScale(map.getZoom(), 0);
    const [x, y] = TM.world(latlng.lng, latlng.lat);
    const reach = TE.reachPx / scale;
    const found = { corner: reach, cornerAt: null, edge: reach, edgeAt: null };
    window.townMap.drawn().forEach((layer) => {
      layer.features.forEach((one) => {
        const box = one.box;
        if (x < box[0] - reach || x > box[2] + reach || y < box[1] - reach || y > box[3] + reach) { return; }
        if (own && one.layer === own.layer && String(one.id) === String(own.id)) { return; }
        one.parts.forEach((part) => nearestOn(part, x, y, found));
      });
    });
    (extra || []).forEach((line) => {
      const flat = [];
      line.forEach((one) => flat.push.apply(flat, TM.world(one[0], one[1])));
      nearestOn(flat, x, y, found);
    });
    const at = found.cornerAt || found.edgeAt;
    if (!at) { return null; }
    const place = TM.lonLat(at[0], at[1]);
    /* The map holds whole micro-degrees: a corner taken over from it is exactly that. */
    const digits = found.cornerAt ? 1e6 : 1e8;
    return {
      lon: Math.round(place[0] * digits) / digits, lat: Math.round(place[1] * digits) / digits, corner: Boolean(found.cornerAt),
    };
  };

  /* The feature of one layer under a click, also of the base map; null where there is none. */
  TE.hit = function (map, latlng, key) {
    const layer = window.townMap.drawn().find((one) => one.key === key);
    if (!layer) { return null; }
    const scale = map.getZoomScale(map.getZoom(), 0);
    const [x, y] = TM.world(latlng.lng, latlng.lat);
    return TM.nearest(layer.features, x, y, (L.Browser.mobile ? 18 : 10) / scale);
  };
})();
