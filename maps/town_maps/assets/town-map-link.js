/* The view in the page's address: #map=zoom/lat/lon&layers=a,b&sel=layer/id, so that a link or a reload brings it back. */
(function () {
  "use strict";
  const TM = (window.TownMap = window.TownMap || {});

  TM.readLink = function (hash) {
    const told = {};
    hash.replace(/^#/, "").split("&").forEach((part) => {
      const at = part.indexOf("=");
      if (at > 0) {
        try { told[part.slice(0, at)] = decodeURIComponent(part.slice(at + 1)); } catch (error) { /* no words of ours */ }
      }
    });
    const link = { view: null, layers: null, chosen: null };
    const view = (told.map || "").split("/").map(Number);
    if (view.length === 3 && view.every(isFinite) && Math.abs(view[1]) <= 85 && Math.abs(view[2]) <= 180) {
      link.view = { zoom: view[0], lat: view[1], lon: view[2] };
    }
    if (typeof told.layers === "string") { link.layers = told.layers.split(",").filter(Boolean); }
    const slash = (told.sel || "").indexOf("/");
    if (slash > 0) { link.chosen = { layer: told.sel.slice(0, slash), id: told.sel.slice(slash + 1) }; }
    return link;
  };

  /* `page`: {map, api} where api has what `window.townMap` offers. */
  TM.link = function (page) {
    const map = page.map;
    /* A page that was only opened keeps its plain address; the reader's first act lets it follow. */
    let live = false;
    const wake = () => { live = true; };
    ["pointerdown", "keydown", "wheel"].forEach((one) => window.addEventListener(one, wake, { capture: true, once: true, passive: true }));
    let quiet = 0;

    function words() {
      const middle = map.getCenter();
      const parts = ["map=" + [Math.round(map.getZoom() * 100) / 100, middle.lat.toFixed(6), middle.lng.toFixed(6)].join("/")];
      parts.push("layers=" + page.api.visible().join(","));
      const chosen = page.api.selected();
      if (chosen) { parts.push("sel=" + encodeURIComponent(chosen.layer + "/" + chosen.id).replace(/%2F/g, "/")); }
      return "#" + parts.join("&");
    }
    function write() {
      if (!live || quiet || TM.printing || TM.holdStill) { return; }
      try { window.history.replaceState(window.history.state, "", words()); } catch (error) { /* some file viewers refuse */ }
    }
    function apply(link) {
      const known = page.api.layers();
      quiet += 1;
      const tasks = [];
      if (link.view) {
        map.setView([link.view.lat, link.view.lon], Math.min(Math.max(link.view.zoom, map.getMinZoom()), map.getMaxZoom()), { animate: false });
      }
      if (link.layers) {
        known.forEach((one) => {
          const on = link.layers.indexOf(one.key) >= 0;
          if (on !== one.visible) { tasks.push(page.api.show(one.key, on)); }
        });
      }
      if (link.chosen && known.some((one) => one.key === link.chosen.layer)) {
        const go = link.view ? page.api.select : page.api.zoomTo;
        tasks.push(go(link.chosen.layer, link.chosen.id));
      }
      return Promise.all(tasks).then(() => { quiet -= 1; }, () => { quiet -= 1; });
    }
    map.on("moveend", write);
    document.addEventListener("townmap:layers", write);
    document.addEventListener("townmap:select", write);
    window.addEventListener("hashchange", () => {
      if (window.location.hash !== words()) { apply(TM.readLink(window.location.hash)); }
    });

    return {
      address: () => window.location.href.split("#")[0] + words(),
      apply: apply,
    };
  };
})();
