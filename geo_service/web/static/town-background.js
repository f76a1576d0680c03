/* The operator's background: tiles of this server under the map's own layers, with a switch and a slider. */
(function () {
  "use strict";
  const page = window.townMap;
  const told = page && page.settings.background;
  if (!told || !told.urls || !told.urls.length) { return; }
  const map = page.map;
  const holder = map.getContainer();
  const pane = map.createPane("town-background");
  pane.style.zIndex = 150;
  /* The ground that the tiles show already; each can be switched on again over them. */
  const GROUND = ["land_cover", "water", "buildings", "obstacles", "roads", "place_names"];
  const TRIES = 2;
  const AGAIN_MS = 1500;
  let hidden = [];
  let on = false;

  const layers = told.urls.map((url) => L.tileLayer(url, {
    pane: "town-background", minZoom: Math.max(0, told.min_zoom - 2), maxZoom: 22, minNativeZoom: told.min_zoom,
    maxNativeZoom: told.max_zoom, keepBuffer: 1, updateWhenZooming: false,
  }));
  layers.forEach((layer) => layer.on("tileerror", (event) => {
    const tried = (event.tile.tried || 0) + 1;
    event.tile.tried = tried;
    if (tried > TRIES) { return; }
    setTimeout(() => { if (map.hasLayer(layer)) { event.tile.src = layer.getTileUrl(event.coords); } }, AGAIN_MS * tried);
  }));

  /* A browser may refuse to remember. */
  function recall(name) { try { return localStorage.getItem("background-" + name); } catch (error) { return null; } }
  function remember(name, value) { try { localStorage.setItem("background-" + name, value); } catch (error) { /* goes without */ } }

  function make(tag, name, words) {
    const one = document.createElement(tag);
    if (name) { one.className = name; }
    if (words != null) { one.textContent = words; }
    return one;
  }
  const inner = page.panelSection(told.words.title, { name: "background" });
  const label = make("label", "tm-label");
  const check = make("input");
  check.type = "checkbox";
  check.name = "background";
  label.append(check, make("span", "tm-name", told.words.show));
  const slider = make("input", "tm-strength");
  slider.type = "range";
  slider.min = "20";
  slider.max = "100";
  slider.step = "5";
  slider.name = "background-strength";
  slider.setAttribute("aria-label", told.words.strength);
  inner.append(label, slider);
  if (told.note) { inner.append(make("p", "tm-hint", told.note)); }
  const sources = holder.querySelector(".tm-sources");
  const named = make("span", "tm-background-source", told.attribution);

  function strength() {
    pane.style.opacity = String(Number(slider.value) / 100);
    remember("strength", slider.value);
  }
  function turn(wanted) {
    if (wanted === on) { return; }
    on = wanted;
    check.checked = on;
    slider.disabled = !on;
    holder.classList.toggle("tm-has-background", on);
    page.showPaper(!on);
    if (on) {
      hidden = page.layers().filter((one) => one.visible && GROUND.indexOf(one.key) >= 0).map((one) => one.key);
      hidden.forEach((key) => page.show(key, false));
      layers.forEach((one) => one.addTo(map));
      if (sources && told.attribution) { sources.append(named); }
    } else {
      layers.forEach((one) => one.remove());
      hidden.forEach((key) => page.show(key, true));
      named.remove();
    }
  }
  check.addEventListener("change", () => { turn(check.checked); remember("on", check.checked ? "1" : "0"); });
  slider.addEventListener("input", strength);
  const kept = Number(recall("strength"));
  slider.value = kept >= 20 && kept <= 100 ? String(kept) : "100";
  slider.disabled = true;
  strength();
  if (recall("on") !== "0") { turn(true); }
})();
