/* A block of the strip dragged to another unit or time; the form beside it does the same by keyboard and on a phone. */
(function () {
  "use strict";
  const strip = document.getElementById("day-strip");
  if (!strip || !document.getElementById("change-form")) { return; }
  const NAMES = 124;
  const HOUR = 36;
  const SCALE = 24;
  const ROW = 30;
  const FAR = 6;           /* pixels from which on it is no click */
  const SNAP = 300;
  const shifts = Array.from(document.getElementById("change-shift").options);
  const rows = Array.from(strip.querySelectorAll(".day-row"));
  let held = null;
  let dragged = false;

  function spot(event) {
    const point = strip.createSVGPoint();
    point.x = event.clientX;
    point.y = event.clientY;
    return point.matrixTransform(strip.getScreenCTM().inverse());
  }
  strip.addEventListener("dragstart", (event) => { event.preventDefault(); });
  strip.addEventListener("pointerdown", (event) => {
    const one = event.target.closest("a[data-shift]");
    dragged = false;
    if (!one || event.button !== 0 || event.pointerType === "touch") { return; }
    held = { one: one, x: event.clientX, y: event.clientY, at: spot(event), box: one.querySelector(".stay") };
  });
  window.addEventListener("pointermove", (event) => {
    if (!held) { return; }
    if (!dragged && Math.hypot(event.clientX - held.x, event.clientY - held.y) < FAR) { return; }
    dragged = true;
    const at = spot(event);
    held.one.setAttribute("transform", "translate(" + (at.x - held.at.x) + " " + (at.y - held.at.y) + ")");
    held.one.classList.add("dragging");
  });
  window.addEventListener("pointerup", (event) => {
    if (!held) { return; }
    const was = held;
    held = null;
    was.one.removeAttribute("transform");
    was.one.classList.remove("dragging");
    if (!dragged) { return; }
    const at = spot(event);
    const row = rows[Math.floor((at.y - SCALE) / ROW)];
    const left = Number(was.box.getAttribute("x")) + at.x - was.at.x;
    const seconds = Math.round((left - NAMES) / HOUR * 3600 / SNAP) * SNAP;
    if (!row) { return; }
    const own = (row.dataset.shifts || "").split("\n");
    const to = shifts.filter((one) => own.indexOf(one.value) >= 0)
      .sort((a, b) => away(a, seconds) - away(b, seconds))[0];
    if (!to) { return; }
    const start = Math.min(Math.max(seconds, Number(to.dataset.start)), Number(to.dataset.end));
    document.dispatchEvent(new CustomEvent("patrolday:drag", {
      detail: { key: was.one.dataset.shift + "|" + was.one.dataset.seq, words: was.one.getAttribute("aria-label"), shift: to.value, at: start },
    }));
  });
  function away(option, seconds) {
    return Math.max(Number(option.dataset.start) - seconds, seconds - Number(option.dataset.end), 0);
  }
  /* A drag ends in a click, which must not open another unit's page. */
  strip.addEventListener("click", (event) => {
    if (dragged) { event.preventDefault(); event.stopImmediatePropagation(); dragged = false; }
  }, true);
}());
