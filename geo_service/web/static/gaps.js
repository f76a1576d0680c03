/* Joins the table of blind spots to the map beside it. Kept to what Chromium 86 knows. */
(function () {
  "use strict";
  const table = document.getElementById("gap-table");
  if (!table) { return; }
  const rows = Array.from(table.querySelectorAll("tr[data-id]"));

  function mark(chosen) {
    rows.forEach((row) => { row.classList.toggle("chosen", row === chosen); });
  }

  table.addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-id]");
    if (!row || !window.townMap) { return; }
    mark(row);
    const other = row.dataset.layer === "gaps_day" ? "gaps_night" : "gaps_day";
    window.townMap.show(other, false);
    window.townMap.zoomTo(row.dataset.layer, row.dataset.id);
    if (window.matchMedia("(max-width: 800px)").matches) {
      document.querySelector(".stage").scrollIntoView({ block: "start" });
    }
  });

  /* A click on the map marks the row, when it is on this page of the list. */
  document.addEventListener("townmap:select", (event) => {
    const told = event.detail;
    const row = rows.find((one) => one.dataset.layer === told.layer && one.dataset.id === String(told.id));
    mark(row || null);
    if (row && row.scrollIntoView) { row.scrollIntoView({ block: "nearest" }); }
  });
}());
