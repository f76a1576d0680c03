/* Joins the table of windows to the map beside it. Kept to what Chromium 86 knows. */
(function () {
  "use strict";
  const table = document.getElementById("days-table");
  if (!table) { return; }
  table.addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-id]");
    if (!row || !window.townMap) { return; }
    table.querySelectorAll("tr.chosen").forEach((one) => { one.classList.remove("chosen"); });
    row.classList.add("chosen");
    window.townMap.zoomTo(row.dataset.layer, row.dataset.id);
    if (window.matchMedia("(max-width: 800px)").matches) {
      document.querySelector(".stage").scrollIntoView({ block: "start" });
    }
  });
}());
