/* Marks the row on the small map beside its form. Kept to what Chromium 86 knows. */
(function () {
  "use strict";
  const stage = document.getElementById("row-map");
  function mark() {
    if (window.townMap && window.townMap.zoomTo) {
      window.townMap.zoomTo(stage.dataset.layer, stage.dataset.id);
    }
  }
  if (stage && window.townMap && window.townMap.ready) {
    window.townMap.ready.then(mark);
  }
}());
