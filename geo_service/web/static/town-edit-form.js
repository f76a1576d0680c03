/* The form of one feature in the side panel: fields as the server describes them, faults at their field, two versions
   side by side, the history. Every word is set with textContent. Kept to what Chromium 86 knows. */
(function () {
  "use strict";
  const TE = (window.TownEdit = window.TownEdit || {});

  TE.make = function (tag, name, words) {
    const one = document.createElement(tag);
    if (name) { one.className = name; }
    if (words != null) { one.textContent = String(words); }
    return one;
  };
  TE.button = function (words, name, act) {
    const one = TE.make("button", name, words);
    one.type = "button";
    one.addEventListener("click", act);
    return one;
  };
  /* Say what is wrong at the top of the open form; an empty list takes the words away. */
  TE.messages = function (list) {
    const top = document.getElementById("edit-messages");
    if (!top) { return; }
    top.textContent = "";
    if (!list.length) { return; }
    const box = TE.make("div", "fault");
    box.setAttribute("role", "alert");
    list.forEach((one) => box.append(TE.make("p", "", one)));
    top.append(box);
    top.scrollIntoView({ block: "nearest" });
  };
  TE.fill = (template, values) => template.replace(/\{(\w+)\}/g, (all, key) => (key in values ? String(values[key]) : all));
  const make = TE.make;
  /* As for maps of OpenStreetMap that know storeys only. */
  const STOREY_M = 3;

  /* Requests: JSON there and back, with the token of the page. Resolves to {status, told}. */
  TE.ask = function (address, body) {
    const options = { credentials: "same-origin", headers: { Accept: "application/json" } };
    if (body !== undefined) {
      options.method = "POST";
      options.headers["X-CSRFToken"] = TE.setup.token;
      if (body instanceof Blob) {
        options.headers["Content-Type"] = body.type;
        options.body = body;
      } else {
        options.headers["Content-Type"] = "application/json";
        options.body = JSON.stringify(body);
      }
    }
    return fetch(address, options).then((answer) => answer.json().catch(() => ({})).then((told) => ({ status: answer.status, told: told })))
      .catch(() => ({ status: 0, told: { messages: [TE.setup.words.offline] } }));
  };

  function control(field) {
    let one;
    if (field.widget === "select") {
      one = make("select");
      field.options.forEach((pair) => {
        const option = make("option", "", pair[1]);
        option.value = pair[0];
        option.selected = pair[0] === field.value;
        one.append(option);
      });
    } else if (field.widget === "long") {
      one = make("textarea");
      one.rows = 2;
      one.value = field.value;
    } else {
      one = make("input");
      one.type = field.widget;
      if (field.widget === "number") {
        one.step = field.step || "any";
        if (field.minimum) { one.min = field.minimum; }
        if (field.maximum) { one.max = field.maximum; }
      }
      one.value = field.value;
      one.autocomplete = "off";
    }
    if (field.widget === "text" || field.widget === "long") { one.maxLength = field.length; }
    one.id = "field-" + field.name;
    one.name = field.name;
    one.required = field.required;
    return one;
  }

  /* The fields of a form: {element, values(), set(name, value), faults(fields)}. */
  TE.form = function (fields, changed) {
    const words = TE.setup.words;
    const element = make("div", "edit-fields");
    const controls = new Map();
    fields.forEach((field) => {
      const entry = make("div", "entry");
      const label = make("label", "", field.label);
      const one = control(field);
      label.htmlFor = one.id;
      if (field.required) {
        const star = make("span", "needed", " *");
        star.title = words.needed;
        label.append(star);
      }
      entry.append(label, one);
      const told = [];
      if (field.hint) {
        const hint = make("span", "hint", field.hint);
        hint.id = "hint-" + field.name;
        told.push(hint.id);
        entry.append(hint);
      }
      const wrong = make("span", "wrong-words");
      wrong.id = "fault-" + field.name;
      wrong.hidden = true;
      entry.append(wrong);
      if (told.length) { one.setAttribute("aria-describedby", told.join(" ")); }
      one.addEventListener("input", () => { storeys(field.name); changed(field.name); });
      element.append(entry);
      controls.set(field.name, { field: field, entry: entry, input: one, wrong: wrong, told: told });
    });
    /* A house that is traced has storeys rather than a height: the height is estimated until somebody types one. */
    let estimated = null;
    function storeys(name) {
      const levels = controls.get("levels");
      const height = controls.get("height_m");
      if (!levels || !height || (name !== "levels" && name !== "height_m")) { return; }
      if (name === "height_m") { estimated = null; told.hidden = true; return; }
      if (height.input.value && height.input.value !== estimated) { return; }
      const n = Number(levels.input.value);
      estimated = n > 0 && n <= 200 ? String(Math.round(n * STOREY_M * 10) / 10) : "";
      height.input.value = estimated;
      told.textContent = estimated ? TE.fill(words.height_of, { n: n, metres: estimated, each: STOREY_M }) : "";
      told.hidden = !estimated;
      if (!told.parentNode) { height.entry.append(told); }
    }
    const told = make("span", "hint edit-estimate");
    told.setAttribute("role", "status");
    function faults(list) {
      let first = null;
      list.forEach((field) => {
        const mine = controls.get(field.name);
        if (!mine) { return; }
        const bad = field.faults.length > 0;
        mine.entry.classList.toggle("wrong", bad);
        mine.wrong.hidden = !bad;
        mine.wrong.textContent = field.faults.join(" ");
        if (bad) { mine.input.setAttribute("aria-invalid", "true"); } else { mine.input.removeAttribute("aria-invalid"); }
        const ids = bad ? mine.told.concat([mine.wrong.id]) : mine.told;
        if (ids.length) { mine.input.setAttribute("aria-describedby", ids.join(" ")); }
        if (bad && !first) { first = mine.input; }
      });
      if (first) { first.focus(); }
    }
    faults(fields.filter((one) => one.faults.length));
    return {
      element: element,
      faults: faults,
      values: () => {
        const told = {};
        controls.forEach((mine, name) => { told[name] = mine.input.value; });
        return told;
      },
      set: (name, value) => { const mine = controls.get(name); if (mine) { mine.input.value = value; } },
      get: (name) => { const mine = controls.get(name); return mine ? mine.input.value : ""; },
      has: (name) => controls.has(name),
    };
  };

  /* Two versions of one feature, and what to do. `act`: theirs(), mine(), merge(). */
  TE.clash = function (told, act) {
    const words = TE.setup.words;
    const box = make("div", "stale edit-clash");
    box.setAttribute("role", "alert");
    box.append(make("p", "edit-strong", TE.fill(words.clash, { who: told.by || words.somebody })));
    box.append(make("p", "", words.clash_map));
    const table = make("table", "clashes");
    const head = make("thead");
    const top = make("tr");
    [words.column, words.before, words.theirs, words.mine].forEach((one) => {
      const cell = make("th", "", one);
      cell.scope = "col";
      top.append(cell);
    });
    head.append(top);
    const body = make("tbody");
    told.clashes.forEach((one) => {
      const row = make("tr", one.differs ? "differs" : "");
      row.append(make("td", "break", one.title), make("td", "break", one.before), make("td", "break", one.theirs), make("td", "break", one.mine));
      body.append(row);
    });
    table.append(head, body);
    const scroll = make("div", "scroll");
    scroll.tabIndex = 0;
    scroll.append(table);
    box.append(scroll);
    const buttons = make("p", "buttons");
    buttons.append(TE.button(words.take_theirs, "", act.theirs), TE.button(words.keep_mine, "", act.mine), TE.button(words.merge, "main", act.merge));
    box.append(buttons);
    return box;
  };

  /* What was done to a feature. `act`: outline(shape | null), undo(batch). */
  TE.history = function (steps, act) {
    const words = TE.setup.words;
    const part = make("details", "edit-history");
    part.append(make("summary", "", TE.fill(words.history, { n: steps.length })));
    const list = make("ol", "history");
    steps.forEach((step) => {
      const item = make("li");
      const line = make("div", "line");
      line.append(make("span", "", step.when + " · " + step.who + " · " + step.what));
      const buttons = make("span", "buttons");
      if (step.before) {
        const show = TE.button(words.show_before, "quiet", () => {
          const on = show.getAttribute("aria-pressed") !== "true";
          list.querySelectorAll("[aria-pressed]").forEach((one) => one.setAttribute("aria-pressed", "false"));
          show.setAttribute("aria-pressed", String(on));
          act.outline(on ? step.before : null);
        });
        show.setAttribute("aria-pressed", "false");
        buttons.append(show);
      }
      if (step.undo) { buttons.append(TE.button(words.undo_this, "quiet", () => act.undo(step.batch))); }
      line.append(buttons);
      item.append(line);
      if (step.differences.length) {
        const rows = make("ul", "differences");
        step.differences.forEach((one) => {
          const row = make("li");
          row.append(make("span", "what", one[0]), make("del", "", one[1]), make("span", "", " → "), make("ins", "", one[2]));
          rows.append(row);
        });
        item.append(rows);
      }
      list.append(item);
    });
    part.append(list);
    return part;
  };
})();
