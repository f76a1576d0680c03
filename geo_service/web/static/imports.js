/* The import pages: a zone to drop a file on, and the table of faults joined to the map. Kept to what Chromium 86 knows. */
(function () {
  "use strict";
  const form = document.getElementById("upload-form");
  if (form) { watchUpload(form); }
  const reading = document.getElementById("import-form");
  if (reading) { watchReading(reading); }
  const table = document.getElementById("fault-table");
  if (table) { watchFaults(table); }

  function watchUpload(form) {
    const zone = document.getElementById("drop-zone");
    const input = document.getElementById("upload-file");
    const layer = document.getElementById("upload-layer");
    const fault = document.getElementById("upload-fault");
    const send = document.getElementById("upload-send");
    const isOsm = (name) => /\.(osm|pbf|osm\.xml|osm\.gz|osm\.bz2)$/i.test(name);

    function say(words) {
      fault.textContent = words;
      fault.hidden = !words;
      zone.classList.toggle("wrong", Boolean(words));
      return !words;
    }

    function look() {
      const file = input.files[0];
      zone.classList.toggle("filled", Boolean(file));
      if (!file) { return say(""); }
      if (isOsm(file.name)) { layer.value = form.dataset.osm; }
      const limit = Number(isOsm(file.name) || layer.value === form.dataset.osm ? form.dataset.osmMb : form.dataset.tableMb);
      return say(file.size > limit * 1e6 ? form.dataset.tooLarge.replace("{limit}", String(limit)) : "");
    }

    input.addEventListener("change", look);
    layer.addEventListener("change", look);
    let depth = 0;
    function lit(on) { depth = Math.max(0, depth + on); zone.classList.toggle("over", depth > 0); }
    zone.addEventListener("dragenter", (event) => { event.preventDefault(); lit(1); });
    zone.addEventListener("dragleave", () => { lit(-1); });
    zone.addEventListener("dragover", (event) => { event.preventDefault(); });
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      depth = 0;
      lit(0);
      const files = event.dataTransfer ? event.dataTransfer.files : [];
      if (files.length > 1) { say(form.dataset.one); return; }
      if (files.length === 1) { input.files = files; look(); (layer.value ? send : layer).focus(); }
    });
    form.addEventListener("submit", (event) => {
      if (!look()) { event.preventDefault(); return; }
      send.textContent = form.dataset.sending;
      /* a disabled button is not what the browser comes back to */
      window.setTimeout(() => { send.disabled = true; }, 0);
    });
    window.addEventListener("pageshow", () => { send.disabled = false; });
  }

  function watchReading(form) {
    /* Another sheet or header means other columns: ask for them at once. */
    const anew = form.querySelector(".no-script button");
    if (anew) { anew.parentElement.classList.add("by-script"); }
    form.querySelectorAll("select[data-anew]").forEach((one) => {
      one.addEventListener("change", () => { if (anew) { anew.click(); } });
    });
    const datum = document.getElementById("datum");
    const entry = document.getElementById("epsg-entry");
    function epsg() { entry.hidden = datum.value !== "epsg"; }
    if (datum && entry) { datum.addEventListener("change", epsg); epsg(); }
  }

  function watchFaults(table) {
    const rows = Array.from(table.querySelectorAll("tr[data-id]"));
    const mark = (id) => { rows.forEach((row) => { row.classList.toggle("chosen", row.dataset.id === id); }); };
    table.addEventListener("click", (event) => {
      const row = event.target.closest("tr[data-id]");
      if (!row || !window.townMap) { return; }
      mark(row.dataset.id);
      window.townMap.zoomTo("import_rows", row.dataset.id).then((found) => {
        if (found) { document.getElementById("dry-run").scrollIntoView({ block: "nearest" }); }
      });
    });
    document.addEventListener("townmap:select", (event) => {
      const told = event.detail;
      mark(told.layer === "import_rows" ? String(told.id) : "");
      const row = rows.find((one) => one.classList.contains("chosen"));
      if (row) { row.scrollIntoView({ block: "nearest" }); }
    });
  }
}());
