/* Coordinates: under the pointer, of a place that was clicked, and typed in to go there. */
(function () {
  "use strict";
  const TM = (window.TownMap = window.TownMap || {});
  const KEPT = "town-map-system";

  /* The chosen system stays for the next page of this tab. */
  function kept() {
    try {
      const name = window.sessionStorage.getItem(KEPT);
      return TM.own(TM.geodesy.systems, name) ? name : "wgs84";
    } catch (error) { return "wgs84"; }
  }
  function keep(name) {
    try { window.sessionStorage.setItem(KEPT, name); } catch (error) { /* a private window keeps nothing */ }
  }

  /* The line below the map that follows the pointer, or says the last place that was tapped. */
  TM.readout = function (page) {
    const box = TM.make("p", "tm-readout");
    let system = kept();
    let last = null;
    function show() {
      box.hidden = !last;
      box.textContent = last ? TM.geodesy.systems[system].name + "  " + TM.geodesy.systems[system].show(last[0], last[1]) : "";
    }
    const take = (event) => {
      const at = event.latlng.wrap();
      last = [at.lng, at.lat];
      show();
    };
    page.map.on("mousemove", take);
    page.map.on("click", take);
    page.hooks.addControl(box, "bottomleft");
    show();
    return {
      system: () => system,
      choose: (name) => { system = name; keep(name); show(); },
    };
  };

  TM.coordinates = function (page) {
    const words = page.spec.words;
    const map = page.map;
    const systems = TM.geodesy.systems;
    const titles = { wgs84: "WGS-84", cgcs2000: "CGCS2000", gcj02: words.gcj02, gauss: words.gauss };
    let count = 0;

    function field(body, title, control) {
      count += 1;
      const label = TM.make("label", "tm-field", title);
      control.id = "tm-coordinates-" + count;
      label.htmlFor = control.id;
      body.append(label, control);
      return control;
    }

    return function begin(body) {
      let spot = null;
      const choice = field(body, words.system, TM.make("select"));
      Object.keys(systems).forEach((name) => {
        const one = TM.make("option", "", titles[name]);
        one.value = name;
        one.selected = name === page.readout.system();
        choice.append(one);
      });
      const shown = field(body, words.place_clicked, TM.make("output", "tm-spot"));
      shown.setAttribute("aria-live", "polite");
      const row = TM.make("div", "tm-tool-row");
      const copied = TM.make("span", "tm-note");
      copied.setAttribute("role", "status");
      const copy = TM.button("tm-small", words.copy, () => {
        TM.copy(systems[choice.value].show(spot[0], spot[1])).then((done) => { copied.textContent = done ? words.copied : words.copy_failed; });
      });
      row.append(copy, copied);
      body.append(row);

      const form = TM.make("form", "tm-goto");
      form.noValidate = true;
      const typed = field(form, words.go_to, TM.make("input"));
      typed.autocomplete = "off";
      typed.inputMode = "text";
      const fault = TM.make("p", "tm-fault");
      fault.setAttribute("role", "alert");
      fault.id = "tm-goto-fault";
      typed.setAttribute("aria-describedby", fault.id);
      const go = TM.make("button", "tm-small", words.go);
      go.type = "submit";
      form.append(go, fault);
      body.append(form);

      function refresh() {
        const system = systems[choice.value];
        shown.textContent = spot ? system.show(spot[0], spot[1]) : words.click_map;
        copy.disabled = !spot;
        copied.textContent = "";
        const middle = map.getCenter();
        typed.placeholder = system.show(middle.lng, middle.lat);
        page.repaint();
      }
      choice.addEventListener("change", () => { page.readout.choose(choice.value); fault.textContent = ""; refresh(); });
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        const middle = map.getCenter();
        const found = systems[choice.value].read(typed.value, [middle.lng, middle.lat]);
        const good = Boolean(found) && found.every((one) => isFinite(one)) && Math.abs(found[1]) < 85;
        typed.setAttribute("aria-invalid", String(!good));
        fault.textContent = good ? "" : TM.fill(words.bad_coordinates, { example: typed.placeholder });
        if (!good) { typed.focus(); return; }
        spot = found;
        page.flyTo(L.latLng(found[1], found[0]), Math.max(map.getZoom(), 17));
        refresh();
      });
      const endClicks = page.hooks.onClick((told) => {
        const at = told.latlng.wrap();
        spot = [at.lng, at.lat];
        refresh();
        return true;
      });
      const endPaint = page.hooks.addPainter((view) => {
        if (!spot) { return; }
        const ctx = view.ctx;
        const at = view.pixel(spot);
        [["#ffffff", 5.5], ["#b3283d", 2.4]].forEach((one) => {
          ctx.beginPath();
          [[-13, 0, -4, 0], [4, 0, 13, 0], [0, -13, 0, -4], [0, 4, 0, 13]].forEach((arm) => {
            ctx.moveTo(at[0] + arm[0], at[1] + arm[1]);
            ctx.lineTo(at[0] + arm[2], at[1] + arm[3]);
          });
          ctx.strokeStyle = one[0];
          ctx.lineWidth = one[1];
          ctx.lineCap = "round";
          ctx.stroke();
        });
      }, "above");
      const aim = map.getContainer().classList;
      aim.add("tm-aim");
      refresh();
      return function end() {
        aim.remove("tm-aim");
        endClicks();
        endPaint();
      };
    };
  };
})();
