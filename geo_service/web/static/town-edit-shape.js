/* One shape under the hand: drawn corner by corner, moved, reshaped. Corners that nobody touched keep every bit of
   their coordinates. A shape is {kind, multi, parts}: parts of rings of [lon, lat]; rings of areas are kept open. */
(function () {
  "use strict";
  const TE = (window.TownEdit = window.TownEdit || {});
  const MOST_HANDLES = 250;

  TE.fromGeoJSON = function (given) {
    if (!given) { return null; }
    const copy = JSON.parse(JSON.stringify(given.coordinates));
    const open = (rings) => rings.map((ring) => ring.slice(0, -1));
    switch (given.type) {
      case "Point": return { kind: "point", multi: false, parts: [[[copy]]] };
      case "LineString": return { kind: "line", multi: false, parts: [[copy]] };
      case "MultiLineString": return { kind: "line", multi: true, parts: copy.map((one) => [one]) };
      case "Polygon": return { kind: "polygon", multi: false, parts: [open(copy)] };
      case "MultiPolygon": return { kind: "polygon", multi: true, parts: copy.map(open) };
      default: return null;
    }
  };

  TE.toGeoJSON = function (shape) {
    const closed = (rings) => rings.map((ring) => ring.concat([ring[0]]));
    const many = shape.multi || shape.parts.length > 1;
    if (shape.kind === "point") { return { type: "Point", coordinates: shape.parts[0][0][0] }; }
    if (shape.kind === "line") {
      return many ? { type: "MultiLineString", coordinates: shape.parts.map((one) => one[0]) }
        : { type: "LineString", coordinates: shape.parts[0][0] };
    }
    return many ? { type: "MultiPolygon", coordinates: shape.parts.map(closed) }
      : { type: "Polygon", coordinates: closed(shape.parts[0]) };
  };

  const toLatLng = (one) => L.latLng(one[1], one[0]);
  const round = (value) => Math.round(value * 1e8) / 1e8;

  /* `act`: changed(), drawn(), own() → {layer, id} that snapping leaves out. */
  TE.Editor = function (map, act) {
    const pane = map.getPane("town-edit") || map.createPane("town-edit");
    pane.style.zIndex = 500;
    const renderer = (TE.renderer = L.svg({ pane: "town-edit" }));
    const group = L.layerGroup().addTo(map);
    const handles = L.layerGroup().addTo(map);
    let shape = null;
    let drawing = null;
    let undone = [];
    let chosen = null;
    let rubber = null;
    let snapMark = null;
    let dragging = false;

    const icon = (name, size) => L.divIcon({ className: name, iconSize: [size, size], iconAnchor: [size / 2, size / 2] });
    const coarse = window.matchMedia("(pointer: coarse)").matches;
    const size = coarse ? 30 : 18;

    function remember() {
      undone.push(JSON.stringify({ shape: shape, drawing: drawing }));
      if (undone.length > 200) { undone.shift(); }
    }

    function snapped(latlng, free) {
      const extra = drawing && drawing.ring.length > 2 ? [[drawing.ring[0]]] : [];
      const found = free ? null : TE.snap(map, latlng, act.own(), extra);
      if (snapMark) { snapMark.remove(); snapMark = null; }
      if (!found) { return [round(latlng.lng), round(latlng.lat)]; }
      snapMark = L.circleMarker([found.lat, found.lon], {
        pane: "town-edit", renderer: renderer, radius: found.corner ? 9 : 6, color: "#c2410c", weight: 2, fill: false, interactive: false,
      }).addTo(map);
      return [found.lon, found.lat];
    }
    function unmark() { if (snapMark) { snapMark.remove(); snapMark = null; } }

    function paint() {
      group.clearLayers();
      const looks = { pane: "town-edit", renderer: renderer, color: "#b3123f", weight: 3, fillColor: "#b3123f", fillOpacity: 0.12, interactive: false };
      if (shape && shape.kind === "line") {
        shape.parts.forEach((part) => L.polyline(part[0].map(toLatLng), Object.assign({}, looks, { fill: false })).addTo(group));
      } else if (shape && shape.kind === "polygon") {
        shape.parts.forEach((part) => L.polygon(part.map((ring) => ring.map(toLatLng)), looks).addTo(group));
      }
      if (drawing) {
        const line = drawing.ring.map(toLatLng);
        L.polyline(line, Object.assign({}, looks, { dashArray: "6 4", fill: false })).addTo(group);
        rubber = L.polyline([], Object.assign({}, looks, { weight: 1.5, dashArray: "3 4", fill: false })).addTo(group);
      }
    }

    function handle(at, name, place, words) {
      const one = L.marker(toLatLng(place), {
        pane: "markerPane", icon: icon("edit-handle " + name, name === "edit-point" ? size + 8 : size), draggable: true, keyboard: true,
        title: words, alt: words,
      });
      /* Handles are made anew after a drag, never under the hand. */
      one.on("dragstart", () => { dragging = true; });
      one.on("dragend", () => { dragging = false; });
      one.at = at;
      handles.addLayer(one);
      return one;
    }

    function corners() {
      handles.clearLayers();
      if (drawing) {
        drawing.ring.forEach((place, at) => {
          const first = at === 0 && drawing.ring.length > 2 && drawing.kind === "polygon";
          const one = handle([at], first ? "edit-first" : "edit-corner", place, act.words.corner);
          one.dragging && one.on("dragstart", remember);
          one.on("drag", () => { drawing.ring[at] = snapped(one.getLatLng()); paint(); });
          one.on("dragend", () => { unmark(); corners(); });
          one.on("click", () => { if (first) { finish(); } });
        });
        return;
      }
      if (!shape) { return; }
      if (shape.kind === "point") {
        const one = handle([0, 0, 0], "edit-point", shape.parts[0][0][0], act.words.point);
        one.on("dragstart", remember);
        one.on("drag", () => { put([0, 0, 0], snapped(one.getLatLng())); });
        one.on("dragend", () => { unmark(); corners(); act.changed(); });
        return;
      }
      const view = map.getBounds().pad(0.1);
      const list = [];
      shape.parts.forEach((part, p) => part.forEach((ring, r) => ring.forEach((place, v) => {
        if (view.contains(toLatLng(place))) { list.push([p, r, v]); }
      })));
      act.crowded(list.length > MOST_HANDLES);
      if (list.length > MOST_HANDLES) { return; }
      list.forEach(cornerHandle);
      list.forEach(middleHandle);
    }

    const ringAt = (at) => shape.parts[at[0]][at[1]];
    function put(at, place) {
      ringAt(at)[at[2]] = place;
      paint();
    }

    function cornerHandle(at) {
      const name = chosen && String(chosen) === String(at) ? "edit-corner edit-chosen" : "edit-corner";
      const one = handle(at, name, ringAt(at)[at[2]], act.words.corner);
      one.on("dragstart", remember);
      one.on("drag", () => put(at, snapped(one.getLatLng())));
      one.on("dragend", () => { unmark(); chosen = at; corners(); act.changed(); });
      one.on("click", () => { chosen = at; corners(); act.chosen(true); });
      one.on("contextmenu dblclick", () => { chosen = at; removeCorner(); });
    }

    function middleHandle(at) {
      const ring = ringAt(at);
      const last = at[2] === ring.length - 1;
      if (last && shape.kind === "line") { return; }
      const next = ring[last ? 0 : at[2] + 1];
      const here = ring[at[2]];
      const a = map.latLngToLayerPoint(toLatLng(here));
      const b = map.latLngToLayerPoint(toLatLng(next));
      if (a.distanceTo(b) < (coarse ? 60 : 36)) { return; }
      const one = handle(at, "edit-middle", [(here[0] + next[0]) / 2, (here[1] + next[1]) / 2], act.words.middle);
      const fresh = [at[0], at[1], at[2] + 1];
      let inserted = false;
      const insert = () => {
        if (inserted) { return; }
        inserted = true;
        remember();
        ring.splice(at[2] + 1, 0, [round(one.getLatLng().lng), round(one.getLatLng().lat)]);
      };
      one.on("dragstart", insert);
      one.on("drag", () => put(fresh, snapped(one.getLatLng())));
      one.on("dragend click", () => { insert(); unmark(); chosen = fresh; paint(); corners(); act.changed(); act.chosen(true); });
    }

    function removeCorner() {
      if (!chosen || !shape || shape.kind === "point") { return false; }
      const ring = ringAt(chosen);
      const least = shape.kind === "line" ? 2 : 3;
      remember();
      if (ring.length > least) { ring.splice(chosen[2], 1); }
      else if (chosen[1] > 0) { shape.parts[chosen[0]].splice(chosen[1], 1); }
      else if (shape.parts.length > 1) { shape.parts.splice(chosen[0], 1); }
      else { undone.pop(); return false; }
      chosen = null;
      paint();
      corners();
      act.changed();
      act.chosen(false);
      return true;
    }

    /* Drawing */
    function start(kind, into) {
      stop();
      drawing = { kind: kind, ring: [], into: into || "new" };
      if (!into) { shape = null; }
      undone = [];
      map.doubleClickZoom.disable();
      map.getContainer().classList.add("edit-drawing");
      paint();
      corners();
    }
    function stop() {
      drawing = null;
      unmark();
      map.doubleClickZoom.enable();
      map.getContainer().classList.remove("edit-drawing");
    }
    function click(latlng) {
      if (drawing) {
        const place = snapped(latlng);
        if (drawing.kind === "point") {
          shape = { kind: "point", multi: false, parts: [[[place]]] };
          stop();
          unmark();
          paint();
          corners();
          act.drawn();
          return true;
        }
        const last = drawing.ring[drawing.ring.length - 1];
        if (last && last[0] === place[0] && last[1] === place[1]) { return true; }
        const first = drawing.ring[0];
        if (drawing.kind === "polygon" && drawing.ring.length > 2 && first[0] === place[0] && first[1] === place[1]) { return finish(); }
        remember();
        drawing.ring.push(place);
        paint();
        corners();
        act.count(drawing.ring.length);
        return true;
      }
      if (shape && shape.kind === "point") {
        remember();
        put([0, 0, 0], snapped(latlng));
        unmark();
        corners();
        act.changed();
        return true;
      }
      return false;
    }
    function finish() {
      if (!drawing) { return false; }
      const kind = drawing.kind;
      if (drawing.ring.length < (kind === "polygon" ? 3 : 2)) { act.tooFew(kind); return false; }
      const ring = drawing.ring;
      if (drawing.into === "cut") { stop(); paint(); corners(); act.cut(ring); return true; }
      if (drawing.into === "hole") { shape.parts[holder(ring)].push(ring); }
      else if (drawing.into === "part") { shape.parts.push([ring]); }
      else { shape = { kind: kind, multi: false, parts: [[ring]] }; }
      const first = drawing.into === "new";
      stop();
      undone = [];
      unmark();
      paint();
      corners();
      if (first) { act.drawn(); } else { act.changed(); }
      return true;
    }
    /* The part in which a hole begins. */
    function holder(ring) {
      const [x, y] = ring[0];
      const at = shape.parts.findIndex((part) => {
        let inside = false;
        const outer = part[0];
        for (let i = 0, j = outer.length - 1; i < outer.length; j = i, i += 1) {
          if ((outer[i][1] > y) !== (outer[j][1] > y) &&
              x < (outer[j][0] - outer[i][0]) * (y - outer[i][1]) / (outer[j][1] - outer[i][1]) + outer[i][0]) { inside = !inside; }
        }
        return inside;
      });
      return Math.max(0, at);
    }
    map.on("mousemove", (event) => {
      if (!drawing || !rubber) { return; }
      const place = snapped(event.latlng);
      if (drawing.ring.length) { rubber.setLatLngs([toLatLng(drawing.ring[drawing.ring.length - 1]), toLatLng(place)]); }
    });
    map.on("dblclick", () => { if (drawing) { finish(); } });
    map.on("moveend", () => { if ((shape || drawing) && !dragging) { corners(); } });

    function nudge(dx, dy) {
      const at = shape && shape.kind === "point" ? [0, 0, 0] : chosen;
      if (!shape || !at) { return false; }
      remember();
      const here = map.latLngToContainerPoint(toLatLng(ringAt(at)[at[2]]));
      const there = map.containerPointToLatLng(here.add([dx, dy]));
      put(at, [round(there.lng), round(there.lat)]);
      corners();
      act.changed();
      return true;
    }

    return {
      load: (given) => { stop(); shape = given; undone = []; chosen = null; paint(); corners(); },
      clear: () => { stop(); shape = null; undone = []; chosen = null; unmark(); group.clearLayers(); handles.clearLayers(); },
      start: start, click: click, finish: finish, removeCorner: removeCorner, nudge: nudge,
      cancel: () => { const was = drawing; stop(); unmark(); paint(); corners(); return Boolean(was); },
      back: () => {
        if (!undone.length) { return false; }
        const old = JSON.parse(undone.pop());
        shape = old.shape;
        drawing = old.drawing;
        chosen = null;
        paint();
        corners();
        act.changed();
        return true;
      },
      shape: () => shape, isDrawing: () => Boolean(drawing), depth: () => undone.length,
      movePoint: (lon, lat) => { shape = { kind: "point", multi: false, parts: [[[[lon, lat]]]] }; paint(); corners(); },
    };
  };
})();
