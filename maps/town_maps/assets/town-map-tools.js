/* The tools at the edge of the map: one open at a time, its words and fields in a card beside the buttons. */
(function () {
  "use strict";
  const TM = (window.TownMap = window.TownMap || {});
  const SVG = "http://www.w3.org/2000/svg";
  const ICONS = {
    line: "M4 20 20 4M4 20l1-5M4 20l5-1M9 11l2 2M12.500 7.500l2 2",
    area: "M5 8l8-4 7 6-3 10H7zM5 8l2 12",
    place: "M12 3v6M12 15v6M3 12h6M15 12h6",
    full: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
    link: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
    print: "M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z",
    more: "M4 7h10M18 7h2M4 17h2M10 17h10M16 4.500v5M8 14.500v5",
  };

  TM.make = function (tag, name, words) {
    const one = document.createElement(tag);
    if (name) { one.className = name; }
    if (words != null) { one.textContent = String(words); }
    return one;
  };
  TM.button = function (name, words, act) {
    const one = TM.make("button", name, words);
    one.type = "button";
    one.addEventListener("click", act);
    return one;
  };
  function icon(name) {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("class", "tm-tool-icon");
    svg.setAttribute("aria-hidden", "true");
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", ICONS[name]);
    svg.append(path);
    return svg;
  }

  /* Copy words, also where a page came over plain HTTP and has no clipboard. Resolves to whether it went well. */
  TM.copy = function (words) {
    if (navigator.clipboard && window.isSecureContext) {
      return navigator.clipboard.writeText(words).then(() => true, () => byHand(words));
    }
    return Promise.resolve(byHand(words));
  };
  function byHand(words) {
    const before = document.activeElement;
    const holder = TM.make("textarea", "tm-copy-holder");
    holder.value = words;
    holder.setAttribute("readonly", "");
    document.body.append(holder);
    holder.select();
    let done = false;
    try { done = document.execCommand("copy"); } catch (error) { done = false; }
    holder.remove();
    if (before && before.focus) { before.focus(); }
    return done;
  }

  /* `page`: {map, spec, hooks, holder, link()}. Returns {open(name), close()}. */
  TM.tools = function (page) {
    const words = page.spec.words;
    const bar = TM.make("div", "tm-tools");
    const buttons = TM.make("div", "tm-tool-buttons");
    const card = TM.make("section", "tm-tool-card tm-panel");
    card.hidden = true;
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", words.tools);
    bar.append(buttons, card);
    const tools = {};
    let now = null;

    function add(name, title, act) {
      const one = TM.button("tm-tool", null, act);
      one.title = title;
      one.setAttribute("aria-label", title);
      one.dataset.tool = name;
      one.append(icon(name));
      buttons.append(one);
      return one;
    }
    /* A tool with a card: `begin(body)` fills it and returns what ends the tool. */
    function carded(name, title, begin) {
      const one = add(name, title, () => { if (now && now.name === name) { close(); } else { open(name); } });
      one.setAttribute("aria-expanded", "false");
      tools[name] = { name: name, title: title, begin: begin, button: one };
    }
    function close() {
      if (!now) { return; }
      const ended = now;
      now = null;
      ended.end();
      ended.tool.button.setAttribute("aria-expanded", "false");
      card.hidden = true;
      card.textContent = "";
      page.holder.classList.remove("tm-has-tool");
    }
    function open(name) {
      close();
      const tool = tools[name];
      if (!tool) { return; }
      const head = TM.make("div", "tm-head");
      const shut = TM.button("tm-icon tm-close", "", () => { close(); tool.button.focus(); });
      shut.title = words.close;
      shut.setAttribute("aria-label", words.close);
      head.append(TM.make("h2", "tm-title", tool.title), shut);
      const body = TM.make("div", "tm-tool-body");
      card.append(head, body);
      card.setAttribute("aria-label", tool.title);
      card.hidden = false;
      page.holder.classList.add("tm-has-tool");
      tool.button.setAttribute("aria-expanded", "true");
      now = { name: name, tool: tool, end: () => undefined };
      now.end = tool.begin(body, close) || now.end;
    }
    /* Esc ends the tool before it ends a choice on the map. */
    page.holder.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && now) {
        const button = now.tool.button;
        close();
        button.focus();
        event.stopPropagation();
      }
    }, true);

    /* On a phone the tools stand behind this button; on wider screens it is hidden (town-map.css). */
    const more = add("more", words.tools, () => {
      const on = page.holder.classList.toggle("tm-tools-open");
      more.setAttribute("aria-expanded", String(on));
      if (!on) { close(); }
    });
    more.classList.add("tm-tool-more");
    more.setAttribute("aria-expanded", "false");
    carded("line", words.measure_line, TM.measure(page, false));
    carded("area", words.measure_area, TM.measure(page, true));
    carded("place", words.coordinates, TM.coordinates(page));

    const holder = page.holder;
    if (document.fullscreenEnabled && holder.requestFullscreen) {
      const full = add("full", words.full_screen, () => {
        if (document.fullscreenElement) { document.exitFullscreen(); } else { holder.requestFullscreen(); }
      });
      document.addEventListener("fullscreenchange", () => {
        const on = document.fullscreenElement === holder;
        full.title = on ? words.leave_full_screen : words.full_screen;
        full.setAttribute("aria-label", full.title);
        full.classList.toggle("tm-tool-on", on);
      });
    }
    const said = TM.make("p", "tm-said");
    said.setAttribute("role", "status");
    let silence = null;
    function say(what) {
      said.textContent = what;
      window.clearTimeout(silence);
      silence = window.setTimeout(() => { said.textContent = ""; }, 4000);
    }
    add("link", words.link, () => {
      const address = page.link();
      TM.copy(address).then((done) => say(done ? words.link_copied : address));
    });
    add("print", words.print, () => TM.printMap(page));
    bar.append(said);
    page.hooks.addControl(bar, "topleft");
    return { open: open, close: close, isOpen: () => (now ? now.name : null), say: say };
  };
})();
