/* A camera under the hand as the map shows it: handles to drag, the outline of its view at once, and what the server says
   that it sees, in bands by class. Classes differ by colour and by pattern, so that they survive grey paper. */
(function () {
  "use strict";
  const CM = (window.CameraMap = window.CameraMap || {});
  const SVG = "http://www.w3.org/2000/svg";
  const METRES = 111319.4908;
  const rad = Math.PI / 180;

  /* Light to dark, told apart in grey and by the colour-blind alike (after ColorBrewer's YlGnBu); each with a pattern. */
  const BANDS = {
    monitor: { fill: "#f4f9c9", pen: "#6d7a2d", pattern: "dots" },
    detect: { fill: "#c2e5b5", pen: "#3f7d45", pattern: "level" },
    observe: { fill: "#7fcdbb", pen: "#146b62", pattern: "forward" },
    recognise: { fill: "#3fa3c4", pen: "#0b3f63", pattern: "back" },
    identify: { fill: "#2c69ad", pen: "#dcecf7", pattern: "cross" },
    inspect: { fill: "#132e6b", pen: "#ffffff", pattern: "dots" },
  };
  const DEAD = { fill: "#d8d4cc", pen: "#4a453d", pattern: "cross" };
  /* Wide slants of vermilion between white ones: told from the thin lines of the classes by their width, also on grey paper. */
  const PRIVATE = "#a63c00";
  const LINES = {
    forward: "M0 10 10 0M-2 2 2-2M8 12 12 8", back: "M0 0 10 10M-2 8 2 12M8-2 12 2", level: "M0 5H10", dots: "",
  };
  LINES.cross = LINES.forward + LINES.back;

  const node = (name, attributes) => {
    const one = document.createElementNS(SVG, name);
    Object.keys(attributes).forEach((key) => one.setAttribute(key, attributes[key]));
    return one;
  };
  function pattern(name, looks) {
    const one = node("pattern", { id: "camera-" + name, width: 10, height: 10, patternUnits: "userSpaceOnUse" });
    one.append(node("rect", { width: 10, height: 10, fill: looks.fill }));
    if (looks.pattern === "dots") {
      one.append(node("circle", { cx: 2.5, cy: 2.5, r: 1.2, fill: looks.pen }), node("circle", { cx: 7.5, cy: 7.5, r: 1.2, fill: looks.pen }));
    } else {
      one.append(node("path", { d: LINES[looks.pattern], stroke: looks.pen, "stroke-width": 1.1, fill: "none" }));
    }
    return one;
  }
  function hatch(id) {
    const one = node("pattern", { id: id, width: 14, height: 14, patternUnits: "userSpaceOnUse", patternTransform: "rotate(-45)" });
    one.append(node("path", { d: "M0 7H14", stroke: "#ffffff", "stroke-width": 7 }), node("path", { d: "M0 7H14", stroke: PRIVATE, "stroke-width": 3.4 }));
    return one;
  }
  /* A field of a legend in the pattern of a class, of the dead zone or of private ground. */
  CM.swatch = function (name) {
    const one = node("svg", { width: 30, height: 16, viewBox: "0 0 30 16", class: "camera-swatch", "aria-hidden": "true" });
    const looks = name === "dead" ? DEAD : BANDS[name] || BANDS.observe;
    const dash = name === "dead" ? "3 2" : "none";
    if (name === "private") {
      one.append(node("rect", { x: 1, y: 1, width: 28, height: 14, fill: "#7fcdbb" }), node("rect", { x: 1, y: 1, width: 28, height: 14, fill: "url(#camera-private)", stroke: PRIVATE, "stroke-width": 1.8 }));
      return one;
    }
    if (name === "view") { one.append(node("rect", { x: 1, y: 1, width: 28, height: 14, fill: "none", stroke: "#1d2730", "stroke-width": 1.6, "stroke-dasharray": "6 4" })); return one; }
    one.append(node("rect", { x: 0.75, y: 0.75, width: 28.5, height: 14.5, fill: "url(#camera-" + (name in BANDS ? name : name === "dead" ? "dead" : "observe") + ")", stroke: looks.pen === "#ffffff" || looks.pen === "#dcecf7" ? "#132e6b" : looks.pen, "stroke-width": 1.2, "stroke-dasharray": dash }));
    return one;
  };

  /* Plane geometry round a place, in metres; azimuths from true north. */
  CM.step = function (place, azimuth, metres) {
    const lat = place[1] + metres * Math.cos(azimuth * rad) / METRES;
    return [place[0] + metres * Math.sin(azimuth * rad) / (METRES * Math.cos(place[1] * rad)), lat];
  };
  CM.towards = function (from, to) {
    const x = (to[0] - from[0]) * METRES * Math.cos(from[1] * rad);
    const y = (to[1] - from[1]) * METRES;
    return { azimuth: (Math.atan2(x, y) / rad + 360) % 360, metres: Math.hypot(x, y) };
  };
  const latLng = (place) => L.latLng(place[1], place[0]);

  /* `act`: began(), moved(what, value), ended(what), words. Values of a camera: {place, azimuth, tilt, hfov, reach, height, kind}. */
  CM.Drawing = function (map, act) {
    const pane = (name, z) => { const one = map.getPane(name) || map.createPane(name); one.style.zIndex = z; return name; };
    const areas = L.svg({ pane: pane("camera-areas", 440) }).addTo(map);
    const own = L.svg({ pane: pane("camera-own", 442) }).addTo(map);
    const lines = L.svg({ pane: pane("camera-lines", 445) }).addTo(map);
    const defs = node("defs", {});
    Object.keys(BANDS).forEach((name) => defs.append(pattern(name, BANDS[name])));
    defs.append(pattern("dead", DEAD), hatch("camera-private"));
    areas._container.append(defs);
    const bands = L.layerGroup().addTo(map);
    const wedge = L.layerGroup().addTo(map);
    const handles = new Map();
    let camera = null;
    let dragging = null;
    let fresh = false;     /* the answer on the map is that of the camera as it stands */
    let grip = 0;          /* metres between a handle and what it stands for, when it was taken */
    const coarse = window.matchMedia("(pointer: coarse)").matches;
    const SIZE = coarse ? 40 : 26;

    const shape = (geometry, style, into) => {
      if (!geometry || !geometry.type) { return; }
      L.geoJSON(geometry, {
        interactive: false,
        style: () => Object.assign({ pane: style.renderer.options.pane, interactive: false, smoothFactor: 0.4 }, style),
        pointToLayer: () => L.layerGroup(),
      }).addTo(into);
    };
    const inkOf = (name) => (BANDS[name] || BANDS.observe).pen;
    const idOf = (name) => (name in BANDS ? name : "observe");

    /* What the server answered: the coarsest class lies below, the finest above. */
    function answer(told) {
      bands.clearLayers();
      fresh = Boolean(told) && !dragging;
      outline();
      if (!told) { return; }
      const coarseFirst = (told.bands || []).slice().reverse();
      coarseFirst.forEach((one) => {
        shape(one.geometry, { renderer: areas, stroke: false, fillColor: "url(#camera-" + idOf(one.observation_class) + ")", fillOpacity: 1 }, bands);
      });
      coarseFirst.forEach((one) => {
        const dark = ["#ffffff", "#dcecf7"].indexOf(inkOf(one.observation_class)) >= 0;
        shape(one.geometry, { renderer: lines, fill: false, color: dark ? "#132e6b" : inkOf(one.observation_class), weight: 1.2 }, bands);
      });
      if (told.dead_zone) {
        shape(told.dead_zone.geometry, { renderer: areas, color: DEAD.pen, weight: 1.4, dashArray: "3 2", fillColor: "url(#camera-dead)", fillOpacity: 1 }, bands);
      }
      if (told.private) {
        shape(told.private.geometry, { renderer: own, color: "#ffffff", weight: 3.6, fillColor: "url(#camera-private)", fillOpacity: 1, className: "camera-private-ground" }, bands);
        shape(told.private.geometry, { renderer: own, color: PRIVATE, weight: 1.8, fill: false }, bands);
      }
      if (told.view) { shape(told.view.geometry, { renderer: lines, fill: false, color: "#1d2730", weight: 1.6, dashArray: "6 4" }, bands); }
    }

    const turns = () => camera.kind !== "ptz" && camera.hfov < 360;
    const tilts = () => camera.kind !== "ptz" && camera.kind !== "fisheye";
    /* Pixels of a metre; whole pixels would be none from far away. */
    const perMetre = () => map.project(latLng(camera.place)).distanceTo(map.project(latLng(CM.step(camera.place, 90, 1000)))) / 1000;
    /* Where the middle of the picture meets the ground. */
    const foot = () => (camera.tilt > 0.05 ? camera.height / Math.tan(camera.tilt * rad) : Infinity);
    const places = {
      place: () => camera.place,
      /* A hand's breadth before the camera, or beyond its reach where that is nearer. */
      turn: () => {
        const scale = perMetre();
        const reach = camera.reach * scale;
        return CM.step(camera.place, camera.azimuth, (reach >= 150 ? 84 : reach + 44) / scale);
      },
      reach: () => CM.step(camera.place, turns() ? camera.azimuth : 90, camera.reach),
      /* Never so near that it lies over the camera itself. */
      tilt: () => CM.step(camera.place, camera.azimuth - Math.min(Math.max(camera.hfov / 2, 12), 100), Math.max(Math.min(foot(), camera.reach), (SIZE + 8) / perMetre())),
    };
    const words = {
      place: () => act.words.handle_place,
      turn: () => act.fill(act.words.handle_turn, { n: Math.round(camera.azimuth) }),
      reach: () => act.fill(act.words.handle_reach, { n: Math.round(camera.reach) }),
      tilt: () => act.fill(act.words.handle_tilt, { n: Math.round(camera.tilt * 10) / 10 }),
    };
    const limit = (value, low, high) => Math.min(Math.max(value, low), high);
    const read = {
      place: (at) => [Math.round(at.lng * 1e7) / 1e7, Math.round(at.lat * 1e7) / 1e7],
      turn: (at) => Math.round(CM.towards(camera.place, [at.lng, at.lat]).azimuth * 2) / 2 % 360,
      reach: (at) => limit(Math.round(CM.towards(camera.place, [at.lng, at.lat]).metres), 1, 5000),
      tilt: (at) => limit(Math.round(Math.atan2(camera.height, Math.max(CM.towards(camera.place, [at.lng, at.lat]).metres - grip, 0.01)) / rad * 2) / 2, 0.5, 89),
    };
    /* Arrow keys: half a metre, a degree, a metre, half a degree; with Shift ten times that. */
    function nudge(name, key, big) {
      const x = (key === "ArrowRight") - (key === "ArrowLeft");
      const y = (key === "ArrowUp") - (key === "ArrowDown");
      const times = big ? 10 : 1;
      if (name === "place") {
        const metres = 0.5 * times;
        const next = CM.step(CM.step(camera.place, 90, x * metres), 0, y * metres);
        return [Math.round(next[0] * 1e7) / 1e7, Math.round(next[1] * 1e7) / 1e7];
      }
      if (name === "turn") { return (camera.azimuth + (x || -y) * times + 360) % 360; }
      if (name === "reach") { return limit(camera.reach + (x || y) * times, 1, 5000); }
      return limit(camera.tilt - (y || x) * 0.5 * times, 0.5, 89);
    }

    function handle(name) {
      const one = L.marker([0, 0], {
        draggable: true, keyboard: true, autoPan: false, zIndexOffset: name === "place" ? 900 : 1000,
        icon: L.divIcon({ className: "camera-handle camera-handle-" + name, iconSize: [SIZE, SIZE], iconAnchor: [SIZE / 2, SIZE / 2] }),
      });
      one.on("dragstart", () => {
        dragging = name;
        grip = name === "tilt" ? Math.max(CM.towards(camera.place, places.tilt()).metres - Math.min(foot(), camera.reach), 0) : 0;
        act.began(name);
      });
      one.on("drag", () => act.moved(name, read[name](one.getLatLng())));
      one.on("dragend", () => { dragging = null; put(); act.ended(name); });
      one.on("keydown", (event) => {
        const key = event.originalEvent;
        if (key.ctrlKey || key.altKey || key.metaKey || !/^Arrow/.test(key.key)) { return; }
        key.preventDefault();
        key.stopPropagation();
        act.began(name);
        act.moved(name, nudge(name, key.key, key.shiftKey));
        act.ended(name, true);
      });
      return one;
    }
    function put() {
      const wanted = camera ? ["place", "turn", "reach", "tilt"].filter((name) =>
        (name !== "turn" || turns()) && (name !== "tilt" || (tilts() && turns()))) : [];
      ["place", "turn", "reach", "tilt"].forEach((name) => {
        let one = handles.get(name);
        if (wanted.indexOf(name) < 0) {
          if (one) { one.remove(); handles.delete(name); }
          return;
        }
        if (!one) {
          one = handle(name);
          handles.set(name, one);
          one.setLatLng(latLng(places[name]())).addTo(map);
        } else if (dragging !== name) { one.setLatLng(latLng(places[name]())); }
        const element = one.getElement();
        element.title = words[name]();
        element.setAttribute("aria-label", words[name]());
      });
      outline();
    }
    /* The view as it would be without obstacles, drawn at once while the answer is on its way. */
    function outline() {
      wedge.clearLayers();
      if (!camera) { return; }
      const style = { pane: "camera-lines", renderer: lines, interactive: false, color: "#1d2730", weight: 1.4, opacity: 0.75, fill: false };
      const round = !turns();
      const half = round ? 180 : Math.min(camera.hfov, 360) / 2;
      const arc = round ? [] : [camera.place];
      for (let i = 0; i <= 48; i += 1) { arc.push(CM.step(camera.place, camera.azimuth - half + 2 * half * i / 48, camera.reach)); }
      if (!fresh) { L.polygon(arc.map(latLng), Object.assign({}, style, { dashArray: "2 4" })).addTo(wedge); }
      if (turns()) {
        L.polyline([camera.place, places.turn()].map(latLng), Object.assign({}, style, { weight: 2 })).addTo(wedge);
        if (tilts()) {
          L.polyline([camera.place, places.tilt()].map(latLng), Object.assign({}, style, { dashArray: "1 5" })).addTo(wedge);
        }
      }
    }
    map.on("zoomend", () => { if (camera && !dragging) { put(); } });

    return {
      show: (given) => { camera = given; fresh = false; put(); },
      answer: answer,
      hide: () => { camera = null; dragging = null; put(); bands.clearLayers(); },
      isDragging: () => Boolean(dragging),
      focus: (name) => { const one = handles.get(name); if (one) { one.getElement().focus({ preventScroll: true }); } },
    };
  };
})();
