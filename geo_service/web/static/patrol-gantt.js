/* The strip of the day: one stop is in the order of keys, arrows go to the others; a stop chosen shows in timetable and on the map. */
(function () {
  "use strict";
  const strip = document.getElementById("day-strip");
  if (!strip) { return; }
  const stops = Array.from(strip.querySelectorAll("a[data-stop]"));
  if (!stops.length) { return; }
  const rows = Array.from(strip.querySelectorAll(".day-row")).map((row) => Array.from(row.querySelectorAll("a[data-stop]"))).filter((row) => row.length);
  const asked = new URLSearchParams(window.location.search);
  const unit = document.getElementById("unit");
  const shown = unit ? unit.value : null;
  const find = (key, number) => stops.find((one) => one.dataset.unit === key && one.dataset.stop === String(number));

  function rove(to) {
    stops.forEach((one) => { one.setAttribute("tabindex", one === to ? "0" : "-1"); });
  }
  function middle(one) {
    const box = one.getBoundingClientRect();
    return box.left + box.width / 2;
  }
  function nearest(row, to) {
    return row.reduce((best, one) => (Math.abs(middle(one) - middle(to)) < Math.abs(middle(best) - middle(to)) ? one : best), row[0]);
  }
  function mark(one) {
    stops.forEach((other) => {
      other.classList.toggle("chosen", other === one);
      other.classList.toggle("same", other !== one && other.dataset.place === one.dataset.place);
    });
    document.querySelectorAll("tr.chosen[id^='stop-']").forEach((row) => { row.classList.remove("chosen"); });
    const row = document.getElementById("stop-" + one.dataset.stop);
    if (row && one.dataset.unit === shown) { row.classList.add("chosen"); }
    rove(one);
    const map = window.townMap;
    if (map) { map.ready.then(() => map.select("patrol_places", one.dataset.place)); }
    const start = Number(row && one.dataset.unit === shown ? row.dataset.arrive : NaN);
    if (!Number.isNaN(start)) { document.dispatchEvent(new CustomEvent("patrolday:time", { detail: { seconds: start } })); }
    document.dispatchEvent(new CustomEvent("patrolday:stop", { detail: { unit: one.dataset.unit, stop: Number(one.dataset.stop), place: one.dataset.place } }));
  }

  strip.addEventListener("click", (event) => {
    const one = event.target.closest("a[data-stop]");
    /* Another unit's timetable comes with the page. */
    if (!one || one.dataset.unit !== shown || event.ctrlKey || event.metaKey || event.shiftKey) { return; }
    event.preventDefault();
    mark(one);
    one.focus({ preventScroll: true });
  });
  strip.addEventListener("keydown", (event) => {
    const one = event.target.closest("a[data-stop]");
    if (!one) { return; }
    const row = rows.findIndex((some) => some.includes(one));
    const at = rows[row].indexOf(one);
    let to = null;
    if (event.key === "ArrowRight") { to = rows[row][at + 1]; }
    else if (event.key === "ArrowLeft") { to = rows[row][at - 1]; }
    else if (event.key === "ArrowDown" && rows[row + 1]) { to = nearest(rows[row + 1], one); }
    else if (event.key === "ArrowUp" && rows[row - 1]) { to = nearest(rows[row - 1], one); }
    else if (event.key === "Home") { to = rows[row][0]; }
    else if (event.key === "End") { to = rows[row][rows[row].length - 1]; }
    else { return; }
    event.preventDefault();
    if (to) { rove(to); to.focus(); }
  });
  document.querySelectorAll("tr[id^='stop-']").forEach((row) => {
    row.addEventListener("click", () => { const one = find(shown, row.id.slice(5)); if (one) { mark(one); } });
  });

  const first = find(shown, asked.get("stop") || 1) || stops[0];
  rove(first);
  if (asked.get("stop") && first.dataset.stop === asked.get("stop")) { mark(first); }
}());
