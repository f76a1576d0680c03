/* Layers as they arrive: compact JSON (whole micro-degrees, each vertex as its step from the one before it)
   becomes features with projected coordinates. A feature's words are kept as plain strings, never as markup. */
(function () {
  "use strict";
  const TM = (window.TownMap = window.TownMap || {});

  /* Web Mercator on a world of 256 units, as Leaflet has it at zoom 0. */
  const worldX = (lon) => (lon + 180) / 360 * 256;
  const worldY = (lat) => {
    const s = Math.sin(lat * Math.PI / 180);
    return 128 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI) * 256;
  };
  TM.world = (lon, lat) => [worldX(lon), worldY(lat)];
  TM.lonLat = (x, y) => [x / 256 * 360 - 180, Math.atan(Math.sinh(Math.PI * (1 - y / 128))) * 180 / Math.PI];

  const KINDS = ["point", "line", "polygon"];

  function decode(raw) {
    const lon0 = raw.origin[0];
    const lat0 = raw.origin[1];
    return raw.features.map((row) => {
      const box = [Infinity, Infinity, -Infinity, -Infinity];
      const parts = row[3].map((steps) => {
        const part = new Float64Array(steps.length);
        let lon = lon0;
        let lat = lat0;
        for (let i = 0; i < steps.length; i += 2) {
          lon += steps[i];
          lat += steps[i + 1];
          const x = worldX(lon / 1e6);
          const y = worldY(lat / 1e6);
          part[i] = x;
          part[i + 1] = y;
          if (x < box[0]) { box[0] = x; }
          if (y < box[1]) { box[1] = y; }
          if (x > box[2]) { box[2] = x; }
          if (y > box[3]) { box[3] = y; }
        }
        return part;
      });
      return { id: row[0], cls: row[1], kind: KINDS[row[2]], parts: parts, values: row[4], box: box, layer: raw.key };
    });
  }

  /* One layer of the page: its description from the page, its features once they came. */
  TM.Layer = function (described, place) {
    this.key = described.key;
    this.described = described;
    this.style = TM.own(TM.styles, described.style) || TM.styles.obstacles;
    this.place = place;
    this.visible = Boolean(described.visible);
    this.features = [];
    this.fields = [];
    this.names = new Map();
    this.loaded = null;
    this.loadedBox = null;
    this.failed = false;
    this.unitPlaces = new Map((described.legend || []).map((one, at) => [String(one.class), at]));
  };

  TM.Layer.prototype.take = function (raw) {
    this.features = decode(raw);
    this.fields = raw.fields;
    this.nameAt = raw.fields.findIndex((one) => one.key === raw.label);
    this.attributes = raw.attributes || {};
    this.names = new Map(this.features.map((one) => [String(one.id), one]));
    if (this.style.roads) { this.features.sort((a, b) => this.roadOrder(a) - this.roadOrder(b)); }
    if (this.style.nested) {
      this.features.sort((a, b) => TM.classOrder.indexOf(a.cls) - TM.classOrder.indexOf(b.cls));
    }
    return this;
  };

  TM.Layer.prototype.roadOrder = function (feature) {
    return (this.attribute(feature, "level") || 0) * 100 + TM.roadOf(feature.cls).order;
  };

  /* What a style needs beside the class (a heading, a bridge, a level): parallel lists by feature id. */
  TM.Layer.prototype.attribute = function (feature, name) {
    const table = TM.own(this.attributes, name);
    return table ? TM.own(table, feature.id) : undefined;
  };

  TM.Layer.prototype.nameOf = function (feature) {
    return this.nameAt >= 0 && feature.values[this.nameAt] != null ? String(feature.values[this.nameAt]) : "";
  };

  TM.Layer.prototype.looksOf = function (feature) {
    return TM.classStyle(this.style, feature.cls, this.unitPlaces.get(String(feature.cls)));
  };

  TM.Layer.prototype.shownAt = function (zoom) {
    return this.visible && zoom >= (this.described.min_zoom || 0) && zoom >= (this.style.from || 0);
  };

  /* Fetch what the view needs; resolves to whether anything new came. */
  TM.Layer.prototype.load = function (map, inline) {
    const byView = this.described.by_view;
    if (inline && TM.own(inline, this.key)) {
      if (!this.loaded) {
        this.take(inline[this.key]);
        this.loaded = Promise.resolve(true);
        return this.loaded;
      }
      return Promise.resolve(false);
    }
    if (!this.described.url) { return Promise.resolve(false); }
    if (!byView) {
      if (this.loaded) { return this.loaded.then(() => false); }
      this.loaded = this.fetchInto(this.described.url);
      return this.loaded;
    }
    const zoom = map.getZoom();
    if (zoom < (this.described.min_zoom || 0)) { return Promise.resolve(false); }
    const level = Math.min(Math.floor(zoom), 18);
    const view = map.getBounds();
    if (this.loadedBox && this.loadedLevel === level && this.loadedBox.contains(view)) {
      return Promise.resolve(false);
    }
    const box = view.pad(0.35);
    this.loadedBox = box;
    this.loadedLevel = level;
    const numbers = [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()].map((one) => one.toFixed(5));
    const mark = this.described.url.indexOf("?") < 0 ? "?" : "&";
    return this.fetchInto(this.described.url + mark + "bbox=" + numbers.join(",") + "&zoom=" + level);
  };

  TM.Layer.prototype.fetchInto = function (url) {
    const turn = (this.turn = (this.turn || 0) + 1);
    return fetch(url, { credentials: "same-origin", headers: { Accept: "application/json" } })
      .then((answer) => {
        if (!answer.ok) { throw new Error(this.key + ": " + answer.status); }
        return answer.json();
      })
      .then((raw) => {
        if (turn !== this.turn) { return false; }
        this.take(raw);
        this.failed = false;
        return true;
      })
      .catch(() => {
        if (turn !== this.turn) { return false; }
        this.failed = true;
        this.loaded = null;
        this.loadedBox = null;
        return true;
      });
  };
})();
