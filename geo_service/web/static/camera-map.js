/* Cameras on the map: choose or place one, drag and turn it, change its lens, see at once what it sees and what is left of the
   blind spots; steps back and forth; saved as planned or over the camera itself. Kept to what Chromium 86 knows. */
(function () {
  "use strict";
  const CM = (window.CameraMap = window.CameraMap || {});
  const TE = (window.TownEdit = window.TownEdit || {});
  const holder = document.getElementById("camera-map-setup");
  if (!holder || !window.townMap) { return; }
  const setup = (TE.setup = JSON.parse(holder.textContent));
  setup.token = document.getElementById("edit-token").value;
  const words = setup.words;
  const map = window.townMap.map;
  const element = (id) => document.getElementById("camera-" + id);
  const LAYER = "camera_sites";
  const MERGE_MS = 1200;

  let open = null;       /* {id, revision, name, status, panel, steps, at, saved, told} */
  let placing = false;
  let busy = false;
  let held = null;       /* values before a drag */
  let after = null;      /* what a save said */
  const times = [];      /* milliseconds from a step to its picture */
  const marks = L.layerGroup().addTo(map);
  const chip = TE.make("div", "camera-chip");
  chip.hidden = true;
  chip.setAttribute("aria-hidden", "true");
  window.townMap.addControl(chip, "bottomleft");

  const say = (text, bad) => {
    element("help").textContent = text || "";
    element("help").classList.toggle("bad", Boolean(bad));
  };
  const light = () => document.querySelector("input[name=camera-light]:checked").value;
  const drawing = CM.Drawing(map, {
    words: words, fill: TE.fill,
    began: () => { held = JSON.stringify(open.panel.values()); },
    moved: moved,
    ended: (what, key) => { step(what, words["did_" + what], key); if (key) { drawing.focus(what); } },
  });
  const trials = CM.Trials((body, signal) => fetch(setup.trial, {
    method: "POST", credentials: "same-origin", signal: signal, body: JSON.stringify(body),
    headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": setup.token },
  }).then((answer) => answer.json().then((told) => ({ status: answer.status, told: told })))
    .catch((error) => (error.name === "AbortError" ? null : { status: 0, told: { detail: words.offline } })), take,
  (on) => element("result").classList.toggle("camera-waiting", on));

  /* The list */
  function list() {
    const select = element("list");
    select.textContent = "";
    const first = TE.make("option", "", words.pick_one);
    first.value = "";
    select.append(first);
    setup.cameras.forEach((one) => {
      const option = TE.make("option", "", one[2] === "working" ? one[1] : one[1] + " · " + (setup.statuses[one[2]] || one[2]));
      option.value = String(one[0]);
      select.append(option);
    });
    select.value = open && open.id ? String(open.id) : "";
  }

  /* Trials: values as their columns keep them. */
  function body() {
    const values = {};
    const given = open.panel.values();
    open.fields.forEach((field) => {
      const value = given[field.name];
      if (value === undefined) { return; }
      /* what is not changed stays as it is stored */
      if (open.id && value === field.value) { return; }
      if (field.name === "lon" || field.name === "lat") { values[field.name] = CM.number(value); return; }
      if (value === "") { values[field.name] = null; return; }
      const numeric = field.widget === "number" || field.name === "model" || field.name === "village";
      values[field.name] = numeric && CM.number(value) !== null ? CM.number(value)
        : field.widget === "select" && (value === "yes" || value === "no") ? value === "yes" : value;
    });
    return { camera: open.id, light: light(), values: values };
  }
  function want() { if (open) { trials.want(body()); } }
  function take(answer, asked, ms) {
    if (!open) { return; }
    const box = element("result");
    box.hidden = false;
    if (answer.status !== 200) {
      const told = answer.told || {};
      const list = (told.errors || []).map((one) => (typeof one === "string" ? one : one.detail || one.message || "")).filter(Boolean);
      drawing.answer(null);
      box.textContent = "";
      const fault = TE.make("div", "fault");
      (list.length ? list : [told.detail || words.failed]).forEach((one) => fault.append(TE.make("p", "", one)));
      box.append(fault);
      open.told = null;
    } else {
      drawing.answer(answer.told);
      open.told = CM.figures(setup, box, answer.told, asked.light, open.panel.values().name || words.new_camera);
    }
    chip.hidden = !open.told;
    chip.textContent = open.told ? open.told.chip : "";
    times.push(ms);
    if (times.length > 500) { times.shift(); }
    document.body.setAttribute("data-trials", String(Number(document.body.getAttribute("data-trials") || 0) + 1));
    if (!drawing.isDragging() && !trials.waiting() && open.told) { element("said").textContent = TE.fill(words.summary, open.told); }
  }

  /* Steps */
  function moved(what, value) {
    const set = {};
    if (what === "place") {
      set.lon = value[0].toFixed(7);
      set.lat = value[1].toFixed(7);
    } else {
      set[{ turn: "azimuth_deg", reach: "max_range_m", tilt: "tilt_deg" }[what]] = String(value);
    }
    open.panel.set(set);
    picture();
  }
  function picture() {
    drawing.show(CM.read(setup, open.panel.values()));
    want();
  }
  function typed(name) {
    if (!open) { return; }
    picture();
    const what = name === "model" ? words.did_model : name === "lens" ? words.did_lens : open.panel.title(name);
    step("field:" + name, what, true);
  }
  /* Keys and typing go on as one step while they follow each other. */
  function step(name, what, merge) {
    const now = JSON.stringify(open.panel.values());
    const last = open.steps[open.at];
    held = null;
    if (now === last.values) { tools(); return; }
    const time = performance.now();
    open.steps.length = open.at + 1;
    if (merge && open.at > 0 && last.name === name && time - last.time < MERGE_MS) {
      last.values = now;
      last.time = time;
    } else {
      open.steps.push({ name: name, what: what, values: now, time: time });
      open.at += 1;
    }
    tools();
  }
  function go(by) {
    const next = open && open.steps[open.at + by];
    if (!next) { return false; }
    const what = (by < 0 ? open.steps[open.at] : next).what;
    open.at += by;
    open.panel.set(JSON.parse(next.values));
    next.time = -Infinity;
    picture();
    tools();
    say(TE.fill(by < 0 ? words.step_undone : words.step_redone, { what: what }));
    return true;
  }
  function undo() {
    if (open && open.held) { return; }
    if (go(-1)) { return; }
    if (open && isDirty()) { say(words.nothing_back); return; }
    if (!saving.undo()) { say(words.nothing_back); }
  }
  function redo() { if (!open || open.held || !go(1)) { say(words.nothing_again); } }
  const isDirty = () => Boolean(open && (open.id === null || open.steps[open.at].values !== open.kept));

  function tools() {
    document.body.classList.toggle("camera-open", Boolean(open));
    element("bar").hidden = !open && !saving.depth();
    element("undo").disabled = !(open && open.at > 0) && !(saving.depth() && !isDirty());
    element("redo").disabled = !(open && open.at < open.steps.length - 1);
    element("new").disabled = placing;
  }

  /* Open and close */
  function close() {
    trials.stop();
    if (open && open.id) { window.townMap.mask(LAYER, open.id, false); }
    open = null;
    held = null;
    drawing.hide();
    marks.clearLayers();
    element("panel").textContent = "";
    element("result").textContent = "";
    element("result").hidden = true;
    element("list").value = "";
    chip.hidden = true;
    tools();
  }
  function start(told, id, place) {
    close();
    window.townMap.clear();
    open = { id: id, revision: told.revision, name: told.name || "", fields: told.fields, status: "", told: null };
    const form = TE.make("form", "edit-form camera-form");
    form.noValidate = true;
    form.addEventListener("submit", (event) => { event.preventDefault(); saving.save(true); });
    open.panel = CM.Panel(setup, told.fields, { typed: typed });
    const title = TE.make("h2", "edit-title", id ? told.name : words.new_camera);
    const messages = TE.make("div", "edit-messages");
    messages.id = "edit-messages";
    open.status = open.panel.values().status || "working";
    if (!id) {
      const defaults = setup.defaults;
      open.panel.set({
        name: TE.fill(words.new_name, { n: setup.planned + 1 }), status: "planned", lon: place[0].toFixed(7), lat: place[1].toFixed(7),
        azimuth_deg: "0", tilt_deg: "15", mount_height_m: String(defaults.mount_height_m), max_range_m: String(defaults.max_range_m),
        hfov_deg: String(defaults.hfov_deg.fixed), resolution_px_h: String(defaults.resolution_px_h), data_quality: "estimated",
      });
      open.status = "planned";
    }
    const buttons = TE.make("p", "buttons");
    buttons.append(TE.button(words.save_planned, "main", () => saving.save(true)));
    if (id && open.status !== "planned") { buttons.append(TE.button(words.save_camera, "", () => saving.save(false))); }
    buttons.append(TE.button(words.close, "", () => leave(close)));
    form.append(title, messages, open.panel.element, buttons);
    element("panel").append(form);
    open.kept = JSON.stringify(open.panel.values());
    open.steps = [{ name: "", what: "", values: open.kept, time: -Infinity }];
    open.at = 0;
    if (id) { window.townMap.mask(LAYER, id, true); }
    element("list").value = id ? String(id) : "";
    element("said").textContent = "";
    tell();
    picture();
    tools();
    if (id) { CM.presets(setup, form, id, open.panel.values().kind); }
  }
  function choose(id, zoom) {
    if (busy) { return; }
    busy = true;
    TE.ask(setup.address + "/" + LAYER + "/form?id=" + id).then((answer) => {
      busy = false;
      if (answer.status !== 200) { say((answer.told.messages || [words.failed])[0], true); return; }
      start(answer.told, Number(id));
      const camera = CM.read(setup, open.panel.values());
      const at = L.latLng(camera.place[1], camera.place[0]);
      if (zoom || !map.getBounds().pad(-0.1).contains(at) || map.getZoom() < 15.5) {
        map.fitBounds(at.toBounds(camera.reach * 2.6), { animate: false, maxZoom: 19 });
      }
    });
  }
  function place(latlng) {
    placing = false;
    map.getContainer().classList.remove("edit-drawing");
    TE.ask(setup.address + "/" + LAYER + "/form").then((answer) => {
      if (answer.status !== 200) { say((answer.told.messages || [words.failed])[0], true); return; }
      start(answer.told, null, [latlng.lng, latlng.lat]);
      if (map.getZoom() < 16 || !map.getBounds().contains(latlng)) { map.setView(latlng, 17, { animate: false }); }
    });
  }
  /* Changes that nobody saved are not lost without a question. */
  function leave(then) {
    if (!isDirty() || open.at === 0 && open.id !== null) { then(); return; }
    TE.messages([]);
    const top = document.getElementById("edit-messages");
    const box = TE.make("div", "stale");
    box.setAttribute("role", "alert");
    box.append(TE.make("p", "", TE.fill(words.discard, { name: open.panel.values().name || open.name })));
    const buttons = TE.make("p", "buttons");
    const yes = TE.button(words.discard_yes, "danger", then);
    buttons.append(yes, TE.button(words.really_no, "", () => TE.messages([])));
    box.append(buttons);
    top.append(box);
    top.scrollIntoView({ block: "nearest" });
    yes.focus();
    element("list").value = open.id ? String(open.id) : "";
  }

  const saving = CM.Saving(setup, {
    open: () => open, close: close, choose: choose, list: list, say: say, tools: tools, picture: picture, step: step,
    after: (line, planned) => { after = line ? { line: line, planned: planned } : null; },
    tell: tell,
  });
  /* The words of a save stay when the camera is opened again. */
  function tell() {
    if (!after) { say(open ? words.drag_hint : words.pick); return; }
    say(after.line);
    if (after.planned) {
      const link = TE.make("a", "", words.compare);
      link.href = setup.compare;
      element("help").append(" ", link);
    }
  }

  /* Hands and keys */
  window.townMap.onClick((told) => {
    if (placing) { place(told.latlng); return true; }
    const found = window.townMap.hitAt(told.latlng);
    if (found && found.layer === LAYER && String(found.id) !== String(open && open.id)) {
      after = null;
      leave(() => choose(found.id));
      return true;
    }
    return Boolean(open);
  });
  function begin() {
    leave(() => {
      close();
      after = null;
      placing = true;
      map.getContainer().classList.add("edit-drawing");
      map.getContainer().focus({ preventScroll: true });
      say(words.place_hint);
      tools();
    });
  }
  function cancelPlacing() {
    placing = false;
    map.getContainer().classList.remove("edit-drawing");
    say(words.pick);
    tools();
  }
  document.addEventListener("keydown", (event) => {
    const inField = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) && event.target.type !== "radio";
    if (event.key === "Escape" && placing) { cancelPlacing(); event.preventDefault(); return; }
    if (event.key === "Enter" && placing && event.target.tagName !== "BUTTON") { place(map.getCenter()); event.preventDefault(); return; }
    if (inField || !(event.ctrlKey || event.metaKey)) { return; }
    const key = event.key.toLowerCase();
    if (key === "z" && !event.shiftKey) { undo(); event.preventDefault(); }
    else if (key === "y" || (key === "z" && event.shiftKey)) { redo(); event.preventDefault(); }
  }, true);
  window.addEventListener("beforeunload", (event) => {
    if (isDirty() && (open.at > 0 || open.id === null)) { event.preventDefault(); event.returnValue = ""; }
  });
  element("list").addEventListener("change", () => {
    const id = element("list").value;
    after = null;
    leave(() => { if (id) { choose(id, true); } else { close(); say(words.pick); } });
  });
  element("new").addEventListener("click", begin);
  element("undo").addEventListener("click", undo);
  element("redo").addEventListener("click", redo);
  document.querySelectorAll("input[name=camera-light]").forEach((one) => one.addEventListener("change", () => { trials.stop(); want(); }));

  /* For tests and other scripts of the page. */
  CM.page = { times: () => times.slice(), values: () => (open ? open.panel.values() : null), isDirty: isDirty, steps: () => (open ? [open.at, open.steps.length - 1] : null) };
  list();
  tools();
  say(words.pick);
  window.townMap.ready.then(() => {
    document.body.setAttribute("data-camera-map", "ready");
    if (setup.row) { choose(setup.row, true); } else if (setup.place) { place(L.latLng(setup.place[1], setup.place[0])); }
  });
})();
