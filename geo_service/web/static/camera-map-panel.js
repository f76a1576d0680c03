/* The panel beside the map: lens, model and every field of a camera, and what the last answer says in figures.
   Every word is set with textContent. Kept to what Chromium 86 knows. */
(function () {
  "use strict";
  const CM = (window.CameraMap = window.CameraMap || {});
  const TE = (window.TownEdit = window.TownEdit || {});
  const make = TE.make;
  const rad = Math.PI / 180;
  const number = (words) => { const value = parseFloat(String(words).replace(",", ".")); return isFinite(value) ? value : null; };
  CM.number = number;
  const tidy = (value, digits) => String(Math.round(value * Math.pow(10, digits)) / Math.pow(10, digits));

  /* What a camera's words mean, with what the computation assumes where they say nothing. */
  CM.read = function (setup, values) {
    const given = (name, otherwise) => { const one = number(values[name]); return one === null ? otherwise : one; };
    const kind = values.kind || "fixed";
    const defaults = setup.defaults;
    const model = setup.models.find((one) => one.id !== null && String(one.id) === values.model) || {};
    const hfov = given("hfov_deg", CM.lensAngle(values) || model.hfov_deg || defaults.hfov_deg[kind] || 90);
    const ratio = given("resolution_px_v", 0) && given("resolution_px_h", 0) ? given("resolution_px_v") / given("resolution_px_h") : 9 / 16;
    const vfov = given("vfov_deg", 2 * Math.atan(Math.tan(Math.min(hfov, 179) * rad / 2) * ratio) / rad);
    return {
      place: [given("lon", 0), given("lat", 0)], kind: kind, hfov: hfov, azimuth: ((given("azimuth_deg", 0) % 360) + 360) % 360,
      height: given("mount_height_m", defaults.mount_height_m), reach: given("max_range_m", defaults.max_range_m),
      tilt: given("tilt_deg", Math.min(vfov / 2, 45)),
    };
  };
  /* The horizontal view of a lens: 2·atan(sensor width / (2·focal length)). */
  CM.lensAngle = function (values) {
    const width = number(values.sensor_width_mm);
    const focal = number(values.focal_length_mm);
    return width && focal ? 2 * Math.atan(width / (2 * focal)) / rad : null;
  };

  /* `act`: typed(name), model(values). Returns {element, values(), set(values), faults(fields), title(name)}. */
  CM.Panel = function (setup, fields, act) {
    const words = setup.words;
    const byName = new Map(fields.map((one) => [one.name, one]));
    const firsts = setup.first.filter((name) => byName.has(name) && name !== "model").map((name) => byName.get(name));
    const rest = fields.filter((one) => setup.first.indexOf(one.name) < 0 && one.name !== "model" && one.name !== "status");
    const hidden = { model: byName.has("model") ? byName.get("model").value : "", status: byName.has("status") ? byName.get("status").value : "" };
    const typed = (name) => {
      if (name === "hfov_deg") { main.set("focal_length_mm", ""); choose("angles"); }
      if (name === "sensor_width_mm" || name === "focal_length_mm") { fromFocal(); }
      act.typed(name);
    };
    const main = TE.form(firsts, typed);
    const more = TE.form(rest, typed);
    const element = make("div", "camera-fields");

    /* Lens: by its angles, or by sensor and focal length, which give the angle. */
    const lens = make("fieldset", "camera-lens");
    lens.append(make("legend", "", words.lens));
    const radios = {};
    [["angles", words.lens_angles], ["focal", words.lens_focal]].forEach((pair) => {
      const label = make("label");
      const one = make("input");
      one.type = "radio";
      one.name = "camera-lens";
      one.value = pair[0];
      one.addEventListener("change", () => { choose(pair[0]); if (pair[0] === "focal") { fromFocal(); } else { main.set("focal_length_mm", ""); } act.typed("lens"); });
      radios[pair[0]] = one;
      label.append(one, make("span", "", " " + pair[1]));
      lens.append(label);
    });
    const gives = make("output", "hint");
    lens.append(gives);
    const entryOf = (name) => { const one = main.element.querySelector("#field-" + name); return one ? one.closest(".entry") : null; };
    function choose(way) {
      radios.angles.checked = way === "angles";
      radios.focal.checked = way === "focal";
      [["hfov_deg", "angles"], ["vfov_deg", "angles"], ["sensor_width_mm", "focal"], ["sensor_height_mm", "focal"], ["focal_length_mm", "focal"]]
        .forEach((pair) => { const entry = entryOf(pair[0]); if (entry) { entry.hidden = pair[1] !== way; } });
      tellLens();
    }
    function fromFocal() {
      const angle = CM.lensAngle(main.values());
      if (angle) {
        main.set("hfov_deg", tidy(angle, 1));
        main.set("vfov_deg", "");
      }
      tellLens();
    }
    function tellLens() {
      const angle = number(main.get("hfov_deg"));
      gives.textContent = radios.focal.checked && angle ? TE.fill(words.lens_gives, { n: tidy(angle, 1) }) : "";
    }

    /* Models of the town are kept with the camera; general ones only lend their figures. */
    const pick = make("div", "entry camera-model");
    const label = make("label", "", byName.has("model") ? byName.get("model").label : "");
    const select = make("select");
    select.id = "camera-model";
    label.htmlFor = select.id;
    const none = make("option", "", words.model_none);
    none.value = "";
    select.append(none);
    [[words.model_own, (one) => one.id !== null], [words.model_general, (one) => one.id === null]].forEach((pair) => {
      const group = make("optgroup");
      group.label = pair[0];
      setup.models.forEach((one, at) => {
        if (!pair[1](one)) { return; }
        const option = make("option", "", one.name);
        option.value = String(at);
        group.append(option);
      });
      if (group.children.length) { select.append(group); }
    });
    function showModel() {
      const at = setup.models.findIndex((one) => one.id !== null && String(one.id) === hidden.model);
      select.value = at < 0 ? "" : String(at);
    }
    select.addEventListener("change", () => {
      const model = setup.models[Number(select.value)];
      if (select.value === "" || !model) { hidden.model = ""; act.typed("model"); return; }
      const chosen = select.value;
      hidden.model = model.id === null ? "" : String(model.id);
      const give = (name, value) => { if (value != null && main.has(name)) { main.set(name, String(value)); } };
      ["kind", "resolution_px_h", "resolution_px_v", "ir_range_m", "sensor_width_mm", "sensor_height_mm", "hfov_deg"].forEach((name) => give(name, model[name]));
      main.set("focal_length_mm", "");
      main.set("vfov_deg", "");
      give("focal_length_mm", model.focal_length_min_mm);
      choose(model.sensor_width_mm && model.focal_length_min_mm ? "focal" : "angles");
      if (model.hfov_deg == null || radios.focal.checked && model.kind !== "fisheye" && model.kind !== "multi_sensor") { fromFocal(); }
      if (model.kind === "fisheye" || model.kind === "multi_sensor") { main.set("focal_length_mm", ""); give("hfov_deg", model.hfov_deg); choose("angles"); }
      act.typed("model");
      select.value = chosen;
    });
    pick.append(label, select);
    const details = make("details", "edit-block");
    details.append(make("summary", "", words.more_fields), more.element);
    const kind = main.element.querySelector("#field-kind");
    if (kind) { kind.closest(".entry").after(pick); } else { main.element.prepend(pick); }
    const height = main.element.querySelector("#field-tilt_deg");
    if (height) { height.closest(".entry").after(lens); } else { element.append(lens); }
    element.append(main.element, details);
    choose(main.get("focal_length_mm") && main.get("sensor_width_mm") ? "focal" : "angles");
    showModel();

    return {
      element: element,
      values: () => Object.assign({}, more.values(), main.values(), hidden),
      set: (values) => {
        Object.keys(values).forEach((name) => {
          if (name in hidden) { hidden[name] = values[name]; } else { main.set(name, values[name]); more.set(name, values[name]); }
        });
        if ("focal_length_mm" in values) { choose(main.get("focal_length_mm") && main.get("sensor_width_mm") ? "focal" : "angles"); }
        if ("model" in values) { showModel(); }
      },
      title: (name) => (byName.has(name) ? byName.get(name).label.replace(/\s*[(（].*$/, "") : name),
      faults: (list) => {
        main.faults(list);
        more.faults(list);
        details.open = details.open || rest.some((one) => list.some((other) => other.name === one.name && other.faults.length));
      },
    };
  };

  /* Presets and single lenses have forms of their own; a trial goes by them as they are stored. */
  CM.presets = function (setup, form, id, kind) {
    const words = setup.words;
    const some = setup.presets[id] || [];
    const turns = kind === "ptz";
    if (!some.length && !turns && kind !== "multi_sensor") { return; }
    const box = make("section", "camera-presets");
    box.id = "camera-presets";
    box.append(make("h3", "", turns ? words.presets : words.eyes));
    const list = make("ul");
    some.forEach((one) => {
      const item = make("li");
      const link = make("a", "", one[0]);
      link.href = one[2];
      item.append(link, make("span", "camera-more", one[1]));
      list.append(item);
    });
    const add = make("a", "button", turns ? words.preset_new : words.eye_new);
    add.href = setup.newPreset + "?camera=" + id;
    box.append(some.length ? list : make("p", "hint", turns ? words.preset_none : words.eye_none), add, make("p", "hint", words.preset_saved));
    form.insertBefore(box, form.querySelector(":scope > .buttons"));
  };

  /* The figures of an answer. */
  CM.figures = function (setup, box, told, light, name) {
    const words = setup.words;
    const zh = window.townMap.language === "zh";
    const format = (value, digits) => Number(value).toLocaleString(zh ? "zh-CN" : "en", { maximumFractionDigits: digits });
    const area = (value) => TE.fill(words.m2, { n: format(value, 0) });
    const metres = (value) => TE.fill(words.m, { n: format(value, 0) });
    function change(title, before, after, say) {
      const row = make("div", "camera-change");
      const by = after - before;
      const small = Math.abs(by) < 0.5;
      const words_of = small ? words.no_change : TE.fill(by < 0 ? words.less : words.more, { n: say(Math.abs(by)) });
      const told_by = make("dd", small ? "camera-same" : by < 0 ? "camera-better" : "camera-worse", (small ? "＝ " : by < 0 ? "▼ " : "▲ ") + words_of);
      row.append(make("dt", "", title), make("dd", "camera-total", TE.fill(words.from_to, { before: say(before), after: say(after) })), told_by);
      return row;
    }
    box.textContent = "";
    const head = make("h2", "camera-seen", name + " · " + (light === "night" ? words.at_night : words.in_day));
    box.append(head);
    const totals = make("dl", "camera-totals");
    const gaps = told.gaps || {};
    totals.append(change(words.gap_area, gaps.before_area_m2 || 0, gaps.area_m2 || 0, area), change(words.gap_length, gaps.before_length_m || 0, gaps.length_m || 0, metres));
    box.append(totals);
    const legend = make("ul", "camera-legend");
    function line(mark, title, more, value) {
      const item = make("li");
      item.append(CM.swatch(mark), make("span", "camera-class", title), make("span", "camera-more", more || ""), make("span", "camera-value", value || ""));
      legend.append(item);
      return item;
    }
    const bands = (told.bands || []).filter((one) => one.area_m2 > 0.05);
    bands.forEach((one) => {
      const known = setup.classes[one.observation_class];
      line(one.observation_class, known ? known[0] : one.observation_class, known ? TE.fill(words.class_from, { n: known[1] }) : "", area(one.area_m2));
    });
    if (!bands.length) { box.append(make("p", "stale", words.nothing_seen)); }
    const dead = told.dead_zone;
    if (dead && (dead.area_m2 > 0.05 || dead.near_m > 0)) {
      line("dead", words.dead_zone, dead.near_m > 0 ? TE.fill(words.dead_to, { n: format(dead.near_m, 1) }) : "", dead.area_m2 > 0.05 ? area(dead.area_m2) : "");
    }
    line("private", words.private, setup.privateFrom, area(told.private_m2 || 0)).className = "camera-private";
    line("view", words.view_outline);
    box.append(legend);
    if (told.messages && told.messages.length) {
      const notes = make("details", "camera-notes");
      notes.append(make("summary", "", words.assumed));
      const list = make("ul");
      told.messages.forEach((one) => list.append(make("li", "", one)));
      notes.append(list);
      box.append(notes);
    }
    const short = (before, after, say_) => (Math.abs(after - before) < 0.5 ? "＝" : (after < before ? "▼ " : "▲ ") + say_(Math.abs(after - before)));
    return {
      /* for the map, where the panel is out of sight */
      chip: totals.querySelectorAll(".camera-same").length === 2 ? words.chip_same : TE.fill(words.chip, { area: short(gaps.before_area_m2 || 0, gaps.area_m2 || 0, area), length: short(gaps.before_length_m || 0, gaps.length_m || 0, metres) }),
      area: TE.fill(words.from_to, { before: area(gaps.before_area_m2 || 0), after: area(gaps.area_m2 || 0) }),
      length: TE.fill(words.from_to, { before: metres(gaps.before_length_m || 0), after: metres(gaps.length_m || 0) }),
    };
  };
})();
