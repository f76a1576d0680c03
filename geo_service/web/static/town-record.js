/* From what was chosen on the map to its record, where it is a row of a layer. */
(function () {
  "use strict";
  const told = window.townMap && window.townMap.settings.record;
  if (!told) { return; }
  document.addEventListener("townmap:select", (event) => {
    const info = document.querySelector(".tm-info");
    const old = info && info.querySelector(".tm-record");
    if (old) { old.remove(); }
    if (!info || told.layers.indexOf(event.detail.layer) < 0) { return; }
    const link = document.createElement("a");
    link.className = "tm-record";
    link.textContent = told.words.open;
    link.href = told.url + "/" + event.detail.layer + "/" + encodeURIComponent(event.detail.id);
    info.append(link);
  });
})();
