/* Joins the list of proposals to the map beside it. Kept to what Chromium 86 knows. */
(function () {
  "use strict";
  const table = document.getElementById("proposals");
  if (!table || !window.townMap || !window.townMap.ready) { return; }
  const rows = Array.from(table.querySelectorAll("tr[data-id]"));
  const mark = (id) => { rows.forEach((row) => { row.classList.toggle("chosen", row.dataset.id === id); }); };

  table.addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-id]");
    if (!row || event.target.closest("input, td.one")) { return; }
    mark(row.dataset.id);
    window.townMap.zoomTo("proposals", row.dataset.id);
  });

  /* A click on the map marks its row; one that stands on another page of the list is asked for. */
  document.addEventListener("townmap:select", (event) => {
    const told = event.detail;
    if (told.layer !== "proposals") { mark(""); return; }
    const id = String(told.id);
    const row = rows.find((one) => one.dataset.id === id);
    if (!row) {
      const page = new URL(table.dataset.page, window.location.href);
      page.searchParams.set("at", id);
      window.location.assign(page.href);
      return;
    }
    mark(id);
    row.scrollIntoView({ block: "nearest" });
  });

  if (table.dataset.chosen) {
    window.townMap.ready.then(() => {
      window.townMap.zoomTo("proposals", table.dataset.chosen);
      const row = rows.find((one) => one.dataset.id === table.dataset.chosen);
      if (row) { row.scrollIntoView({ block: "center" }); }
    });
  }
}());
