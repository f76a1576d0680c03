/* Layers of large towns as vector tiles (Mapbox Vector Tile 2.1): read here, drawn by the map's own brush.
   A layer whose description has `tiles` asks for the tiles of the view; its `url` gives the headings of its values. */
(function () {
  "use strict";
  const TM = (window.TownMap = window.TownMap || {});
  const MOST_ZOOM = 16;
  const KEPT = 120;
  const KINDS = ["point", "point", "line", "polygon"];
  const CUT = "|cut";

  /* Protocol buffers, as far as tiles need them. */
  function Reader(bytes, from, to) {
    this.bytes = bytes;
    this.at = from || 0;
    this.end = to === undefined ? bytes.length : to;
  }
  Reader.prototype.varint = function () {
    let value = 0;
    let scale = 1;
    let one;
    do {
      one = this.bytes[this.at];
      this.at += 1;
      value += (one & 127) * scale;
      scale *= 128;
    } while (one > 127 && this.at < this.end);
    return value;
  };
  const unzigzag = (value) => (value % 2 ? -(value + 1) / 2 : value / 2);
  Reader.prototype.part = function () {
    const size = this.varint();
    const from = this.at;
    this.at += size;
    return new Reader(this.bytes, from, from + size);
  };
  Reader.prototype.words = function () {
    const part = this.part();
    return new TextDecoder().decode(this.bytes.subarray(part.at, part.end));
  };
  Reader.prototype.skip = function (wire) {
    if (wire === 0) { this.varint(); } else if (wire === 1) { this.at += 8; } else if (wire === 2) { this.part(); } else { this.at += 4; }
  };
  /* Calls `take(field, reader, wire)` for each field; what it does not read is passed over. */
  Reader.prototype.each = function (take) {
    while (this.at < this.end) {
      const head = this.varint();
      const before = this.at;
      take(head >> 3, this, head & 7);
      if (this.at === before) { this.skip(head & 7); }
    }
  };

  function readValue(reader) {
    let value = null;
    reader.each((field, one) => {
      if (field === 1) { value = one.words(); }
      else if (field === 2) { value = new DataView(one.bytes.buffer, one.bytes.byteOffset + one.at, 4).getFloat32(0, true); one.at += 4; }
      else if (field === 3) { value = new DataView(one.bytes.buffer, one.bytes.byteOffset + one.at, 8).getFloat64(0, true); one.at += 8; }
      else if (field === 4 || field === 5) { value = one.varint(); }
      else if (field === 6) { value = unzigzag(one.varint()); }
      else if (field === 7) { value = Boolean(one.varint()); }
    });
    return value;
  }

  /* Commands become parts in world coordinates; a ring ends where it began. */
  function readParts(reader, place, box) {
    const parts = [];
    let points = [];
    let x = 0;
    let y = 0;
    const close = () => { if (points.length) { parts.push(Float64Array.from(points)); points = []; } };
    while (reader.at < reader.end) {
      const command = reader.varint();
      const what = command & 7;
      if (what === 7) { points.push(points[0], points[1]); close(); continue; }
      for (let left = command >> 3; left > 0 && reader.at < reader.end; left -= 1) {
        x += unzigzag(reader.varint());
        y += unzigzag(reader.varint());
        if (what === 1) { close(); }
        const wx = (place.x + x / place.extent) * place.side;
        const wy = (place.y + y / place.extent) * place.side;
        points.push(wx, wy);
        if (wx < box[0]) { box[0] = wx; }
        if (wy < box[1]) { box[1] = wy; }
        if (wx > box[2]) { box[2] = wx; }
        if (wy > box[3]) { box[3] = wy; }
      }
    }
    close();
    return parts;
  }

  /* The features of one layer of a tile: {id, kind, parts, box, told}. */
  TM.readTile = function (bytes, name, z, x, y) {
    const found = [];
    new Reader(bytes).each((top, tile) => {
      if (top !== 3) { return; }
      const layer = { name: "", keys: [], values: [], features: [], extent: 4096 };
      tile.part().each((field, one) => {
        if (field === 1) { layer.name = one.words(); }
        else if (field === 2) { layer.features.push(one.part()); }
        else if (field === 3) { layer.keys.push(one.words()); }
        else if (field === 4) { layer.values.push(readValue(one.part())); }
        else if (field === 5) { layer.extent = one.varint(); }
      });
      if (layer.name !== name) { return; }
      const place = { x: x, y: y, side: 256 / Math.pow(2, z), extent: layer.extent };
      layer.features.forEach((raw) => {
        const feature = { id: 0, kind: "point", parts: [], box: [Infinity, Infinity, -Infinity, -Infinity], told: {} };
        raw.each((field, one) => {
          if (field === 1) { feature.id = one.varint(); }
          else if (field === 2) {
            const tags = one.part();
            while (tags.at < tags.end) { feature.told[layer.keys[tags.varint()]] = layer.values[tags.varint()]; }
          } else if (field === 3) { feature.kind = KINDS[one.varint()] || "point"; }
          else if (field === 4) { feature.parts = readParts(one.part(), place, feature.box); }
        });
        if (feature.parts.length) { found.push(feature); }
      });
    });
    return found;
  };

  /* Tiles of a layer: what came, by address. */
  function Tiles() {
    this.kept = new Map();
    this.shown = "";
  }
  Tiles.prototype.need = function (layer, address) {
    const known = this.kept.get(address);
    if (known) {
      this.kept.delete(address);
      this.kept.set(address, known);
      return known;
    }
    const at = address.split("/").map(Number);
    const url = layer.described.tiles.replace("{z}", at[0]).replace("{x}", at[1]).replace("{y}", at[2]);
    const asked = fetch(url, { credentials: "same-origin" })
      .then((answer) => {
        if (!answer.ok) { throw new Error(layer.key + ": " + answer.status); }
        return answer.arrayBuffer();
      })
      .then((content) => TM.readTile(new Uint8Array(content), layer.key, at[0], at[1], at[2]));
    asked.catch(() => { if (this.kept.get(address) === asked) { this.kept.delete(address); } });
    this.kept.set(address, asked);
    if (this.kept.size > KEPT) { this.kept.delete(this.kept.keys().next().value); }
    return asked;
  };

  /* The addresses of the tiles that the view needs, at a zoom one to two below the map's. */
  function addresses(map) {
    const zoom = Math.max(0, Math.min(MOST_ZOOM, Math.floor(map.getZoom()) - 1));
    const many = Math.pow(2, zoom);
    const view = map.getBounds().pad(0.15);
    const first = TM.world(view.getWest(), Math.min(85, view.getNorth()));
    const last = TM.world(view.getEast(), Math.max(-85, view.getSouth()));
    const whole = (value) => Math.max(0, Math.min(many - 1, Math.floor(value / 256 * many)));
    const found = [];
    for (let x = whole(first[0]); x <= whole(last[0]); x += 1) {
      for (let y = whole(first[1]); y <= whole(last[1]); y += 1) { found.push(zoom + "/" + x + "/" + y); }
    }
    return found;
  }

  /* A feature that several tiles hold is taken once; one that was cut is put together again. */
  function gather(layer, tiles) {
    const names = new Map();
    const attributes = {};
    tiles.forEach((features) => features.forEach((one) => {
      const key = String(one.id);
      const known = names.get(key);
      if (known) {
        if (one.told.cut) {
          known.parts = known.parts.concat(one.parts);
          known.box = known.box.map((side, at) => (at < 2 ? Math.min(side, one.box[at]) : Math.max(side, one.box[at])));
        }
        return;
      }
      const cls = String(one.told.class === undefined ? "default" : one.told.class);
      names.set(key, {
        id: one.id, cls: one.told.cut && one.kind === "polygon" ? cls + CUT : cls, kind: one.kind, parts: one.parts, box: one.box,
        values: layer.fields.map((field) => (one.told[field.key] === undefined ? null : one.told[field.key])), layer: layer.key,
      });
      ["level", "bridge", "tunnel"].forEach((name) => {
        if (one.told[name]) { (attributes[name] = attributes[name] || {})[one.id] = Number(one.told[name]); }
      });
    }));
    layer.names = names;
    layer.attributes = attributes;
    layer.features = Array.from(names.values());
    if (layer.style.roads) { layer.features.sort((a, b) => layer.roadOrder(a) - layer.roadOrder(b)); }
  }

  function headings(layer) {
    const mark = layer.described.url.indexOf("?") < 0 ? "?" : "&";
    return fetch(layer.described.url + mark + "bbox=0,0,0,0&zoom=18", { credentials: "same-origin" })
      .then((answer) => { if (!answer.ok) { throw new Error(layer.key + ": " + answer.status); } return answer.json(); })
      .then((raw) => {
        layer.fields = raw.fields;
        layer.nameAt = raw.fields.findIndex((one) => one.key === raw.label);
      });
  }

  function loadTiles(layer, map) {
    if (!layer.loaded) { /* the first time, or asked anew after an edit */
      layer.tiles = new Tiles();
      layer.loaded = headings(layer);
    }
    if (map.getZoom() < Math.max(layer.described.min_zoom || 0, layer.style.from || 0)) { return Promise.resolve(false); }
    const tiles = layer.tiles;
    const wanted = addresses(map);
    const view = wanted.join(" ");
    if (tiles.shown === view) { return Promise.resolve(false); }
    tiles.shown = view;
    return Promise.all([layer.loaded].concat(wanted.map((one) => tiles.need(layer, one)))).then((came) => {
      if (layer.tiles !== tiles || tiles.shown !== view) { return false; }
      gather(layer, came.slice(1));
      layer.failed = false;
      return true;
    }).catch(() => {
      if (layer.tiles !== tiles || tiles.shown !== view) { return false; }
      tiles.shown = "";
      layer.loaded = null;
      layer.failed = true;
      return true;
    });
  }

  const loadWhole = TM.Layer.prototype.load;
  TM.Layer.prototype.load = function (map, inline) {
    return this.described.tiles ? loadTiles(this, map) : loadWhole.call(this, map, inline);
  };
  /* Where an area was cut there is no edge to draw. */
  const looksOf = TM.Layer.prototype.looksOf;
  TM.Layer.prototype.looksOf = function (feature) {
    if (!feature.cls.endsWith(CUT)) { return looksOf.call(this, feature); }
    const looks = looksOf.call(this, Object.assign({}, feature, { cls: feature.cls.slice(0, -CUT.length) }));
    return Object.assign({}, looks, { stroke: null });
  };
})();
