/* Drawing on canvas: a Leaflet renderer that keeps one picture of the view and draws it anew after each move. */
(function () {
  "use strict";
  const TM = (window.TownMap = window.TownMap || {});

  TM.Canvas = L.Renderer.extend({
    options: { padding: 0.15 },

    initialize: function (paint, options) {
      L.Renderer.prototype.initialize.call(this, options);
      this._paint = paint;
    },

    _initContainer: function () {
      this._container = document.createElement("canvas");
      this._container.className = "town-map-canvas";
      this._container.setAttribute("aria-hidden", "true");
      this._ctx = this._container.getContext("2d");
    },

    _destroyContainer: function () {
      L.Util.cancelAnimFrame(this._wanted);
      L.DomUtil.remove(this._container);
      delete this._ctx;
      delete this._container;
    },

    _update: function () {
      if (this._map._animatingZoom && this._bounds) { return; }
      L.Renderer.prototype._update.call(this);
      this.repaint();
    },

    /* Draw now what the layers hold. */
    repaint: function () {
      if (!this._map || !this._bounds || TM.holdStill) { return; }
      const size = this._bounds.getSize();
      if (size.x < 1 || size.y < 1) { return; }
      const ratio = TM.printing ? 3 : Math.min(window.devicePixelRatio || 1, 2);
      const canvas = this._container;
      L.DomUtil.setPosition(canvas, this._bounds.min);
      canvas.width = Math.round(ratio * size.x);
      canvas.height = Math.round(ratio * size.y);
      canvas.style.width = size.x + "px";
      canvas.style.height = size.y + "px";
      this._ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
      this._paint(new TM.View(this._ctx, this._map, this._bounds, ratio));
    },

    /* Draw soon; many wishes within a frame are one. */
    redrawSoon: function () {
      if (this._wanted) { return; }
      this._wanted = L.Util.requestAnimFrame(() => {
        this._wanted = null;
        this.repaint();
      });
    },
  });

  /* The view that is drawn: the context, the zoom, and where world coordinates fall on the canvas. */
  TM.View = function (ctx, map, bounds, ratio) {
    const origin = map.getPixelOrigin();
    this.ctx = ctx;
    this.ratio = ratio;
    this.zoom = map.getZoom();
    this.scale = Math.pow(2, this.zoom);
    this.thin = this.zoom < 13 ? 0.55 : this.zoom < 14.5 ? 0.75 : 1;
    this.left = origin.x + bounds.min.x;
    this.top = origin.y + bounds.min.y;
    this.size = bounds.getSize();
    const margin = 30;
    this.box = [(this.left - margin) / this.scale, (this.top - margin) / this.scale,
      (this.left + this.size.x + margin) / this.scale, (this.top + this.size.y + margin) / this.scale];
    const lat = map.getCenter().lat;
    this.perMetre = this.scale * 256 / (40075016.7 * Math.cos(lat * Math.PI / 180));
  };

  TM.View.prototype.sees = function (box) {
    return box[0] <= this.box[2] && box[2] >= this.box[0] && box[1] <= this.box[3] && box[3] >= this.box[1];
  };
  TM.View.prototype.x = function (x) { return x * this.scale - this.left; };
  TM.View.prototype.y = function (y) { return y * this.scale - this.top; };
  TM.View.prototype.pixel = function (lonLat) {
    const world = TM.world(lonLat[0], lonLat[1]);
    return [this.x(world[0]), this.y(world[1])];
  };

  /* Add a part to the current path; vertices closer than half a pixel are passed over. */
  TM.View.prototype.trace = function (part, closed) {
    const ctx = this.ctx;
    const last = part.length - 2;
    let px = this.x(part[0]);
    let py = this.y(part[1]);
    ctx.moveTo(px, py);
    for (let i = 2; i <= last; i += 2) {
      const x = this.x(part[i]);
      const y = this.y(part[i + 1]);
      if (i === last || Math.abs(x - px) + Math.abs(y - py) > 0.5) {
        ctx.lineTo(x, y);
        px = x;
        py = y;
      }
    }
    if (closed) { ctx.closePath(); }
  };

  /* Set by the page: whether an editor shows its own copy of a feature. */
  TM.isMasked = () => false;

  const patterns = new Map();
  function hatch(ctx, name, colour) {
    const key = name + colour;
    if (!patterns.has(key)) {
      const tile = document.createElement("canvas");
      tile.width = tile.height = 10;
      const on = tile.getContext("2d");
      on.strokeStyle = on.fillStyle = colour;
      on.lineWidth = 1.5;
      on.globalAlpha = 0.22;
      on.fillRect(0, 0, 10, 10);
      on.globalAlpha = 0.95;
      const lines = { forward: [[0, 10, 10, 0], [-2, 2, 2, -2], [8, 12, 12, 8]], back: [[0, 0, 10, 10], [-2, 8, 2, 12], [8, -2, 12, 2]] };
      lines.cross = lines.forward.concat(lines.back);
      (lines[name] || []).forEach((one) => {
        on.beginPath();
        on.moveTo(one[0], one[1]);
        on.lineTo(one[2], one[3]);
        on.stroke();
      });
      if (name === "dots") {
        on.beginPath();
        on.arc(3, 3, 1.3, 0, 7);
        on.arc(8, 8, 1.3, 0, 7);
        on.fill();
      }
      patterns.set(key, ctx.createPattern(tile, "repeat"));
    }
    return patterns.get(key);
  }
  TM.hatch = hatch;

  function inView(view, layer) {
    return layer.features.filter((one) => one.parts.length && view.sees(one.box) && !TM.isMasked(one));
  }

  function byClass(features) {
    const sorted = new Map();
    features.forEach((one) => {
      if (!sorted.has(one.cls)) { sorted.set(one.cls, []); }
      sorted.get(one.cls).push(one);
    });
    return sorted;
  }

  /* Areas and lines of one class, as one path each. Rings are wound so that holes stay holes. */
  function paintShapes(view, looks, features) {
    const ctx = view.ctx;
    const areas = features.filter((one) => one.kind === "polygon");
    const lines = features.filter((one) => one.kind === "line");
    ctx.lineJoin = ctx.lineCap = "round";
    if (areas.length) {
      ctx.beginPath();
      areas.forEach((one) => one.parts.forEach((part) => view.trace(part, true)));
      if (looks.fill) {
        ctx.globalAlpha = looks.alpha || 1;
        ctx.fillStyle = looks.hatch ? hatch(ctx, looks.hatch, looks.fill) : looks.fill;
        ctx.fill();
        ctx.globalAlpha = 1;
      }
      if (looks.stroke && looks.width) {
        ctx.strokeStyle = looks.stroke;
        // Where pieces part, their edges are for a closer look.
        ctx.lineWidth = looks.width * view.thin * (view.zoom < (looks.fine || 0) ? 0.4 : 1);
        ctx.setLineDash(looks.dash || []);
        ctx.stroke();
      }
    }
    if (lines.length) {
      ctx.beginPath();
      lines.forEach((one) => one.parts.forEach((part) => view.trace(part, false)));
      if (looks.halo) {
        ctx.setLineDash([]);
        ctx.strokeStyle = "rgba(255,255,255,0.85)";
        ctx.lineWidth = (looks.line || 2) * view.thin + 2.6;
        ctx.stroke();
      }
      ctx.setLineDash(looks.dash || []);
      if (looks.dash) { ctx.lineCap = "butt"; }
      ctx.strokeStyle = looks.stroke || looks.fill;
      ctx.lineWidth = (looks.line || looks.width || 1.5) * view.thin;
      ctx.stroke();
    }
    ctx.setLineDash([]);
  }

  /* Thousands of outlines in one path are slow to fill: some hundred at a time are not. */
  const BATCH = 100;

  function paintBuildings(view, layer, features) {
    const ctx = view.ctx;
    const lift = view.zoom >= 15.5 ? Math.min(0.9 + (view.zoom - 15.5) * 0.7, 2.6) : 0;
    ctx.lineJoin = "bevel";
    ctx.setLineDash([]);
    byClass(features).forEach((some, name) => {
      const looks = TM.classStyle(layer.style, name);
      for (let from = 0; from < some.length; from += BATCH) {
        const batch = some.slice(from, from + BATCH);
        const path = () => {
          ctx.beginPath();
          batch.forEach((one) => one.parts.forEach((part) => view.trace(part, true)));
        };
        if (lift) {
          ctx.translate(lift, lift * 1.2);
          path();
          ctx.translate(-lift, -lift * 1.2);
          ctx.fillStyle = "#cbbcaa";
          ctx.fill();
        }
        path();
        ctx.fillStyle = looks.fill;
        ctx.fill();
        if (view.zoom >= 15) {
          ctx.strokeStyle = looks.stroke;
          ctx.lineWidth = 0.9;
          ctx.stroke();
        }
      }
    });
  }

  TM.roadWidth = function (view, road) {
    return Math.max(road.metres * view.perMetre, road.least * Math.max(0.55, Math.min(1.6, (view.zoom - 9) / 6)));
  };

  /* Roads: level by level, first all casings, then all fillings, so that junctions run together. */
  function paintRoads(view, layer, features) {
    const ctx = view.ctx;
    const levels = new Map();
    features.forEach((one) => {
      const road = TM.roadOf(one.cls);
      if (view.zoom < road.from) { return; }
      const level = layer.attribute(one, "level") || 0;
      if (!levels.has(level)) { levels.set(level, new Map()); }
      const at = levels.get(level);
      const key = one.cls + (layer.attribute(one, "tunnel") ? "|tunnel" : layer.attribute(one, "bridge") ? "|bridge" : "");
      if (!at.has(key)) { at.set(key, []); }
      at.get(key).push(one);
    });
    ctx.lineJoin = "round";
    Array.from(levels.keys()).sort((a, b) => a - b).forEach((level) => {
      const groups = Array.from(levels.get(level)).sort((a, b) =>
        TM.roadOf(a[0].split("|")[0]).order - TM.roadOf(b[0].split("|")[0]).order);
      ["casing", "fill"].forEach((turn) => groups.forEach((entry) => {
        const name = entry[0].split("|");
        const road = TM.roadOf(name[0]);
        const width = TM.roadWidth(view, road);
        const casing = Boolean(road.casing) && width > 1.7;
        if (turn === "casing" && !casing) { return; }
        ctx.beginPath();
        entry[1].forEach((one) => one.parts.forEach((part) => view.trace(part, false)));
        ctx.lineCap = name[1] === "bridge" && turn === "casing" ? "butt" : "round";
        ctx.setLineDash(name[1] === "tunnel" && turn === "casing" ? [5, 4] : []);
        ctx.globalAlpha = name[1] === "tunnel" && turn === "fill" ? 0.65 : 1;
        if (turn === "casing") {
          ctx.strokeStyle = name[1] === "bridge" ? "#8f8677" : road.casing;
          ctx.lineWidth = width + (name[1] === "bridge" ? 2.6 : Math.min(2, 0.8 + width * 0.12));
        } else {
          if (road.dash) { ctx.setLineDash(road.dash); ctx.lineCap = "butt"; }
          ctx.strokeStyle = casing || road.dash ? road.fill : road.casing;
          ctx.lineWidth = width;
        }
        ctx.stroke();
        ctx.globalAlpha = 1;
      }));
    });
    ctx.setLineDash([]);
  }

  /* A symbol with its pale edge; `ring` leaves its middle open. */
  TM.symbol = function (ctx, looks, x, y, grow) {
    const r = looks.size * (grow || 1);
    ctx.save();
    ctx.translate(x, y);
    ctx.setLineDash([]);
    ctx.lineJoin = ctx.lineCap = "round";
    const shape = new Path2D();
    const lines = (points) => points.forEach((one, at) => (at ? shape.lineTo(one[0] * r, one[1] * r) : shape.moveTo(one[0] * r, one[1] * r)));
    let open = false;
    if (looks.shape === "circle") { shape.arc(0, 0, r, 0, 7); }
    else if (looks.shape === "square") { shape.rect(-r, -r, 2 * r, 2 * r); }
    else if (looks.shape === "triangle") { lines([[0, -1], [0.95, 0.75], [-0.95, 0.75]]); shape.closePath(); }
    else if (looks.shape === "diamond") { lines([[0, -1], [1, 0], [0, 1], [-1, 0]]); shape.closePath(); }
    else if (looks.shape === "flag") { lines([[-0.6, 1], [-0.6, -1], [0.9, -1], [0.9, 0.1], [-0.6, 0.1]]); }
    else if (looks.shape === "gate") { lines([[-1, 1], [-1, -0.4], [0, -1], [1, -0.4], [1, 1], [0.45, 1], [0.45, 0.1], [-0.45, 0.1], [-0.45, 1]]); shape.closePath(); }
    else if (looks.shape === "bar") { lines([[-1, -0.4], [1, -0.4], [1, 0.4], [-1, 0.4]]); shape.closePath(); }
    else { open = true; const d = looks.shape === "plus" ? [[[-1, 0], [1, 0]], [[0, -1], [0, 1]]] : [[[-0.8, -0.8], [0.8, 0.8]], [[0.8, -0.8], [-0.8, 0.8]]]; d.forEach((one) => lines(one)); }
    if (open) {
      ctx.strokeStyle = looks.stroke;
      ctx.lineWidth = 5;
      ctx.stroke(shape);
      ctx.strokeStyle = looks.fill;
      ctx.lineWidth = 2.4;
      ctx.stroke(shape);
    } else {
      ctx.strokeStyle = looks.stroke;
      ctx.lineWidth = looks.ring ? 5 : 3;
      ctx.stroke(shape);
      ctx.fillStyle = looks.ring ? looks.stroke : looks.fill;
      ctx.fill(shape);
      if (looks.ring) {
        ctx.strokeStyle = looks.fill;
        ctx.lineWidth = 2.2;
        ctx.stroke(shape);
      }
    }
    ctx.restore();
  };

  function paintPoints(view, layer, features) {
    const grow = view.zoom < 14 ? 0.65 : view.zoom < 16 ? 0.85 : 1;
    const ctx = view.ctx;
    features.forEach((one) => one.parts.forEach((part) => {
      const x = view.x(part[0]);
      const y = view.y(part[1]);
      const looks = layer.looksOf(one);
      const heading = layer.style.wedge && view.zoom >= 16 ? layer.attribute(one, "azimuth") : null;
      if (heading != null) {
        const half = Math.min(layer.attribute(one, "view") || 60, 360) / 2 * Math.PI / 180;
        const towards = (heading - 90) * Math.PI / 180;
        ctx.beginPath();
        ctx.moveTo(x, y);
        ctx.arc(x, y, 20 * grow, towards - half, towards + half);
        ctx.closePath();
        ctx.fillStyle = looks.fill;
        ctx.globalAlpha = 0.35;
        ctx.fill();
        ctx.globalAlpha = 1;
      }
      TM.symbol(ctx, looks, x, y, grow);
    }));
  }

  let spare = null;
  /* Draw with `paint` on a sheet of its own and lay that over the picture, so that overlaps do not add up. */
  function translucent(view, opacity, paint) {
    const canvas = view.ctx.canvas;
    spare = spare || document.createElement("canvas");
    spare.width = canvas.width;
    spare.height = canvas.height;
    const own = Object.create(view);
    own.ctx = spare.getContext("2d");
    own.ctx.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
    paint(own);
    view.ctx.save();
    view.ctx.setTransform(1, 0, 0, 1, 0, 0);
    view.ctx.globalAlpha = opacity;
    view.ctx.drawImage(spare, 0, 0);
    view.ctx.restore();
  }

  TM.paintLayer = function (view, layer) {
    if (!layer.shownAt(view.zoom)) { return; }
    const features = inView(view, layer);
    const style = layer.style;
    if (style.names || !features.length) { return; }
    if (style.roads) { paintRoads(view, layer, features); return; }
    if (style.shade) { paintBuildings(view, layer, features); return; }
    const shapes = features.filter((one) => one.kind !== "point");
    const groups = (on) => byClass(shapes).forEach((some) => paintShapes(on, layer.looksOf(some[0]), some));
    if (style.opacity && shapes.length) { translucent(view, style.opacity, groups); } else { groups(view); }
    paintPoints(view, layer, features.filter((one) => one.kind === "point"));
  };

  /* A selected feature: a dark line with a pale edge around it. */
  TM.paintSelected = function (view, layer, feature) {
    const ctx = view.ctx;
    const widths = [["#ffffff", 7], ["#123a5a", 3]];
    if (feature.kind === "point") {
      widths.forEach((one) => feature.parts.forEach((part) => {
        ctx.beginPath();
        ctx.arc(view.x(part[0]), view.y(part[1]), 13, 0, 7);
        ctx.strokeStyle = one[0];
        ctx.lineWidth = one[1];
        ctx.stroke();
      }));
      return;
    }
    ctx.lineJoin = ctx.lineCap = "round";
    widths.forEach((one) => {
      ctx.beginPath();
      feature.parts.forEach((part) => view.trace(part, feature.kind === "polygon"));
      ctx.strokeStyle = one[0];
      ctx.lineWidth = one[1] + (feature.kind === "line" ? 2 : 0);
      ctx.stroke();
    });
  };
})();
