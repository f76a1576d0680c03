/* From the map to the dialog for a printed sheet: with the view and the layers that show now. */
(function () {
  "use strict";
  const page = window.townMap;
  const told = page && page.settings.print;
  if (!told) { return; }
  const link = document.createElement("a");
  link.textContent = "PDF";
  link.title = told.words.print;
  link.setAttribute("aria-label", told.words.print);
  link.href = told.url;
  const bar = document.createElement("div");
  bar.className = "leaflet-bar tm-print";
  bar.append(link);
  page.addControl(bar, "topleft");

  function aim() {
    const view = page.map.getBounds();
    const box = [view.getWest(), view.getSouth(), view.getEast(), view.getNorth()].map((one) => one.toFixed(6));
    const asked = new URLSearchParams({ box: box.join(",") });
    page.layers().filter((one) => one.visible).forEach((one) => asked.append("layers", one.key));
    link.href = told.url + "?" + asked;
  }
  ["pointerdown", "focus", "click"].forEach((name) => link.addEventListener(name, aim));
})();
