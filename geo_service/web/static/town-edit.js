/* Editing on the map: choose a layer, add, change and delete features, take changes back. The shape is in the hands of
   town-edit-shape.js, the form in those of town-edit-form.js. Kept to what Chromium 86 knows. */
(function () {
  "use strict";
  const TE = (window.TownEdit = window.TownEdit || {});
  const holder = document.getElementById("town-edit-setup");
  if (!holder || !window.townMap) { return; }
  const setup = (TE.setup = JSON.parse(holder.textContent));
  setup.token = document.getElementById("edit-token").value;
  const words = setup.words;
  const map = window.townMap.map;
  const element = (id) => document.getElementById("edit-" + id);
  const panel = element("panel");
  const select = element("layer");
  const layers = new Map();
  setup.groups.forEach((group) => {
    const set = document.createElement("optgroup");
    set.label = group.title;
    group.layers.forEach((one) => {
      layers.set(one.name, one);
      const option = TE.make("option", "", one.title);
      option.value = one.name;
      set.append(option);
    });
    select.append(set);
  });

  let layer = null;
  let open = null;      /* {id, revision, name, form, dirty, base} */
  let saved = [];       /* numbers of the changes saved here, for Ctrl+Z */
  let busy = false;
  const marks = L.layerGroup().addTo(map);

  const line = element("help");
  const say = (text, bad) => {
    line.textContent = text || "";
    line.classList.toggle("bad", Boolean(bad));
  };
  const own = () => (open && open.id ? { layer: layer.name, id: open.id } : null);
  const editor = TE.Editor(map, {
    words: words, own: own,
    changed: () => { if (open) { open.dirty = true; shapeToForm(); tools(); } },
    drawn: () => { open.dirty = true; shapeToForm(); tools(); fields(); say(words.fill_in); },
    count: (n) => say(TE.fill(words.drawing_n, { n: n })),
    tooFew: (kind) => say(kind === "polygon" ? words.three : words.two, true),
    crowded: (yes) => { if (yes) { say(words.crowded); } },
    chosen: () => tools(),
    cut: (ring) => TE.cutter && TE.cutter(ring),
  });

  function shapeToForm() {
    const shape = editor.shape();
    if (!shape || shape.kind !== "point" || !open || !open.form) { return; }
    const [lon, lat] = shape.parts[0][0][0];
    open.form.set("lon", lon.toFixed(7));
    open.form.set("lat", lat.toFixed(7));
  }
  function typed(name) {
    open.dirty = true;
    if (name !== "lon" && name !== "lat") { return; }
    const lon = Number(open.form.get("lon"));
    const lat = Number(open.form.get("lat"));
    if (Math.abs(lon) <= 180 && Math.abs(lat) <= 90 && open.form.get("lon") && open.form.get("lat")) { editor.movePoint(lon, lat); }
  }

  /* Dashed and solid outlines beside the shape that is edited. */
  function outline(shape, style) {
    if (!shape) { return; }
    L.geoJSON(shape, {
      pane: "town-edit", interactive: false, style: Object.assign({ color: "#1d2730", weight: 2.5, dashArray: "7 5", fill: false, pane: "town-edit", renderer: TE.renderer }, style),
      pointToLayer: (one, latlng) => L.circleMarker(latlng, Object.assign({ pane: "town-edit", renderer: TE.renderer, radius: 10, color: "#1d2730", weight: 2.5, dashArray: "4 3", fill: false }, style)),
    }).addTo(marks);
  }
  function faultAt(one) {
    if (one.lon == null) { return; }
    const mark = L.marker([one.lat, one.lon], {
      icon: L.divIcon({ className: "edit-fault", iconSize: [26, 26], iconAnchor: [13, 13] }), title: one.words, keyboard: false, zIndexOffset: 1000,
    }).addTo(marks);
    const label = document.createElement("span");
    label.textContent = one.words;
    mark.bindTooltip(label, { permanent: true, direction: "top", offset: [0, -12], className: "edit-fault-words" });
    if (!map.getBounds().contains([one.lat, one.lon])) { map.panTo([one.lat, one.lon], { animate: false }); }
  }

  /* The tools for the shape that is at hand. */
  function tools() {
    const drawing = editor.isDrawing();
    const shape = editor.shape();
    const area = shape && shape.kind === "polygon";
    const parts = shape && shape.kind !== "point";
    element("draw").hidden = !drawing;
    element("shape").hidden = drawing || !open || !parts;
    element("hole").hidden = !area;
    element("add").disabled = Boolean(open);
    select.disabled = Boolean(open);
    element("undo").disabled = !saved.length && !editor.depth();
    document.body.classList.toggle("edit-open", Boolean(open));
  }

  function close() {
    if (open && open.id) { window.townMap.mask(layer.name, open.id, false); }
    open = null;
    editor.clear();
    marks.clearLayers();
    panel.textContent = "";
    tools();
    document.dispatchEvent(new CustomEvent("townedit:open", { detail: { layer: layer ? layer.name : null, id: null } }));
  }

  /* Forms */
  function fields(told) {
    panel.textContent = "";
    const here = open;
    const title = TE.make("h2", "edit-title", here.id ? here.name : words.new_one);
    title.tabIndex = -1;
    here.form = TE.form(told || here.fields, typed);
    const top = TE.make("div", "edit-messages");
    top.id = "edit-messages";
    const buttons = TE.make("p", "buttons");
    buttons.append(TE.button(words.save, "main", save), TE.button(words.cancel, "", cancel));
    if (here.id) { buttons.append(TE.button(words.remove, "danger", () => confirmDelete())); }
    const form = TE.make("form", "edit-form");
    form.id = "edit-form";
    form.noValidate = true;
    form.addEventListener("submit", (event) => { event.preventDefault(); save(); });
    form.append(title, top, here.form.element, buttons);
    panel.append(form);
    shapeToForm();
    if (here.id) {
      TE.ask(setup.address + "/" + layer.name + "/" + here.id + "/history").then((answer) => {
        if (open !== here || answer.status !== 200) { return; }
        form.append(TE.history(answer.told.steps, {
          outline: (shape) => { marks.clearLayers(); outline(shape); },
          undo: undoBatch,
        }));
      });
    }
  }
  function start(told, id) {
    open = { id: id, revision: told.revision, name: told.name || "", fields: told.fields, dirty: false };
    const shape = TE.fromGeoJSON(told.geometry);
    if (id) { window.townMap.mask(layer.name, id, true); }
    editor.load(shape);
    fields();
    tools();
    document.dispatchEvent(new CustomEvent("townedit:open", { detail: { layer: layer.name, id: id } }));
  }

  function openRow(id, options) {
    if (busy) { return Promise.resolve(false); }
    if (open && open.dirty) { say(words.first_save, true); return Promise.resolve(false); }
    busy = true;
    close();
    return TE.ask(setup.address + "/" + layer.name + "/form?id=" + id).then((answer) => {
      busy = false;
      if (answer.status !== 200) { say((answer.told.messages || [words.failed])[0], true); return false; }
      start(answer.told, id);
      say(answer.told.geometry && answer.told.geometry.type === "Point" ? words.move_point : words.reshape);
      if (options && options.zoom && answer.told.geometry) { zoomTo(answer.told.geometry); }
      return true;
    });
  }
  function zoomTo(shape) {
    const box = L.geoJSON(shape).getBounds();
    if (!map.getBounds().contains(box) || map.getZoom() < 15) { map.fitBounds(box.pad(0.3), { maxZoom: 18, animate: false }); }
  }

  function add(kind) {
    if (open || !layer) { return; }
    if (layer.geometry === "line_or_polygon" && typeof kind !== "string") {
      panel.textContent = "";
      const choice = TE.make("p", "buttons");
      choice.append(TE.button(words.draw_line, "", () => add("line")), TE.button(words.draw_area, "", () => add("polygon")));
      panel.append(TE.make("p", "", words.line_or_area), choice);
      return;
    }
    const wanted = typeof kind === "string" ? kind : layer.geometry;
    TE.ask(setup.address + "/" + layer.name + "/form").then((answer) => {
      if (answer.status !== 200) { say((answer.told.messages || [words.failed])[0], true); return; }
      panel.textContent = "";
      open = { id: null, revision: null, name: "", fields: answer.told.fields, dirty: false };
      editor.start(wanted);
      say(wanted === "point" ? words.tap_point : wanted === "line" ? words.tap_line : words.tap_area);
      tools();
    });
  }

  function refresh(names) {
    return Promise.all((names || [layer.name]).filter((one) => layers.has(one)).map((one) => window.townMap.refresh(one)))
      .then(() => document.dispatchEvent(new CustomEvent("townedit:stored", { detail: { layers: names || [layer.name] } })));
  }

  function body() {
    const shape = editor.shape();
    return {
      values: open.form.values(), revision: open.revision,
      geometry: shape && shape.kind !== "point" ? TE.toGeoJSON(shape) : null,
    };
  }
  function save() {
    if (busy || !open || !open.form || open.held) { return; }
    busy = true;
    const here = open;
    const name = layer.name;
    TE.ask(setup.address + "/" + name + (here.id ? "/" + here.id : ""), body()).then((answer) => {
      busy = false;
      if (open !== here) { return; }
      marks.clearLayers();
      const told = answer.told;
      if (answer.status === 200 || answer.status === 201) {
        if (told.batch) { saved.push(told.batch); }
        close();
        refresh([name]);
        say(told.batch ? TE.fill(words.saved, { n: told.batch }) : words.unchanged);
        return;
      }
      if (answer.status === 409 && (told.clashes || told.gone)) { return told.gone ? gone(told) : clash(told); }
      if (told.fields) { here.form.faults(told.fields); }
      const list = (told.faults || []).concat((told.places || []).map((one) => one.words), told.messages || []);
      TE.messages(list.filter((one, at) => list.indexOf(one) === at));
      (told.places || []).forEach(faultAt);
      say(words.not_saved, true);
    });
  }

  function clash(told) {
    const here = open;
    const mine = body();
    const mineShape = editor.shape();
    outline(told.theirs.geometry, { dashArray: null, color: "#1f5f8b", weight: 4 });
    outline(mineShape ? TE.toGeoJSON(mineShape) : null, { color: "#b3123f", weight: 4, dashArray: "8 6" });
    editor.clear();
    here.held = true;  /* until it is said which version shall hold */
    tools();
    TE.messages([]);
    const top = document.getElementById("edit-messages");
    const same = told.clashes.find((one) => one.name === "geometry");
    const changedShape = same ? same.mine !== "—" : true;
    top.append(TE.clash(told, {
      theirs: () => { marks.clearLayers(); open.dirty = false; const id = open.id; close(); openRow(id); refresh(); },
      mine: () => { settle(mine.values, mineShape, told, words.kept_mine); save(); },
      merge: () => {
        const values = {};
        told.merged.forEach((one) => { values[one.name] = one.value; });
        settle(values, changedShape ? mineShape : TE.fromGeoJSON(told.theirs.geometry), told, words.merged);
      },
    }));
    top.scrollIntoView({ block: "start" });
    say(words.not_saved, true);
  }
  function settle(values, shape, told, message) {
    marks.clearLayers();
    open.held = false;
    open.revision = told.revision;
    Object.keys(values).forEach((name) => open.form.set(name, values[name]));
    const lon = Number(values.lon);
    const lat = Number(values.lat);
    editor.load(open.form.has("lon") && values.lon ? { kind: "point", multi: false, parts: [[[[lon, lat]]]] } : shape);
    open.dirty = true;
    TE.messages([]);
    say(message);
    tools();
  }
  function gone(told) {
    TE.messages((told.messages || []).concat([words.gone]));
    refresh();
    say(words.not_saved, true);
  }

  function cancel() {
    if (editor.cancel() && editor.shape()) { tools(); return; }
    close();
    say(words.choose);
  }
  function confirmDelete() {
    const top = document.getElementById("edit-messages");
    top.textContent = "";
    const box = TE.make("div", "stale");
    box.setAttribute("role", "alert");
    box.append(TE.make("p", "", TE.fill(words.really, { name: open.name })));
    const buttons = TE.make("p", "buttons");
    const yes = TE.button(words.really_yes, "danger", remove);
    buttons.append(yes, TE.button(words.really_no, "", () => { top.textContent = ""; }));
    box.append(buttons);
    top.append(box);
    yes.focus();
  }
  function remove() {
    if (busy) { return; }
    busy = true;
    const here = open;
    const name = layer.name;
    TE.ask(setup.address + "/" + name + "/" + here.id + "/delete", { revision: here.revision }).then((answer) => {
      busy = false;
      if (answer.status !== 200) { TE.messages(answer.told.messages || [words.failed]); return; }
      saved.push(answer.told.batch);
      close();
      refresh([name]);
      say(TE.fill(words.deleted, { n: answer.told.batch }));
    });
  }
  function undoBatch(batch) {
    if (busy) { return Promise.resolve(); }
    busy = true;
    return TE.ask(setup.address + "/undo/" + batch, {}).then((answer) => {
      busy = false;
      if (answer.status !== 200) { say((answer.told.messages || [words.failed])[0], true); return; }
      const id = open && open.id;
      saved = saved.filter((one) => one !== batch);
      close();
      say(TE.fill(words.undone, { n: batch }));
      refresh(answer.told.layers).then(() => { if (id) { openRow(id).then(() => say(TE.fill(words.undone, { n: batch }))); } });
    });
  }
  function undo() {
    if (editor.back()) { tools(); say(words.step_back); return; }
    if (open && open.dirty) { say(words.first_save, true); return; }
    if (saved.length) { undoBatch(saved[saved.length - 1]); } else { say(words.nothing_back); }
  }

  function chooseLayer(name) {
    const next = layers.get(name);
    if (!next || open) { return; }
    layer = next;
    select.value = name;
    say(words.choose);
    window.townMap.show(name, true).then(() => {
      const from = layer.by_view;
      if (from && map.getZoom() < from) { say(words.zoom_in); }
    });
    document.dispatchEvent(new CustomEvent("townedit:layer", { detail: { layer: name } }));
  }

  window.townMap.onClick((told) => {
    if (TE.taking && TE.taking(told.latlng)) { return true; }
    if (editor.isDrawing()) { return editor.click(told.latlng); }
    if (open && open.id === null) { editor.click(told.latlng); return true; }
    const found = layer && TE.hit(map, told.latlng, layer.name);
    if (open && (open.dirty || !found || String(found.id) === String(open.id))) {
      if (editor.click(told.latlng)) { return true; }
      if (open.dirty) { say(words.first_save, true); return true; }
    }
    if (found) { openRow(found.id); } else if (open) { close(); say(words.choose); }
    return true;
  });

  document.addEventListener("keydown", (event) => {
    const inField = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    const step = event.shiftKey ? 10 : 1;
    const arrows = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    if (event.key === "Escape") { if (TE.escape && TE.escape()) { return; } if (open) { cancel(); event.preventDefault(); } return; }
    if (inField) { return; }
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z") { undo(); event.preventDefault(); }
    else if (event.key === "Enter" && editor.isDrawing()) { editor.finish(); tools(); event.preventDefault(); }
    else if (event.key === "Delete" && editor.removeCorner()) { event.preventDefault(); }
    else if (event.key === "Backspace" && editor.isDrawing() && editor.back()) { event.preventDefault(); }
    else if (arrows[event.key] && event.target.classList.contains("edit-handle") && editor.nudge(arrows[event.key][0], arrows[event.key][1])) {
      event.preventDefault();
      event.stopPropagation();
    }
  }, true);
  window.addEventListener("beforeunload", (event) => { if (open && open.dirty) { event.preventDefault(); event.returnValue = ""; } });

  select.addEventListener("change", () => chooseLayer(select.value));
  element("add").addEventListener("click", () => add());
  element("undo").addEventListener("click", undo);
  element("finish").addEventListener("click", () => { editor.finish(); tools(); });
  element("back").addEventListener("click", undo);
  element("cancel").addEventListener("click", cancel);
  element("corner").addEventListener("click", () => { if (!editor.removeCorner()) { say(words.choose_corner); } });
  element("hole").addEventListener("click", () => { editor.start("polygon", "hole"); say(words.tap_hole); tools(); });
  element("part").addEventListener("click", () => { editor.start(editor.shape().kind, "part"); say(words.tap_part); tools(); });

  /* For the other scripts of this page. */
  TE.page = {
    map: map, editor: editor, marks: marks, outline: outline, say: say, refresh: refresh, openRow: openRow, close: close, tools: tools,
    layer: () => layer, layers: layers, isOpen: () => Boolean(open), isDirty: () => Boolean(open && open.dirty),
    openId: () => (open ? open.id : null), chooseLayer: chooseLayer,
    saved: (batch) => { saved.push(batch); tools(); },
  };
  tools();
  window.townMap.ready.then(() => {
    const first = setup.chosen || (layers.has("camera_sites") ? "camera_sites" : layers.keys().next().value);
    chooseLayer(first);
    if (setup.row) { openRow(setup.row, { zoom: true }); }
    document.body.setAttribute("data-editing", "ready");
  });
})();
