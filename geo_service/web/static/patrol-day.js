/* The animated day: units run along their ways on the map, and the cursor of the strip with them. Kept to what Chromium 86 knows. */
(function () {
  "use strict";
  const page = window.townMap;
  const told = page && page.settings.patrolDay;
  const box = document.getElementById("day-clock");
  if (!told || !told.url || !box) { return; }
  const element = (name) => document.getElementById("day-" + name);
  const slider = element("minute");
  const output = element("output");
  const play = element("play");
  const speed = element("speed");
  const now = element("now");
  const cursor = element("cursor");
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  const DAY = 86400;
  const STEP = 600;
  const COLOUR = "#1d2730";
  const OWN = "#c2190f";
  const NAMES = 124;
  const HOUR = 36;
  let units = [];
  let places = [];
  let seconds = 60 * Number(slider.value);
  let running = null;
  let last = 0;

  function sums(steps) {
    let at = 0;
    return steps.map((one) => { at += one; return at; });
  }

  /* Where a unit of a shift is: the track has times that only rise, so halves are cut until two neighbours are left. */
  function placeOn(shift, at) {
    const t = shift.t;
    if (at <= t[0]) { return [shift.x[0], shift.y[0]]; }
    let low = 0;
    let high = t.length - 1;
    if (at >= t[high]) { return [shift.x[high], shift.y[high]]; }
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (t[middle] <= at) { low = middle; } else { high = middle; }
    }
    const share = t[high] > t[low] ? (at - t[low]) / (t[high] - t[low]) : 1;
    return [shift.x[low] + share * (shift.x[high] - shift.x[low]), shift.y[low] + share * (shift.y[high] - shift.y[low])];
  }
  function placeOf(unit, at) {
    const shift = unit.shifts.find((one) => one.start <= at && at <= one.end);
    return shift ? placeOn(shift, at) : null;
  }

  page.map.createPane("patrol-day").style.zIndex = 465;
  const chosen = new URLSearchParams(window.location.search).get("unit") || (document.getElementById("unit") || {}).value;
  const canvas = new window.TownMap.Canvas((view) => {
    const ctx = view.ctx;
    ctx.font = "600 12px sans-serif";
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    units.forEach((unit) => {
      const at = placeOf(unit, seconds);
      if (!at) { return; }
      const spot = view.pixel([at[0] / 1e6, at[1] / 1e6]);
      ctx.beginPath();
      ctx.arc(spot[0], spot[1], 14, 0, 2 * Math.PI);
      ctx.fillStyle = unit.key === chosen ? OWN : COLOUR;
      ctx.fill();
      ctx.lineWidth = 2.5;
      ctx.strokeStyle = "#ffffff";
      ctx.stroke();
      ctx.fillStyle = "#ffffff";
      ctx.fillText(unit.sign, spot[0], spot[1] + 0.5);
    });
  }, { pane: "patrol-day" }).addTo(page.map);

  function two(n) { return (n < 10 ? "0" : "") + n; }
  function clock(at) { const minute = Math.floor(at / 60); return two(Math.floor(minute / 60)) + ":" + two(minute % 60); }
  function fill(words, values) { return words.replace(/\{(\w+)\}/g, (all, name) => (name in values ? values[name] : all)); }

  function doing(unit, at) {
    if (!unit.shifts.some((one) => one.start <= at && at <= one.end)) { return told.words.off; }
    const here = unit.stops.find((one) => one[0] <= at && at < one[1]);
    if (here) { return fill(told.words.at, { place: places[here[2]], time: clock(here[1]) }); }
    const next = unit.stops.find((one) => one[0] > at);
    return next ? fill(told.words.on_way, { place: places[next[2]] }) : told.words.home;
  }
  function tell() {
    units.forEach((unit) => { unit.words.textContent = " " + doing(unit, seconds); });
  }

  function show(at) {
    seconds = at;
    const minute = Math.floor(at / 60);
    slider.value = String(minute);
    output.textContent = clock(at);
    slider.setAttribute("aria-valuetext", clock(at));
    if (cursor) {
      const x = String(NAMES + at / 3600 * HOUR);
      cursor.setAttribute("x1", x);
      cursor.setAttribute("x2", x);
      cursor.setAttribute("visibility", "visible");
    }
    if (now.parentNode.open) { tell(); }
    canvas.redrawSoon();
  }

  function label() { play.textContent = still.matches ? told.words.onward : (running === null ? told.words.play : told.words.stop); }
  function halt() {
    if (running !== null) { cancelAnimationFrame(running); }
    running = null;
    label();
  }
  function frame(time) {
    const gone = Math.min(time - last, 250);
    last = time;
    const at = seconds + gone / 1000 * Number(speed.value);
    show(at >= DAY ? 0 : at);
    running = requestAnimationFrame(frame);
  }
  play.addEventListener("click", () => {
    /* Who wants no motion gets the next picture, not a film. */
    if (still.matches) { halt(); show((seconds - (seconds % STEP) + STEP) % DAY); return; }
    if (running !== null) { halt(); return; }
    last = performance.now();
    running = requestAnimationFrame(frame);
    label();
  });
  slider.addEventListener("input", () => { halt(); show(60 * Number(slider.value)); });
  slider.addEventListener("keydown", (event) => {
    const step = event.key === "PageUp" ? 3600 : (event.key === "PageDown" ? -3600 : 0);
    if (!step) { return; }
    event.preventDefault();
    halt();
    show(Math.min(Math.max(seconds + step, 0), DAY));
  });
  now.parentNode.addEventListener("toggle", tell);
  if (still.addEventListener) { still.addEventListener("change", halt); }
  document.addEventListener("patrolday:time", (event) => { halt(); show(event.detail.seconds); });

  fetch(told.url, { credentials: "same-origin", headers: { Accept: "application/json" } })
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(String(answer.status)))))
    .then((day) => {
      places = day.places;
      units = day.units;
      units.forEach((unit) => {
        unit.shifts.forEach((shift) => { shift.t = sums(shift.t); shift.x = sums(shift.x); shift.y = sums(shift.y); });
        const line = document.createElement("li");
        const sign = document.createElement("strong");
        sign.textContent = unit.sign;
        unit.words = document.createElement("span");
        line.append(sign, " " + unit.name, unit.words);
        now.append(line);
      });
      box.hidden = false;
      label();
      show(seconds);
      tell();
      box.setAttribute("data-ready", "true");
      page.patrolDay = { at: () => seconds, where: (key) => { const one = units.find((unit) => unit.key === key); return one ? placeOf(one, seconds) : null; } };
    })
    .catch(() => {
      box.hidden = false;
      const fault = element("fault");
      fault.textContent = told.words.failed;
      fault.hidden = false;
    });
}());
