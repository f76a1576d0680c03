/* Plan and today on one map that a line cuts in two: what changes is marked blind or seen on either side, and told in tables.
   Shown with textContent. Kept to what Chromium 86 knows. */
(function () {
  "use strict";
  const holder = document.getElementById("plan-compare-setup");
  const page = window.townMap;
  if (!holder || !page) { return; }
  const setup = JSON.parse(holder.textContent);
  const words = setup.words;
  const TM = window.TownMap;
  const element = (id) => document.getElementById("compare-" + id);
  const make = (tag, name, text) => {
    const one = document.createElement(tag);
    if (name) { one.className = name; }
    if (text != null) { one.textContent = String(text); }
    return one;
  };
  const fill = (template, values) => template.replace(/\{(\w+)\}/g, (all, key) => (key in values ? String(values[key]) : all));
  const zh = page.language === "zh";
  const number = (value, digits) => Number(value).toLocaleString(zh ? "zh-CN" : "en", { maximumFractionDigits: digits });
  const area = (value) => fill(words.m2, { n: number(value, 0) });
  const metres = (value) => fill(words.m, { n: number(value, 0) });
  const percent = (share) => (share === null || share === undefined ? "—" : number(share * 100, 1) + " %");

  let shown = null;
  let asked = 0;
  const line = element("line");
  line.setAttribute("aria-label", words.divide);
  const share = () => Number(line.value) / 1000;

  /* Parts of a GeoJSON geometry: rings to fill and lines to draw. */
  function parts(geometry) {
    const found = { rings: [], lines: [] };
    const add = (one) => {
      if (!one) { return; }
      switch (one.type) {
        case "GeometryCollection": one.geometries.forEach(add); break;
        case "Polygon": found.rings.push(...one.coordinates); break;
        case "MultiPolygon": one.coordinates.forEach((rings) => found.rings.push(...rings)); break;
        case "LineString": found.lines.push(one.coordinates); break;
        case "MultiLineString": found.lines.push(...one.coordinates); break;
        default: break;
      }
    };
    add(geometry);
    return found;
  }
  function trace(view, rings, closed) {
    const ctx = view.ctx;
    rings.forEach((ring) => {
      ring.forEach((place, at) => {
        const to = view.pixel(place);
        if (at) { ctx.lineTo(to[0], to[1]); } else { ctx.moveTo(to[0], to[1]); }
      });
      if (closed) { ctx.closePath(); }
    });
  }
  function mark(view, found, blind) {
    const ctx = view.ctx;
    const ink = blind ? "#a8360b" : "#0b5e57";
    ctx.lineJoin = ctx.lineCap = "round";
    ctx.beginPath();
    trace(view, found.rings, true);
    ctx.globalAlpha = blind ? 0.85 : 0.6;
    ctx.fillStyle = blind ? TM.hatch(ctx, "forward", "#c2410c") : "#5cbcb1";
    ctx.fill("evenodd");
    ctx.globalAlpha = 1;
    ctx.strokeStyle = ink;
    ctx.lineWidth = 1.6;
    ctx.setLineDash(blind ? [6, 3] : []);
    ctx.stroke();
    ctx.beginPath();
    trace(view, found.lines, false);
    ctx.setLineDash([]);
    ctx.strokeStyle = "#ffffff";
    ctx.lineWidth = 7;
    ctx.stroke();
    ctx.setLineDash(blind ? [7, 6] : []);
    ctx.strokeStyle = ink;
    ctx.lineWidth = 4;
    ctx.stroke();
    ctx.setLineDash([]);
  }
  function cut(ctx, left, right, height) {
    ctx.beginPath();
    ctx.rect(left, 0, right - left, height);
    ctx.clip();
  }
  /* The canvas is larger than the window onto it: the line stands where the map's middle is. */
  function edge(view) {
    const size = page.map.getSize();
    const left = view.pixel([0, 0])[0] - page.map.latLngToContainerPoint([0, 0]).x;
    return { x: left + thumb(size.x), left: left, width: size.x };
  }
  /* The middle of the slider's knob, in pixels from the left. */
  const thumb = (width) => 22 + share() * (width - 44);
  page.addPainter((view) => {
    const ctx = view.ctx;
    const at = edge(view);
    if (shown) {
      ctx.save();
      cut(ctx, -1e4, at.x, view.size.y);
      mark(view, shown.gained, true);
      mark(view, shown.lost, false);
      ctx.restore();
      ctx.save();
      cut(ctx, at.x, 1e5, view.size.y);
      mark(view, shown.gained, false);
      mark(view, shown.lost, true);
      ctx.restore();
    }
    [["#ffffff", 5], ["#1f5f8b", 2.4]].forEach((pen) => {
      ctx.beginPath();
      ctx.moveTo(at.x, 0);
      ctx.lineTo(at.x, view.size.y);
      ctx.strokeStyle = pen[0];
      ctx.lineWidth = pen[1];
      ctx.stroke();
    });
  }, "above");

  /* The names of both sides, beside the line. */
  const stage = line.parentElement;
  const today = make("span", "compare-name compare-name-today", words.today);
  const plan = make("span", "compare-name compare-name-plan", words.plan);
  stage.append(today, plan);
  function places() {
    const x = thumb(page.map.getSize().x);
    today.style.right = (page.map.getSize().x - x + 8) + "px";
    plan.style.left = (x + 8) + "px";
  }
  line.addEventListener("input", () => { places(); page.repaint(); });
  page.map.on("resize", places);

  function cells(row, list) {
    list.forEach((one, at) => row.append(make(at ? "td" : "th", at ? "number" : "", one)));
    if (row.firstChild) { row.firstChild.scope = "row"; }
    return row;
  }
  function table(heads, caption) {
    const one = make("table");
    one.append(make("caption", "", caption));
    const top = make("thead");
    const row = make("tr");
    heads.forEach((words_of, at) => {
      const cell = make("th", at ? "number" : "", words_of);
      cell.scope = "col";
      row.append(cell);
    });
    top.append(row);
    const body = make("tbody");
    one.append(top, body);
    return { element: one, body: body };
  }
  /* More seen is better, more blind is worse; `least` is the smallest change that says something. */
  function change(by, say, good, least) {
    if (Math.abs(by) < least) { return make("td", "number", "＝"); }
    return make("td", "number " + ((by > 0) === good ? "compare-better" : "compare-worse"), (by > 0 ? "+" : "−") + say(Math.abs(by)));
  }
  const FIGURES = [["cameras", "cameras", true], ["seen_m2", "seen_m2", true], ["gap_area", "gap_area_m2", false], ["gap_length", "gap_length_m", false]];
  function figures(told) {
    const made = table([words.figure, words.today, words.plan, words.change], words.figures);
    const whole = (value) => number(value, 0);
    FIGURES.forEach((one) => {
      const before = told.today[one[1]];
      const after = told.plan[one[1]];
      const row = cells(make("tr"), [words[one[0]], whole(before), whole(after)]);
      row.append(change(after - before, whole, one[2], 0.5));
      made.body.append(row);
    });
    const list = make("dl", "compare-sums");
    ["gained", "lost"].forEach((name) => {
      list.append(make("dt", "", words[name]), make("dd", "", fill(words.area_and_length, { area: area(told[name].area_m2), length: metres(told[name].length_m) })));
    });
    const scroll = make("div", "scroll");
    scroll.tabIndex = 0;
    scroll.append(made.element);
    element("figures").textContent = "";
    element("figures").append(scroll, list);
  }
  function targets(told) {
    const changed = told.targets.filter((one) => Math.abs((one.share_plan || 0) - (one.share_today || 0)) > 0.0005)
      .sort((a, b) => Math.abs(b.share_plan - b.share_today) - Math.abs(a.share_plan - a.share_today));
    const box = element("targets");
    box.textContent = "";
    if (changed.length) {
      const made = table([words.target, words.today, words.plan, words.change], words.shares);
      changed.slice(0, 200).forEach((one) => {
        const place = String(one.target).split("/");
        const layer = page.layers().find((other) => other.key === place[0]);
        const name = make("button", "row-button", one.name || (layer ? layer.title : place[0]) + " " + place[1]);
        name.type = "button";
        name.title = words.show;
        name.addEventListener("click", () => page.zoomTo(place[0], Number(place[1])));
        const row = make("tr");
        const first = make("th");
        first.scope = "row";
        first.append(name);
        row.append(first, make("td", "number", percent(one.share_today)), make("td", "number", percent(one.share_plan)),
          change((one.share_plan || 0) - (one.share_today || 0), percent, true, 0.0005));
        made.body.append(row);
      });
      const scroll = make("div", "scroll");
      scroll.tabIndex = 0;
      scroll.append(made.element);
      box.append(scroll);
    }
    box.append(make("p", "hint", changed.length ? fill(words.unchanged, { n: told.targets.length - Math.min(changed.length, 200) }) : words.none_changes));
  }

  function ask() {
    const light = document.querySelector("input[name=compare-light]:checked").value;
    asked += 1;
    const mine = asked;
    element("said").textContent = words.computing;
    fetch(setup.url + "?light=" + light, { credentials: "same-origin", headers: { Accept: "application/json" } })
      .then((answer) => answer.json().then((told) => ({ status: answer.status, told: told })))
      .catch(() => ({ status: 0, told: { detail: words.offline } }))
      .then((answer) => {
        if (mine !== asked) { return; }
        if (answer.status !== 200) { element("said").textContent = answer.told.detail || words.failed; return; }
        element("said").textContent = "";
        shown = { gained: parts(answer.told.gained.geometry), lost: parts(answer.told.lost.geometry) };
        figures(answer.told);
        targets(answer.told);
        page.repaint();
        document.body.setAttribute("data-compared", light);
      });
  }
  document.querySelectorAll("input[name=compare-light]").forEach((one) => one.addEventListener("change", ask));
  page.ready.then(() => { places(); ask(); });
})();
