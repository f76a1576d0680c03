/* Changing a plan by hand: each change is sent to be judged, and stored as a new plan only on demand. Kept to what Chromium 86 knows. */
(function () {
  "use strict";
  const box = document.getElementById("change");
  const form = document.getElementById("change-form");
  if (!box || !form) { return; }
  const told = box.dataset;
  const element = (name) => document.getElementById("change-" + name);
  const what = element("what");
  const stop = element("stop");
  const place = element("place");
  const shift = element("shift");
  const time = element("time");
  const save = element("save");
  const consent = element("consent");
  const changes = [];      /* {order, words} */
  let asked = 0;
  let sound = false;
  let warned = false;

  const fill = (words, values) => words.replace(/\{(\w+)\}/g, (all, name) => (name in values ? String(values[name]) : all));
  const words = (select, value) => {
    const one = Array.from(select.options).find((option) => option.value === value);
    return one ? one.textContent : value;
  };
  const seconds = (clock) => { const parts = clock.split(":"); return 3600 * Number(parts[0]) + 60 * Number(parts[1]); };
  const two = (n) => (n < 10 ? "0" : "") + n;
  const clock = (at) => two(Math.floor(at / 3600)) + ":" + two(Math.floor(at / 60) % 60);

  function ask(url, body) {
    return fetch(url, {
      method: "POST", credentials: "same-origin", body: JSON.stringify(body),
      headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": told.token },
    }).then((answer) => answer.json().then((content) => ({ status: answer.status, told: content })))
      .catch(() => ({ status: 0, told: {} }));
  }
  function reasons(answer) {
    const list = (answer.told.messages || answer.told.errors || []).map((one) => (typeof one === "string" ? one : one.message || one.detail || ""));
    return list.filter(Boolean).join(" ") || answer.told.detail || told.failed;
  }
  function list(target, lines) {
    target.textContent = "";
    lines.forEach((line) => { const one = document.createElement("li"); one.textContent = line; target.append(one); });
  }

  function enable() { save.disabled = !sound || (warned && !consent.checked); }
  function judge() {
    asked += 1;
    const mine = asked;
    element("state").hidden = false;
    list(element("list"), changes.map((one) => one.words));
    element("figures").textContent = "";
    element("warnings").hidden = true;
    element("better-box").hidden = true;
    element("consent-box").hidden = true;
    consent.checked = false;
    sound = false;
    enable();
    element("undo").disabled = !changes.length;
    const verdict = element("verdict");
    verdict.className = "";
    if (!changes.length) { verdict.textContent = told.none; return; }
    verdict.textContent = told.wait;
    ask(told.trial, { changes: changes.map((one) => one.order) }).then((answer) => {
      if (mine !== asked) { return; }
      if (answer.status !== 200) {
        verdict.className = "fault";
        verdict.textContent = reasons(answer);
        return;
      }
      const found = answer.told;
      sound = true;
      warned = found.warnings.length > 0;
      verdict.className = warned ? "stale" : "good";
      verdict.textContent = warned ? fill(told.worse, { n: found.warnings.length }) : told.sound;
      element("figures").textContent = fill(told.figures, {
        a: found.before.breaches, b: found.after.breaches, c: found.before.places_late, d: found.after.places_late,
        e: Math.round(found.before.longest_window_min), f: Math.round(found.after.longest_window_min),
      });
      list(element("warnings"), found.warnings);
      element("warnings").hidden = !warned;
      list(element("better"), found.better);
      element("better-box").hidden = !found.better.length;
      element("consent-box").hidden = !warned;
      enable();
    });
  }
  function add(order, line) {
    changes.push({ order: order, words: line });
    document.getElementById("change-box").open = true;
    judge();
  }
  function moved(key, line, to, at) {
    const parts = key.split("|");
    const seq = Number(parts.pop());
    const order = { shift: parts.join("|"), seq: seq, to_shift: to, at_s: to === null ? null : at };
    add(order, to === null ? fill(told.leave, { stop: line }) : fill(told.moveWords, { stop: line, unit: words(shift, to), time: clock(at) }));
  }

  function fields() {
    form.querySelectorAll("[data-for]").forEach((one) => { one.hidden = one.dataset.for.split(" ").indexOf(what.value) < 0; });
    time.required = what.value !== "leave";
    const option = stop.selectedOptions[0];
    if (what.value === "move" && option) {
      time.value = option.dataset.time === "24:00" ? "23:59" : option.dataset.time;
      shift.value = option.value.slice(0, option.value.lastIndexOf("|"));
    }
  }
  what.addEventListener("change", fields);
  stop.addEventListener("change", fields);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (what.value === "add") {
      const at = seconds(time.value);
      add({ place: place.value, to_shift: shift.value, at_s: at }, fill(told.moveWords, { stop: words(place, place.value), unit: words(shift, shift.value), time: clock(at) }));
    } else if (stop.value) {
      moved(stop.value, words(stop, stop.value), what.value === "leave" ? null : shift.value, seconds(time.value || "00:00"));
    }
  });
  consent.addEventListener("change", enable);
  element("undo").addEventListener("click", () => { changes.pop(); judge(); });
  save.addEventListener("click", () => {
    save.disabled = true;
    ask(told.save, { changes: changes.map((one) => one.order), confirm: warned }).then((answer) => {
      if (answer.status === 201) { window.location.assign(told.done); return; }
      const verdict = element("verdict");
      verdict.className = "fault";
      verdict.textContent = reasons(answer);
      enable();
    });
  });
  document.addEventListener("patrolday:stop", (event) => {
    const option = stop.options[event.detail.stop - 1];
    if (option) { option.selected = true; fields(); }
  });
  document.addEventListener("patrolday:drag", (event) => {
    const one = event.detail;
    moved(one.key, one.words, one.shift, one.at);
    box.scrollIntoView({ block: "start" });
  });
  form.hidden = false;
  fields();

  /* One more stop at a place that is late, by each unit that is on duty then. */
  const cures = document.getElementById("cures");
  const tries = document.getElementById("cures-try");
  if (cures && tries) {
    tries.addEventListener("click", () => {
      const at = seconds(cures.dataset.time || "12:00");
      const found = document.getElementById("cures-found");
      found.textContent = "";
      tries.disabled = true;
      Array.from(shift.options).filter((one) => Number(one.dataset.start) <= at && at <= Number(one.dataset.end)).reduce((before, one) => before.then(() => (
        ask(told.trial, { changes: [{ place: cures.dataset.place, to_shift: one.value, at_s: at }] }).then((answer) => {
          const line = document.createElement("li");
          line.textContent = answer.status === 200
            ? fill(told.offer, { unit: one.textContent, n: answer.told.warnings.length, m: answer.told.better.length })
            : fill(told.cannot, { unit: one.textContent, why: reasons(answer) });
          found.append(line);
        }))), Promise.resolve()).then(() => { tries.disabled = false; });
    });
  }
}());
