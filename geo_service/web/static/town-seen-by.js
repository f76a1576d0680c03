/* "Who sees this place?" on every map of the town: cameras with class, distance and pixels, by day and by night, or why
   none does and what would cure it. Shown with textContent. Kept to what Chromium 86 knows. */
(function () {
  "use strict";
  const page = window.townMap;
  const told = page && page.settings.seen_by;
  if (!told) { return; }
  const words = told.words;
  const map = page.map;
  const SVG = "http://www.w3.org/2000/svg";
  const make = (tag, name, text) => {
    const one = document.createElement(tag);
    if (name) { one.className = name; }
    if (text != null) { one.textContent = String(text); }
    return one;
  };
  const fill = (template, values) => template.replace(/\{(\w+)\}/g, (all, key) => (key in values ? String(values[key]) : all));
  const number = (value, digits) => Number(value).toLocaleString(page.language === "zh" ? "zh-CN" : "en", { maximumFractionDigits: digits });

  /* A button of its own below the tools, and a card at its side. */
  const bar = make("div", "tm-seen-by");
  const button = make("button", "tm-tool tm-seen-by-button");
  button.type = "button";
  button.title = words.title;
  button.setAttribute("aria-label", words.title);
  button.setAttribute("aria-expanded", "false");
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "tm-tool-icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", "M2 12c3-5 6.500-7 10-7s7 2 10 7c-3 5-6.500 7-10 7s-7-2-10-7zM12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6z");
  svg.append(path);
  button.append(svg);
  const card = make("section", "tm-panel tm-tool-card tm-seen-by-card");
  card.hidden = true;
  card.setAttribute("aria-label", words.title);
  bar.append(button, card);
  page.addControl(bar, "topleft");
  const holder = map.getContainer().parentElement;
  const heading = make("div", "tm-head");
  const shut = make("button", "tm-icon tm-close");
  shut.type = "button";
  shut.title = words.close;
  shut.setAttribute("aria-label", words.close);
  heading.append(make("h2", "tm-title", words.title), shut);
  const body = make("div", "tm-tool-body");
  body.setAttribute("aria-live", "polite");
  card.append(heading, body);

  let on = false;
  let endClicks = null;
  let endPaint = null;
  let spot = null;
  let lines = [];
  let asked = 0;

  function paint(view) {
    if (!spot) { return; }
    const ctx = view.ctx;
    const at = view.pixel(spot);
    lines.forEach((one) => {
      const to = view.pixel(one);
      [["#ffffff", 4, []], ["#1f5f8b", 1.8, [7, 4]]].forEach((pen) => {
        ctx.beginPath();
        ctx.setLineDash(pen[2]);
        ctx.strokeStyle = pen[0];
        ctx.lineWidth = pen[1];
        ctx.moveTo(at[0], at[1]);
        ctx.lineTo(to[0], to[1]);
        ctx.stroke();
      });
    });
    ctx.setLineDash([]);
    [["#ffffff", 7], ["#b3123f", 4]].forEach((pen) => {
      ctx.beginPath();
      ctx.arc(at[0], at[1], pen[1], 0, 7);
      ctx.fillStyle = pen[0];
      ctx.fill();
    });
    ctx.beginPath();
    ctx.arc(at[0], at[1], 12, 0, 7);
    ctx.strokeStyle = "#b3123f";
    ctx.lineWidth = 2;
    ctx.stroke();
  }

  function cameras(list) {
    const table = make("table", "tm-seen-by-table");
    const head = make("tr");
    [words.camera, words.class, words.distance, words.density].forEach((one) => {
      const cell = make("th", "", one);
      cell.scope = "col";
      head.append(cell);
    });
    const top = make("thead");
    top.append(head);
    const rows = make("tbody");
    list.forEach((one) => {
      const row = make("tr");
      const name = make("td");
      const link = make("button", "tm-seen-by-name", one.name || one.camera);
      link.type = "button";
      link.addEventListener("click", () => page.select("camera_sites", one.camera));
      name.append(link);
      row.append(name, make("td", "", one.observation_class ? told.classes[one.observation_class] || one.observation_class : words.below),
        make("td", "number", fill(words.metres, { n: number(one.distance_m, 0) })), make("td", "number", number(one.px_per_m, 0)));
      rows.append(row);
    });
    table.append(top, rows);
    return table;
  }
  function side(title, answer) {
    const part = make("div", "tm-seen-by-light");
    part.append(make("h3", "tm-section-title", title));
    if (answer.cameras.length) { part.append(cameras(answer.cameras)); }
    if (!answer.cameras.length || answer["cause"]) {
      part.append(make("p", "tm-seen-by-none", answer.cameras.length ? words.not_enough : words.nobody));
      if (answer.cause_words) { part.append(make("p", "tm-seen-by-why", answer.cause_words)); }
      if (answer.cure_words) { part.append(make("p", "tm-seen-by-cure", fill(words.cure, { cure: answer.cure_words }))); }
    }
    return part;
  }
  function show(answer) {
    body.textContent = "";
    lines = [];
    const drawn = new Set();
    [[words.day, answer.day], [words.night, answer.night]].forEach((pair) => {
      body.append(side(pair[0], pair[1]));
      pair[1].cameras.forEach((one) => {
        const found = drawn.has(one.camera) ? null : page.feature("camera_sites", one.camera);
        drawn.add(one.camera);
        if (found && found.parts.length) { lines.push(found.parts[0][0]); }
      });
    });
    if (told.camera) {
      const link = make("a", "tm-seen-by-try", words.put);
      link.href = told.camera + "?lon=" + spot[0].toFixed(7) + "&lat=" + spot[1].toFixed(7);
      body.append(link);
    }
    page.repaint();
  }
  function say(text) {
    body.textContent = "";
    body.append(make("p", "tm-note", text));
  }
  function ask(latlng) {
    const at = latlng.wrap();
    asked += 1;
    const mine = asked;
    spot = [at.lng, at.lat];
    lines = [];
    say(words.asking);
    page.repaint();
    fetch(told.url + "?lon=" + at.lng.toFixed(7) + "&lat=" + at.lat.toFixed(7), { credentials: "same-origin", headers: { Accept: "application/json" } })
      .then((answer) => answer.json().then((found) => ({ status: answer.status, told: found })))
      .catch(() => ({ status: 0, told: { detail: words.offline } }))
      .then((answer) => {
        if (mine !== asked || !on) { return; }
        if (answer.status === 200) { show(answer.told); } else { say(answer.told.detail || words.failed); }
      });
  }
  function open() {
    if (on) { return; }
    on = true;
    if (page.closeTool) { page.closeTool(); }
    say(words.hint);
    card.hidden = false;
    holder.classList.add("tm-has-tool");
    button.setAttribute("aria-expanded", "true");
    map.getContainer().classList.add("tm-aim");
    endClicks = page.onClick((click) => { ask(click.latlng); return true; });
    endPaint = page.addPainter(paint, "above");
  }
  function close() {
    if (!on) { return; }
    on = false;
    spot = null;
    lines = [];
    asked += 1;
    card.hidden = true;
    holder.classList.remove("tm-has-tool");
    button.setAttribute("aria-expanded", "false");
    map.getContainer().classList.remove("tm-aim");
    endClicks();
    endPaint();
  }
  button.addEventListener("click", () => { if (on) { close(); } else { open(); map.getContainer().focus({ preventScroll: true }); } });
  shut.addEventListener("click", () => { close(); button.focus(); });
  /* Another tool of the map ends this one. */
  holder.addEventListener("click", (event) => {
    const tool = event.target.closest && event.target.closest(".tm-tool[data-tool]");
    if (tool) { close(); }
  }, true);
  holder.addEventListener("keydown", (event) => {
    if (!on) { return; }
    if (event.key === "Escape") { close(); button.focus(); event.stopPropagation(); }
    else if (event.key === "Enter" && event.target === map.getContainer()) { ask(map.getCenter()); event.preventDefault(); }
  }, true);
  /* A right click, or a long touch, asks at once. */
  map.on("contextmenu", (event) => { open(); ask(event.latlng); });

  /* From a camera that was chosen on a map to the page on which it is dragged and turned. */
  document.addEventListener("townmap:select", (event) => {
    const info = document.querySelector(".tm-info");
    const old = info && info.querySelector(".tm-seen-by-drag");
    if (old) { old.remove(); }
    if (!info || !told.camera || event.detail.layer !== "camera_sites" || document.getElementById("camera-map-setup")) { return; }
    const link = make("a", "tm-seen-by-drag", words.drag);
    link.href = told.camera + "?id=" + encodeURIComponent(event.detail.id);
    info.append(link);
  });

  page.whoSees = (lat, lon) => { open(); ask(L.latLng(lat, lon)); };
})();
