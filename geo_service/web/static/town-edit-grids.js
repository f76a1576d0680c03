/* Cells of the grid: chosen on the map, cut by a drawn line, joined into one. Kept to what Chromium 86 knows. */
(function () {
  "use strict";
  const TE = window.TownEdit;
  if (!TE || !TE.page) { return; }
  const page = TE.page;
  const words = TE.setup.words;
  const at = (id) => document.getElementById("edit-grid-" + id);
  const chosen = new Map();
  const outlines = L.layerGroup().addTo(page.map);
  let choosing = false;
  let cutting = null;

  function draw() {
    outlines.clearLayers();
    chosen.forEach((one) => L.geoJSON(one.geometry, { interactive: false, pane: "town-edit", style: { pane: "town-edit", renderer: TE.renderer, color: "#b3123f", weight: 3, fillColor: "#b3123f", fillOpacity: 0.15 } }).addTo(outlines));
    at("chosen").textContent = chosen.size ? TE.fill(words.grid_chosen, { n: chosen.size, names: Array.from(chosen.values()).map((one) => one.name).join("、") }) : choosing ? words.grid_choose : "";
    at("split").disabled = chosen.size !== 1;
    at("merge").disabled = chosen.size < 2;
    at("choose").setAttribute("aria-pressed", String(choosing));
    at("choose").classList.toggle("main", choosing);
  }
  function stop() {
    choosing = false;
    cutting = null;
    chosen.clear();
    draw();
  }

  TE.taking = function (latlng) {
    if (!choosing || page.editor.isDrawing()) { return false; }
    const found = TE.hit(page.map, latlng, "grids");
    if (!found) { return true; }
    if (chosen.has(found.id)) { chosen.delete(found.id); draw(); return true; }
    TE.ask(TE.setup.address + "/grids/form?id=" + found.id).then((answer) => {
      if (answer.status !== 200) { page.say((answer.told.messages || [words.failed])[0], true); return; }
      chosen.set(found.id, { name: answer.told.name, revision: answer.told.revision, geometry: answer.told.geometry });
      draw();
    });
    return true;
  };
  TE.escape = function () {
    if (cutting != null) { page.editor.cancel(); page.editor.clear(); cutting = null; page.tools(); page.say(words.grid_choose); return true; }
    if (choosing && !page.isOpen()) { stop(); page.say(words.choose); return true; }
    return false;
  };

  function done(answer) {
    if (answer.status !== 200) { page.say((answer.told.messages || [words.failed])[0], true); return; }
    page.saved(answer.told.batch);
    stop();
    page.refresh(["grids"]).then(() => page.say(TE.fill(words.grid_done, { n: answer.told.batch })));
  }

  TE.cutter = function (ring) {
    const id = cutting;
    cutting = null;
    page.editor.clear();
    page.tools();
    const one = chosen.get(id);
    if (!one) { return; }
    TE.ask(TE.setup.address + "/grids/" + id + "/split", { line: { type: "LineString", coordinates: ring }, revision: one.revision }).then(done);
  };

  at("choose").addEventListener("click", () => {
    if (page.isDirty()) { page.say(words.first_save, true); return; }
    if (choosing) { stop(); page.say(words.choose); return; }
    page.close();
    choosing = true;
    page.say(words.grid_choose);
    draw();
  });
  at("split").addEventListener("click", () => {
    cutting = chosen.keys().next().value;
    page.editor.start("line", "cut");
    page.say(words.grid_draw);
    page.tools();
  });
  at("merge").addEventListener("click", () => {
    TE.ask(TE.setup.address + "/grids/merge", { cells: Array.from(chosen.entries()).map((one) => [one[0], one[1].revision]) }).then(done);
  });
  document.addEventListener("townedit:layer", (event) => {
    document.getElementById("edit-grids").hidden = event.detail.layer !== "grids";
    if (event.detail.layer !== "grids") { stop(); }
  });
  document.addEventListener("townedit:open", (event) => { if (event.detail.id != null && choosing) { stop(); } });
  document.getElementById("edit-grids").hidden = !page.layer() || page.layer().name !== "grids";
  draw();
})();
