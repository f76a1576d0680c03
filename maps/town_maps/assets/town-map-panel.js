/* Around the map: layers in groups with legend and counts, what is known of the chosen place, sources, watermark.
   Every word is set with textContent. */
(function () {
  "use strict";
  const TM = (window.TownMap = window.TownMap || {});

  function make(tag, name, words) {
    const one = document.createElement(tag);
    if (name) { one.className = name; }
    if (words != null) { one.textContent = String(words); }
    return one;
  }
  function button(name, words, title, act) {
    const one = make("button", name, words);
    one.type = "button";
    if (title) { one.title = title; one.setAttribute("aria-label", title); }
    one.addEventListener("click", act);
    return one;
  }
  const fill = TM.fill = (template, values) =>
    template.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole));

  /* A piece of the map for the legend, drawn with the map's own brush. */
  function swatch(layer, name, place) {
    const canvas = make("canvas", "tm-swatch");
    const wide = 28;
    const high = 16;
    canvas.width = wide * 2;
    canvas.height = high * 2;
    canvas.setAttribute("aria-hidden", "true");
    const ctx = canvas.getContext("2d");
    ctx.scale(2, 2);
    const style = layer.style;
    const looks = TM.classStyle(style, name, place);
    if (!looks) { return canvas; }
    if (style.names) {
      ctx.font = "600 12px " + TM.fonts;
      ctx.textAlign = "center";
      ctx.textBaseline = "middle";
      ctx.fillStyle = style.label.colour;
      ctx.fillText(layer.described.title.slice(0, 2), wide / 2, high / 2);
      return canvas;
    }
    ctx.lineJoin = "round";
    if (looks.shape) { TM.symbol(ctx, looks, wide / 2, high / 2, 0.85); return canvas; }
    if (layer.described.geometry === "line") {
      ctx.beginPath();
      ctx.moveTo(1, high / 2);
      ctx.lineTo(wide - 1, high / 2);
      if (style.roads && looks.stroke) {
        ctx.lineWidth = 7;
        ctx.strokeStyle = looks.stroke;
        ctx.stroke();
      }
      ctx.setLineDash(looks.dash || []);
      ctx.lineWidth = style.roads ? 4.5 : 3;
      ctx.strokeStyle = style.roads ? looks.fill : looks.stroke;
      ctx.stroke();
      return canvas;
    }
    ctx.beginPath();
    ctx.rect(2, 2, wide - 4, high - 4);
    if (looks.fill) {
      ctx.globalAlpha = looks.alpha ? looks.alpha * 1.6 : style.opacity ? style.opacity + 0.2 : 1;
      ctx.fillStyle = looks.hatch ? TM.hatch(ctx, looks.hatch, looks.fill) : looks.fill;
      ctx.fill();
      ctx.globalAlpha = 1;
    }
    if (looks.stroke) {
      ctx.setLineDash(looks.dash || []);
      ctx.lineWidth = looks.width || 1;
      ctx.strokeStyle = looks.stroke;
      ctx.stroke();
    }
    return canvas;
  }

  TM.panel = function (map, spec, layers, act) {
    const words = spec.words;
    const box = map.getContainer();
    const numbers = new Intl.NumberFormat(spec.language === "en" ? "en" : "zh-CN");
    const aside = make("section", "tm-panel tm-layers");
    aside.setAttribute("aria-label", words.layers);
    const body = make("div", "tm-body");
    const rows = new Map();

    const head = make("div", "tm-head");
    const heading = make("h2", "tm-title", spec.title || words.layers);
    const fold = button("tm-icon tm-fold", "", words.fold, () => folded(!aside.classList.contains("tm-folded")));
    function folded(on) {
      aside.classList.toggle("tm-folded", on);
      fold.setAttribute("aria-expanded", String(!on));
      fold.title = on ? words.unfold : words.fold;
      fold.setAttribute("aria-label", fold.title);
    }
    head.append(heading, button("tm-icon tm-home", "", words.home, act.home), fold);
    aside.append(head, body);

    function open(set, on) {
      set.classList.toggle("tm-shut", on === false);
      set.querySelector(".tm-opener").setAttribute("aria-expanded", String(on !== false));
    }
    const groups = new Map();
    layers.forEach((layer) => {
      const described = layer.described;
      if (!groups.has(described.group)) {
        const set = make("fieldset", "tm-group");
        const heading = make("legend");
        const tally = make("span", "tm-count");
        const opener = button("tm-opener", described.group, "", () => open(set, set.classList.contains("tm-shut")));
        opener.append(tally);
        heading.append(opener);
        set.append(heading);
        /* What lies under everything is seldom switched. */
        if (layer.style.base) { set.classList.add("tm-shut"); }
        opener.setAttribute("aria-expanded", String(!layer.style.base));
        groups.set(described.group, set);
        set.tally = tally;
        body.append(set);
      }
      const row = make("div", "tm-row");
      const label = make("label", "tm-label");
      const check = make("input");
      check.type = "checkbox";
      check.checked = layer.visible;
      check.name = "layer";
      check.value = layer.key;
      check.addEventListener("change", () => act.show(layer.key, check.checked));
      const legend = described.legend || [];
      label.append(check);
      if (legend.length < 2) { label.append(swatch(layer, legend.length ? String(legend[0].class) : "default", 0)); }
      label.append(make("span", "tm-name", described.title));
      const count = make("span", "tm-count", described.count != null ? numbers.format(described.count) : "");
      label.append(count);
      row.append(label);
      const list = make("ul", "tm-legend");
      if (legend.length > 1) {
        legend.forEach((one, at) => {
          const item = make("li");
          item.append(swatch(layer, String(one.class), at), make("span", "", one.title));
          if (one.count != null) { item.append(make("span", "tm-count", numbers.format(one.count))); }
          list.append(item);
        });
        row.append(list);
      }
      const hint = make("p", "tm-hint");
      hint.hidden = true;
      row.append(hint);
      groups.get(described.group).append(row);
      rows.set(layer.key, { row: row, check: check, list: list, hint: hint, count: count });
    });

    const info = make("section", "tm-panel tm-info");
    info.setAttribute("aria-live", "polite");
    info.hidden = true;

    const sources = make("div", "tm-sources");
    (spec.attribution || []).forEach((one, at) => {
      if (at) { sources.append(make("span", "", " · ")); }
      if (one.href && /^https?:\/\//.test(one.href)) {
        const link = make("a", "", one.text);
        link.href = one.href;
        link.rel = "noopener noreferrer";
        link.target = "_blank";
        sources.append(link);
      } else { sources.append(make("span", "", one.text)); }
    });

    [aside, info, sources].forEach((one) => {
      L.DomEvent.disableClickPropagation(one);
      L.DomEvent.disableScrollPropagation(one);
      box.append(one);
    });
    if (spec.watermark) {
      const sheet = make("div", "tm-watermark");
      sheet.setAttribute("aria-hidden", "true");
      for (let i = 0; i < 48; i += 1) { sheet.append(make("span", "", spec.watermark)); }
      box.append(sheet);
      box.append(make("div", "tm-watermark-line", spec.watermark));
    }
    folded(box.clientWidth < 640);
    refreshHints();

    function refreshHints() {
      const zoom = map.getZoom();
      layers.forEach((layer) => {
        const mine = rows.get(layer.key);
        const from = Math.max(layer.described.min_zoom || 0, layer.style.from || 0);
        const far = layer.visible && zoom !== undefined && zoom < from;
        mine.row.classList.toggle("tm-on", layer.visible);
        mine.hint.hidden = !(far || layer.failed);
        if (layer.failed) { open(groups.get(layer.described.group)); }
        mine.hint.textContent = layer.failed ? words.load_failed : far ? words.zoom_to_see : "";
      });
      refreshGroups();
    }

    /* On paper a heading without a visible layer is left out. */
    function refreshGroups() {
      groups.forEach((set) => {
        const on = set.querySelectorAll(".tm-on").length;
        set.classList.toggle("tm-none", !on);
        set.tally.textContent = on + "/" + set.querySelectorAll(".tm-row").length;
        set.tally.title = fill(words.shown_of, { n: on, all: set.querySelectorAll(".tm-row").length });
      });
    }

    function showInfo(layer, feature) {
      info.textContent = "";
      info.hidden = !feature;
      box.classList.toggle("tm-has-info", Boolean(feature));
      if (!feature) { return; }
      const top = make("div", "tm-head");
      const titles = make("div", "tm-titles");
      titles.append(make("span", "tm-kind", layer.described.title));
      titles.append(make("h2", "tm-title", layer.nameOf(feature) || fill(words.number, { id: feature.id })));
      top.append(titles, button("tm-icon tm-close", "", words.close, act.clear));
      info.append(top);
      const list = make("dl", "tm-values");
      layer.fields.forEach((field, at) => {
        const value = feature.values[at];
        if (value == null || value === "" || at === layer.nameAt) { return; }
        list.append(make("dt", "", field.title));
        const shown = typeof value === "number" ? numbers.format(value)
          : typeof value === "boolean" ? (value ? words.yes : words.no) : value;
        list.append(make("dd", "", field.unit ? shown + " " + field.unit : shown));
      });
      info.append(list);
      info.append(button("tm-button", words.zoom_here, "", act.zoomTo));
    }

    /* A section of another script, above the layers; it gets an element to fill. */
    function section(title, options) {
      const part = make("section", "tm-section" + (options.name ? " tm-section-" + options.name : ""));
      const inner = make("div", "tm-section-body");
      part.setAttribute("aria-label", title);
      part.append(make("h3", "tm-section-title", title), inner);
      if (options.last) { body.append(part); } else { body.insertBefore(part, body.querySelector(".tm-group")); }
      return inner;
    }

    return {
      info: showInfo,
      section: section,
      fold: folded,
      zoomed: refreshHints,
      shown: (layer) => { rows.get(layer.key).check.checked = layer.visible; refreshHints(); },
      busy: (layer, on) => rows.get(layer.key).row.classList.toggle("tm-busy", on),
      loaded: (layer) => {
        if (layer.described.count == null && !layer.described.by_view) {
          rows.get(layer.key).count.textContent = numbers.format(layer.features.length);
        }
        refreshHints();
      },
    };
  };
})();
