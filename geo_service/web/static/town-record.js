/* From what was chosen on the map to its record, where it is a row of a layer. */
(function () {
  "use strict";
  const told = window.townMap && window.townMap.settings.record;
  if (!told) { return; }
  document.addEventListener("townmap:select", (event) => {
    const info = document.querySelector(".tm-info");
    if (info) { info.querySelectorAll(".tm-record").forEach((old) => { old.remove(); }); }
    if (!info || told.layers.indexOf(event.detail.layer) < 0) { return; }
    const link = document.createElement("a");
    link.className = "tm-record";
    link.textContent = told.words.open;
    link.href = told.url + "/" + event.detail.layer + "/" + encodeURIComponent(event.detail.id);
    info.append(link);
    if (event.detail.layer === "camera_sites" && told.cameras) {
      const page = document.createElement("a");
      page.className = "tm-record";
      page.textContent = told.words.camera;
      page.href = told.cameras + "/" + encodeURIComponent(event.detail.id);
      info.append(page);
    }
  });
})();
