/* The own position on the map of my routes: only after the button was pressed, and never sent anywhere.
   Kept to what Chromium 86 knows. */
(function () {
  "use strict";
  const part = document.getElementById("locate");
  const town = window.townMap;
  if (!part || !town || !window.L || !navigator.geolocation) { return; }
  const button = part.querySelector("button");
  const said = part.querySelector("[role=status]");
  let watch = null;
  let marks = null;

  function tell(name) { said.textContent = said.dataset[name]; }

  function stop(name) {
    if (watch !== null) { navigator.geolocation.clearWatch(watch); }
    watch = null;
    if (marks) { marks.remove(); marks = null; }
    button.textContent = said.dataset.show;
    button.setAttribute("aria-pressed", "false");
    tell(name);
  }

  function here(found) {
    if (watch === null) { return; }
    const at = [found.coords.latitude, found.coords.longitude];
    const first = !marks;
    if (marks) { marks.remove(); }
    marks = window.L.layerGroup([
      window.L.circle(at, { radius: found.coords.accuracy, color: "#1f5f8b", weight: 1, fillOpacity: 0.12, interactive: false }),
      window.L.circleMarker(at, { radius: 8, color: "#b3261e", weight: 3, fillColor: "#ffffff", fillOpacity: 1, interactive: false }),
    ]).addTo(town.map);
    if (first) { town.map.panTo(at, { animate: false }); }
    tell("here");
  }

  button.addEventListener("click", () => {
    if (watch !== null) { stop("off"); return; }
    if (!window.isSecureContext) { tell("insecure"); return; }
    tell("wait");
    button.textContent = said.dataset.hide;
    button.setAttribute("aria-pressed", "true");
    watch = navigator.geolocation.watchPosition(here, () => stop("refused"), { enableHighAccuracy: true, maximumAge: 10000, timeout: 30000 });
  });
  part.hidden = false;
}());
