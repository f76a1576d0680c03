/* The attribute table beside the map: a hundred rows at a time, sorted and filtered by the server. A row leads to its
   feature on the map, a feature to its row. Kept to what Chromium 86 knows. */
(function () {
  "use strict";
  const TE = window.TownEdit;
  if (!TE || !TE.page) { return; }
  const page = TE.page;
  const words = TE.setup.words;
  const at = (id) => document.getElementById("edit-" + id);
  const body = at("table-body");
  const PART = 100;
  let offset = 0;
  let sort = "";
  let total = 0;
  let turn = 0;
  let waiting = null;

  function address() {
    const params = new URLSearchParams({ offset: String(offset), limit: String(PART) });
    if (sort) { params.set("sort", sort); }
    if (at("filter").value.trim()) { params.set("filter", at("filter").value.trim()); }
    if (at("view").checked) {
      const box = page.map.getBounds();
      params.set("bbox", [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()].map((one) => one.toFixed(6)).join(","));
    }
    return TE.setup.address + "/" + page.layer().name + "/rows?" + params;
  }

  function heading(name, title, number) {
    const cell = TE.make("th", number ? "number" : "");
    cell.scope = "col";
    const down = sort === "-" + name;
    const up = sort === name;
    cell.setAttribute("aria-sort", up ? "ascending" : down ? "descending" : "none");
    cell.append(TE.button(title + (up ? " ↑" : down ? " ↓" : ""), "row-button", () => {
      sort = up ? "-" + name : down ? "" : name;
      offset = 0;
      load();
    }));
    return cell;
  }

  function draw(told) {
    const heads = at("heads");
    heads.textContent = "";
    heads.append(heading("id", words.number, true));
    told.columns.forEach((one) => heads.append(heading(one.name, one.title, one.number)));
    const rows = at("rows");
    rows.textContent = "";
    told.rows.forEach((one) => {
      const row = TE.make("tr");
      row.dataset.id = one.id;
      const first = TE.make("td", "number");
      first.append(TE.button(String(one.id), "row-button", () => {}));
      row.append(first);
      one.cells.forEach((cell, i) => row.append(TE.make("td", told.columns[i].number ? "number" : "", cell)));
      rows.append(row);
    });
    total = told.total;
    at("range").textContent = total ? TE.fill(words.rows_of, { from: told.offset + 1, to: told.offset + told.rows.length, n: total }) : words.no_rows;
    at("prev").disabled = offset <= 0;
    at("next").disabled = offset + PART >= total;
    mark(page.openId());
  }

  function load() {
    if (body.hidden || !page.layer()) { return Promise.resolve(); }
    const mine = (turn += 1);
    return TE.ask(address()).then((answer) => {
      if (mine !== turn) { return; }
      if (answer.status !== 200) { at("range").textContent = (answer.told.messages || [words.failed])[0]; return; }
      draw(answer.told);
    });
  }
  function soon() { window.clearTimeout(waiting); waiting = window.setTimeout(() => { offset = 0; load(); }, 250); }

  function mark(id) {
    Array.from(at("rows").children).forEach((row) => {
      const on = id != null && row.dataset.id === String(id);
      row.classList.toggle("chosen", on);
      if (on) { row.scrollIntoView({ block: "nearest" }); }
    });
  }

  at("table-fold").addEventListener("click", () => {
    body.hidden = !body.hidden;
    at("table-tools").hidden = body.hidden;
    at("table-fold").setAttribute("aria-expanded", String(!body.hidden));
    at("table").classList.toggle("edit-table-open", !body.hidden);
    load();
  });
  at("filter").addEventListener("input", soon);
  at("view").addEventListener("change", soon);
  at("prev").addEventListener("click", () => { offset = Math.max(0, offset - PART); load(); });
  at("next").addEventListener("click", () => { offset += PART; load(); });
  at("rows").addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-id]");
    if (!row) { return; }
    page.openRow(Number(row.dataset.id), { zoom: true });
    if (window.matchMedia("(max-width: 800px)").matches) { document.querySelector(".stage").scrollIntoView({ block: "start" }); }
  });
  page.map.on("moveend", () => { if (at("view").checked) { soon(); } });
  document.addEventListener("townedit:layer", () => { offset = 0; sort = ""; at("filter").value = ""; load(); });
  document.addEventListener("townedit:open", (event) => mark(event.detail.id));
  document.addEventListener("townedit:stored", load);
})();
