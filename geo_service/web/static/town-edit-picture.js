/* A picture under the map: uploaded, placed by control points that are clicked on the picture and on the map, drawn in
   pieces on the map's own canvas. Kept to what Chromium 86 knows. */
(function () {
  "use strict";
  const TE = window.TownEdit;
  if (!TE || !TE.page) { return; }
  const page = TE.page;
  const words = TE.setup.words;
  const at = (id) => document.getElementById("edit-" + id);
  const address = TE.setup.address + "/pictures";
  const MESH = 12;
  const pictures = new Map();
  const marks = L.layerGroup().addTo(page.map);
  let shown = null;
  let image = null;
  let scale = 1;
  let pending = null;    /* a point that is being made: {x, y} in pixels of the picture, once it was clicked there */
  let adding = false;
  let unpaint = null;

  const say = (text) => { at("picture-says").textContent = text || ""; };

  /* Draw the picture by triangles of its mesh: exact for an affine map, and near enough in small pieces for the rest. */
  function triangle(ctx, source, a, b, c) {
    const [[u0, v0], [u1, v1], [u2, v2]] = source;
    const size = (u1 - u0) * (v2 - v0) - (u2 - u0) * (v1 - v0);
    const mx = [(b[0] - a[0]) * (v2 - v0) - (c[0] - a[0]) * (v1 - v0), (c[0] - a[0]) * (u1 - u0) - (b[0] - a[0]) * (u2 - u0)];
    const my = [(b[1] - a[1]) * (v2 - v0) - (c[1] - a[1]) * (v1 - v0), (c[1] - a[1]) * (u1 - u0) - (b[1] - a[1]) * (u2 - u0)];
    const m = [mx[0] / size, my[0] / size, mx[1] / size, my[1] / size];
    ctx.save();
    ctx.beginPath();
    /* Half a pixel more on each side, so that no seams show. */
    const cx = (a[0] + b[0] + c[0]) / 3;
    const cy = (a[1] + b[1] + c[1]) / 3;
    [a, b, c].forEach((p, i) => {
      const far = Math.hypot(p[0] - cx, p[1] - cy) || 1;
      const x = p[0] + (p[0] - cx) / far;
      const y = p[1] + (p[1] - cy) / far;
      if (i) { ctx.lineTo(x, y); } else { ctx.moveTo(x, y); }
    });
    ctx.closePath();
    ctx.clip();
    ctx.transform(m[0], m[1], m[2], m[3], a[0] - m[0] * u0 - m[2] * v0, a[1] - m[1] * u0 - m[3] * v0);
    ctx.drawImage(image, 0, 0, shown.width, shown.height);
    ctx.restore();
  }
  function paint(view) {
    if (!shown || !shown.mesh || !image || !image.complete || !image.naturalWidth) { return; }
    const places = shown.mesh.map((one) => view.pixel(one));
    const ctx = view.ctx;
    const sheet = document.createElement("canvas");
    sheet.width = ctx.canvas.width;
    sheet.height = ctx.canvas.height;
    const own = sheet.getContext("2d");
    const ratio = ctx.canvas.width / view.size.x;
    own.setTransform(ratio, 0, 0, ratio, 0, 0);
    for (let row = 0; row < MESH; row += 1) {
      for (let col = 0; col < MESH; col += 1) {
        const i = row * (MESH + 1) + col;
        const corner = [places[i], places[i + 1], places[i + MESH + 2], places[i + MESH + 1]];
        const xs = corner.map((one) => one[0]);
        const ys = corner.map((one) => one[1]);
        if (Math.max.apply(null, xs) < 0 || Math.min.apply(null, xs) > view.size.x || Math.max.apply(null, ys) < 0 || Math.min.apply(null, ys) > view.size.y) { continue; }
        const u = [col * shown.width / MESH, (col + 1) * shown.width / MESH];
        const v = [row * shown.height / MESH, (row + 1) * shown.height / MESH];
        triangle(own, [[u[0], v[0]], [u[1], v[0]], [u[1], v[1]]], corner[0], corner[1], corner[2]);
        triangle(own, [[u[0], v[0]], [u[1], v[1]], [u[0], v[1]]], corner[0], corner[2], corner[3]);
      }
    }
    /* Opacity once for the whole: pieces that overlap by a pixel must not show. */
    ctx.globalAlpha = Number(at("opacity").value) / 100;
    ctx.drawImage(sheet, 0, 0, view.size.x, view.size.y);
    ctx.globalAlpha = 1;
  }
  function hang() {
    if (unpaint) { unpaint(); unpaint = null; }
    if (shown) { unpaint = window.townMap.addPainter(paint, at("picture-above").checked ? "above" : "below"); }
  }

  function markers() {
    marks.clearLayers();
    const sheet = at("picture-sheet");
    sheet.querySelectorAll(".edit-pin").forEach((one) => one.remove());
    if (!shown) { return; }
    const pin = (x, y, words_) => {
      const one = TE.make("span", "edit-pin", words_);
      one.style.left = x * scale + "px";
      one.style.top = y * scale + "px";
      sheet.append(one);
    };
    shown.points.forEach((one, n) => {
      pin(one.x, one.y, n + 1);
      const label = document.createElement("span");
      label.textContent = String(n + 1);
      L.marker([one.lat, one.lon], { icon: L.divIcon({ className: "edit-pin-map", html: label, iconSize: [22, 22], iconAnchor: [11, 11] }), interactive: false, keyboard: false }).addTo(marks);
    });
    if (pending && pending.x != null) { pin(pending.x, pending.y, "?"); }
  }

  function tell() {
    const list = at("points");
    list.textContent = "";
    const fit = shown && shown.fit;
    (shown ? shown.points : []).forEach((one, n) => {
      const item = TE.make("li");
      const off = fit && !fit.exact ? TE.fill(words.picture_point, { n: n + 1, metres: fit.residuals_m[n].toFixed(2) }) : one.lon.toFixed(6) + ", " + one.lat.toFixed(6);
      item.append(TE.make("span", "", off + " "), TE.button(words.picture_drop, "quiet", () => {
        store(shown.points.filter((other) => other !== one));
      }));
      list.append(item);
    });
    if (!shown) { say(words.picture_none); return; }
    if (shown.message) { say(shown.message); return; }
    if (!fit) { say(TE.fill(words.picture_more, { n: shown.points.length })); return; }
    say(TE.fill(fit.exact ? words.picture_exact : words.picture_fit, { kind: words[fit.kind], rms: fit.rms_m.toFixed(2), worst: Math.max.apply(null, fit.residuals_m).toFixed(2) }));
  }

  function resize() {
    const picture = at("picture-image");
    picture.style.width = shown.width * scale + "px";
    picture.style.height = shown.height * scale + "px";
    markers();
  }
  function show(one) {
    const other = !shown || !one || shown.id !== one.id;
    shown = one;
    at("picture-panel").hidden = !one;
    if (one && other) {
      image = at("picture-image");
      image.onload = () => window.townMap.repaint();
      image.src = one.url;
      scale = Math.min(1, (at("picture-view").clientWidth || 330) / one.width);
      at("picture-view").scrollTop = 0;
    }
    if (one) {
      at("opacity").value = Math.round(one.opacity * 100);
      at("kind").value = one.kind;
      resize();
    }
    hang();
    markers();
    tell();
  }
  function options() {
    const select = at("picture");
    select.textContent = "";
    pictures.forEach((one) => {
      const option = TE.make("option", "", one.name);
      option.value = one.id;
      option.selected = shown && shown.id === one.id;
      select.append(option);
    });
    select.disabled = !pictures.size;
  }

  function store(points) {
    const old = shown.points;
    shown.points = points;
    markers();
    const body = { points: points, kind: at("kind").value, opacity: Number(at("opacity").value) / 100 };
    return TE.ask(address + "/" + shown.id, body).then((answer) => {
      if (answer.status !== 200) {
        shown.points = old;
        markers();
        tell();
        say((answer.told.messages || [words.failed])[0]);
        return;
      }
      pictures.set(answer.told.id, answer.told);
      show(answer.told);
    });
  }
  function together(lon, lat) {
    const point = { x: pending.x, y: pending.y, lon: lon, lat: lat };
    pending = null;
    adding = false;
    at("typed").hidden = true;
    return store(shown.points.concat([point]));
  }

  const before = TE.taking;
  TE.taking = function (latlng) {
    if (pending && pending.x != null) { together(latlng.lng, latlng.lat); return true; }
    return before ? before(latlng) : false;
  };
  const escaped = TE.escape;
  TE.escape = function () {
    if (adding) { adding = false; pending = null; at("typed").hidden = true; markers(); tell(); return true; }
    return escaped ? escaped() : false;
  };

  function upload(file) {
    if (!file) { return; }
    say(words.picture_upload);
    TE.ask(address + "?name=" + encodeURIComponent(file.name), file).then((answer) => {
      at("file").value = "";
      if (answer.status !== 201) { say((answer.told.messages || [words.failed])[0]); return; }
      pictures.set(answer.told.id, answer.told);
      show(answer.told);
      options();
    });
  }

  at("file").addEventListener("change", () => upload(at("file").files[0]));
  at("picture").addEventListener("change", () => show(pictures.get(Number(at("picture").value))));
  at("point-add").addEventListener("click", () => { adding = true; pending = null; say(words.picture_on_picture); markers(); });
  at("picture-sheet").addEventListener("click", (event) => {
    if (!adding) { return; }
    const box = at("picture-image").getBoundingClientRect();
    pending = { x: (event.clientX - box.left) / scale, y: (event.clientY - box.top) / scale };
    at("typed").hidden = false;
    say(words.picture_on_map);
    markers();
  });
  at("typed-take").addEventListener("click", () => {
    const lon = Number(at("typed-lon").value);
    const lat = Number(at("typed-lat").value);
    if (!pending || !at("typed-lon").value.trim() || !at("typed-lat").value.trim() || !(Math.abs(lon) <= 180) || !(Math.abs(lat) <= 90)) { say(words.picture_on_map); return; }
    together(lon, lat);
    at("typed-lon").value = "";
    at("typed-lat").value = "";
  });
  at("picture-larger").addEventListener("click", () => { scale = Math.min(4, scale * 1.5); resize(); });
  at("picture-smaller").addEventListener("click", () => { scale = Math.max(0.02, scale / 1.5); resize(); });
  at("kind").addEventListener("change", () => store(shown.points));
  at("opacity").addEventListener("input", () => window.townMap.repaint());
  at("opacity").addEventListener("change", () => store(shown.points));
  at("picture-above").addEventListener("change", hang);
  at("picture-delete").addEventListener("click", () => {
    const id = shown.id;
    TE.ask(address + "/" + id + "/delete", {}).then((answer) => {
      if (answer.status !== 200) { say((answer.told.messages || [words.failed])[0]); return; }
      pictures.delete(id);
      const next = pictures.values().next().value;
      show(next || null);
      options();
    });
  });
  at("pictures").addEventListener("toggle", () => { if (shown) { scale = Math.min(1, at("picture-view").clientWidth / shown.width); resize(); } });

  TE.ask(address).then((answer) => {
    if (answer.status !== 200) { return; }
    answer.told.pictures.forEach((one) => pictures.set(one.id, one));
    show(answer.told.pictures[0] || null);
    options();
  });
})();
