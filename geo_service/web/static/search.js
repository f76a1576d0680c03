/* The search in the frame: a combobox after the ARIA pattern. Kept to what Chromium 86 knows. */
(function () {
  "use strict";
  const form = document.getElementById("search-form");
  const field = document.getElementById("search-field");
  const list = document.getElementById("search-list");
  const said = document.getElementById("search-said");
  if (!form || !field || !list) { return; }
  const WAIT_MS = 150;
  let options = [];
  let chosen = -1;
  let asked = "";
  let turn = 0;
  let timer = null;

  function make(tag, name, words) {
    const one = document.createElement(tag);
    if (name) { one.className = name; }
    if (words) { one.textContent = words; }
    return one;
  }
  function close() {
    list.hidden = true;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
    chosen = -1;
  }
  function open() {
    list.hidden = false;
    field.setAttribute("aria-expanded", "true");
  }
  function mark(at) {
    options.forEach((one, i) => one.node.setAttribute("aria-selected", String(i === at)));
    chosen = at;
    if (at < 0) { field.removeAttribute("aria-activedescendant"); return; }
    field.setAttribute("aria-activedescendant", options[at].node.id);
    options[at].node.scrollIntoView({ block: "nearest" });
  }

  /* The map of this page flies there when it is a page of a map that has the layer; else the map's own page opens. */
  function go(hit) {
    close();
    const map = document.querySelector(".stage:not(.small) .town-map") && window.townMap;
    if (map && map.layers && map.layers().some((one) => one.key === hit.layer)) {
      field.value = hit.name;
      if (window.location.hash === hit.hash) { window.dispatchEvent(new HashChangeEvent("hashchange")); } else { window.location.hash = hit.hash; }
      document.querySelector(".stage").scrollIntoView({ block: "nearest" });
      return;
    }
    const here = window.location.pathname + window.location.search;
    window.location.assign(hit.url);
    /* The same page with another hash is not loaded anew by itself; its map listens. */
    if (hit.url.split("#")[0] === here) { field.value = hit.name; }
  }

  function show(told) {
    list.textContent = "";
    options = [];
    told.groups.forEach((group, number) => {
      const box = make("ul", "search-group");
      box.setAttribute("role", "group");
      const title = make("li", "search-title", group.title);
      title.id = "search-group-" + number;
      title.setAttribute("role", "presentation");
      box.setAttribute("aria-labelledby", title.id);
      box.append(title);
      group.hits.forEach((hit) => {
        const node = make("li", "search-hit");
        node.id = "search-hit-" + options.length;
        node.setAttribute("role", "option");
        node.setAttribute("aria-selected", "false");
        node.append(make("span", "search-name", hit.name));
        if (hit.code) { node.append(make("span", "search-code", hit.code)); }
        node.addEventListener("mousedown", (event) => event.preventDefault());
        node.addEventListener("click", () => go(hit));
        options.push({ node: node, hit: hit });
        box.append(node);
      });
      list.append(box);
    });
    const none = !options.length;
    said.textContent = none ? form.dataset.none : form.dataset.found.replace("{n}", String(options.length));
    if (none) { const line = make("div", "search-none", form.dataset.none); list.append(line); }
    open();
    chosen = -1;
  }

  function ask() {
    const words = field.value.trim();
    if (words === asked && !list.hidden) { return; }
    asked = words;
    turn += 1;
    const mine = turn;
    if (!words) { close(); said.textContent = ""; return; }
    fetch(form.dataset.url + "?q=" + encodeURIComponent(words), { credentials: "same-origin", headers: { Accept: "application/json" } })
      .then((answer) => { if (!answer.ok) { throw new Error(String(answer.status)); } return answer.json(); })
      .then((told) => { if (mine === turn && document.activeElement === field) { show(told); } })
      .catch(() => { if (mine === turn) { close(); said.textContent = form.dataset.failed; } });
  }

  field.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, WAIT_MS);
  });
  field.addEventListener("focus", () => { if (field.value.trim() && options.length && field.value.trim() === asked) { open(); } });
  field.addEventListener("blur", () => window.setTimeout(close, 120));
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) { return; }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) { asked = ""; ask(); return; }
      const step = event.key === "ArrowDown" ? 1 : -1;
      if (options.length) { mark(chosen < 0 && step < 0 ? options.length - 1 : (chosen + step + options.length) % options.length); }
    } else if (event.key === "Escape") {
      if (list.hidden) { field.value = ""; } else { close(); }
    } else if (event.key === "Enter" && !list.hidden && options.length) {
      event.preventDefault();
      go(options[Math.max(0, chosen)].hit);
    }
  });

  /* "/" goes to the search, unless somebody is typing. */
  document.addEventListener("keydown", (event) => {
    const at = document.activeElement;
    const typing = at && (at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName));
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      field.focus();
      field.select();
    }
  });

  /* What the language switch comes back to keeps the view of the map. */
  document.querySelectorAll("form.language").forEach((one) => one.addEventListener("submit", () => {
    const next = one.querySelector("input[name=next]");
    if (next && window.location.hash.indexOf("#map=") === 0) { next.value = next.value.split("#")[0] + window.location.hash; }
  }));
}());
