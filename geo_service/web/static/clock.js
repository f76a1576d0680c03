/* The slider of the clock: each place on the map in its state at that minute. Kept to what Chromium 86 knows. */
(function () {
  "use strict";
  const page = window.townMap;
  const told = page && page.settings.clock;
  const box = document.getElementById("clock-slider");
  const table = document.getElementById("clock-table");
  if (!told || !box || !table) { return; }
  const slider = document.getElementById("clock-minute");
  const output = document.getElementById("clock-output");
  const play = document.getElementById("clock-play");
  const counts = Array.from(box.querySelectorAll(".clock-now strong"));
  const marks = Array.from(table.querySelectorAll(".strip .now"));
  const rows = Array.from(table.querySelectorAll("tr[data-id]"));
  const STEP = 10;
  const TICK_MS = 350;
  const CLOSED = -1;
  const COLOURS = ["#1b4f78", "#7fb2d9", "#c2410c"];
  const SIZE = 7;
  let minute = 0;
  let timer = null;

  /* The state of a strip [start, end, state, …] at a minute. */
  function stateAt(strip, at) {
    for (let i = 0; i < strip.length; i += 3) {
      if (strip[i] <= at && at < strip[i + 1]) { return strip[i + 2]; }
    }
    return CLOSED;
  }

  function sign(ctx, x, y, state) {
    ctx.beginPath();
    if (state === 2) {
      ctx.moveTo(x, y - SIZE - 2); ctx.lineTo(x + SIZE + 2, y + SIZE); ctx.lineTo(x - SIZE - 2, y + SIZE); ctx.closePath();
    } else if (state === 1) {
      ctx.rect(x - SIZE, y - SIZE, 2 * SIZE, 2 * SIZE);
    } else {
      ctx.arc(x, y, state === CLOSED ? 3 : SIZE, 0, 2 * Math.PI);
    }
    ctx.fillStyle = state === CLOSED ? "#9aa4ab" : COLOURS[state];
    ctx.fill();
    ctx.lineWidth = 2;
    ctx.strokeStyle = state === 1 ? "#1b4f78" : "#ffffff";
    ctx.stroke();
  }

  /* Above the names of the map, and what is unwatched above all. */
  const ORDER = [CLOSED, 0, 1, 2];
  page.map.createPane("clock").style.zIndex = 460;
  const canvas = new window.TownMap.Canvas((view) => {
    ORDER.forEach((wanted) => told.places.forEach((one) => {
      if (stateAt(one[4], minute) !== wanted) { return; }
      const at = view.pixel([one[2], one[3]]);
      sign(view.ctx, at[0], at[1], wanted);
    }));
  }, { pane: "clock" }).addTo(page.map);

  function two(n) { return (n < 10 ? "0" : "") + n; }

  function show(at) {
    minute = at;
    slider.value = String(at);
    const words = two(Math.floor(at / 60)) + ":" + two(at % 60);
    output.textContent = words;
    slider.setAttribute("aria-valuetext", words);
    const found = [0, 0, 0];
    told.places.forEach((one) => {
      const state = stateAt(one[4], at);
      if (state !== CLOSED) { found[state] += 1; }
    });
    counts.forEach((one, i) => { one.textContent = String(found[i]); });
    marks.forEach((one) => { one.setAttribute("x", String(at - 3)); one.setAttribute("visibility", "visible"); });
    canvas.redrawSoon();
  }

  function halt() {
    clearInterval(timer);
    timer = null;
    play.textContent = told.words.play;
  }

  play.addEventListener("click", () => {
    if (timer !== null) { halt(); return; }
    play.textContent = told.words.stop;
    timer = setInterval(() => { show((minute - (minute % STEP) + STEP) % 1440); }, TICK_MS);
  });
  slider.addEventListener("input", () => { halt(); show(Number(slider.value)); });
  box.hidden = false;
  show(Number(slider.value));

  function mark(chosen) { rows.forEach((row) => { row.classList.toggle("chosen", row === chosen); }); }

  table.addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-id]");
    if (!row) { return; }
    mark(row);
    page.zoomTo(row.dataset.layer, row.dataset.id);
    if (window.matchMedia("(max-width: 800px)").matches) {
      document.querySelector(".stage").scrollIntoView({ block: "start" });
    }
  });

  document.addEventListener("townmap:select", (event) => {
    const row = rows.find((one) => one.dataset.layer === event.detail.layer && one.dataset.id === String(event.detail.id));
    mark(row || null);
    if (row) { row.scrollIntoView({ block: "nearest" }); }
  });
}());
