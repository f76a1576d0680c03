/* The map of a page: reads its description, draws its layers, answers clicks, and offers `window.townMap`. */
(function () {
  "use strict";
  const TM = (window.TownMap = window.TownMap || {});

  function inert(id) {
    const holder = document.getElementById(id);
    return holder ? JSON.parse(holder.textContent) : null;
  }

  TM.start = function (map) {
    const unready = document.querySelector(".tm-unready");
    if (unready) { unready.remove(); }
    const spec = inert("town-map-spec");
    const inline = inert("town-map-data");
    const words = spec.words;
    const layers = spec.layers.map((one, at) => new TM.Layer(one, at));
    /* What a link asks for comes before the page's own first choice. */
    const linked = TM.readLink(window.location.hash);
    if (linked.layers) { layers.forEach((one) => { one.visible = linked.layers.indexOf(one.key) >= 0; }); }
    const known = new Map(layers.map((one) => [one.key, one]));
    const drawn = layers.slice().sort((a, b) => (a.style.order || 9) - (b.style.order || 9));
    const base = drawn.filter((one) => one.style.base);
    const above = drawn.filter((one) => !one.style.base);
    let selected = null;

    map.setMinZoom(spec.min_zoom || 9);
    map.setMaxZoom(spec.max_zoom || 20);
    const box = spec.bounds || [-180, -60, 180, 70];
    const bounds = L.latLngBounds([box[1], box[0]], [box[3], box[2]]);
    map.getContainer().setAttribute("role", "region");
    map.getContainer().setAttribute("aria-label", spec.title || words.map);

    const stat = { base: 0, overlay: 0, labels: 0 };
    const pane = (name, place) => { map.createPane(name).style.zIndex = place; return name; };
    const baseCanvas = new TM.Canvas((view) => {
      if (hooks.paper) {
        view.ctx.fillStyle = TM.paper;
        view.ctx.fillRect(0, 0, view.size.x, view.size.y);
      }
      hooks.paint("below", view);
      base.forEach((one) => TM.paintLayer(view, one));
      stat.base += 1;
    }, { pane: pane("town-base", 200) });
    const overlayCanvas = new TM.Canvas((view) => {
      above.forEach((one) => TM.paintLayer(view, one));
      if (selected && !TM.isMasked(selected.feature)) { TM.paintSelected(view, selected.layer, selected.feature); }
      hooks.paint("above", view);
      stat.overlay += 1;
    }, { pane: pane("town-overlay", 400) });
    const labelCanvas = new TM.Canvas((view) => {
      stat.labels = TM.paintLabels(view, drawn);
    }, { pane: pane("town-labels", 450) });
    const all = [baseCanvas, overlayCanvas, labelCanvas];
    const repaint = (layer) => {
      if (!layer || layer.style.base) { baseCanvas.redrawSoon(); }
      if (!layer || !layer.style.base) { overlayCanvas.redrawSoon(); }
      labelCanvas.redrawSoon();
    };

    /* Controls */
    L.control.zoom({ position: "bottomright", zoomInTitle: words.zoom_in, zoomOutTitle: words.zoom_out }).addTo(map);
    new TM.ScaleBar({ imperial: false, maxWidth: 140, position: "bottomleft", words: words }).addTo(map);
    const panel = TM.panel(map, spec, layers, {
      show: (key, on) => show(key, on),
      home: () => home(),
      clear: () => clear(),
      zoomTo: () => { if (selected) { zoomTo(selected.layer.key, selected.feature.id); } },
    });

    const hooks = TM.hooks(map, panel, repaint);
    TM.isMasked = hooks.isMasked;
    const page = {
      map: map, spec: spec, hooks: hooks, holder: map.getContainer().parentElement,
      repaint: () => overlayCanvas.redrawSoon(),
      redraw: () => all.forEach((one) => one.repaint()),
      flyTo: (latlng, zoom) => flyTo(latlng, zoom),
      link: () => link.address(),
    };
    page.readout = TM.readout(page);
    const tools = TM.tools(page);
    TM.onPaper(page);

    /* The whole town, beside the list of layers and not behind it. */
    function home() {
      const wide = map.getSize().x > 800;
      map.fitBounds(bounds, { animate: false, paddingTopLeft: [12, 12], paddingBottomRight: [wide ? 290 : 12, 30] });
      if (map.getZoom() < map.getMinZoom()) { map.setZoom(map.getMinZoom(), { animate: false }); }
    }

    /* Loading */
    function need(layer) {
      if (!layer.visible) { return Promise.resolve(false); }
      panel.busy(layer, true);
      return layer.load(map, inline).then((fresh) => {
        panel.busy(layer, false);
        if (fresh) {
          if (selected && selected.layer === layer) {
            const again = layer.names.get(String(selected.feature.id));
            if (again) { selected.feature = again; } else { clear(); }
          }
          panel.loaded(layer);
          repaint(layer);
        }
        return fresh;
      });
    }
    const needAll = (some) => Promise.all(some.map(need));
    map.on("moveend", () => { needAll(layers.filter((one) => one.described.by_view)); panel.zoomed(); });

    function show(key, on) {
      const layer = known.get(key);
      if (!layer) { return Promise.resolve(false); }
      layer.visible = on !== false;
      if (!layer.visible && selected && selected.layer === layer) { clear(); }
      panel.shown(layer);
      repaint(layer);
      document.dispatchEvent(new CustomEvent("townmap:layers", { detail: { layer: key, visible: layer.visible } }));
      return need(layer);
    }

    /* Choosing */
    function choose(layer, feature, quiet) {
      selected = { layer: layer, feature: feature };
      panel.info(layer, feature);
      overlayCanvas.redrawSoon();
      if (!quiet) { tell(layer, feature); }
    }
    function tell(layer, feature) {
      const values = {};
      if (feature) { layer.fields.forEach((one, at) => { values[one.key] = feature.values[at]; }); }
      document.dispatchEvent(new CustomEvent("townmap:select", {
        detail: { layer: layer ? layer.key : null, id: feature ? feature.id : null, values: values },
      }));
    }
    function clear() {
      if (!selected) { return; }
      selected = null;
      panel.info(null, null);
      overlayCanvas.redrawSoon();
      tell(null, null);
    }

    const still = window.matchMedia && window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    function flyTo(latlng, zoom) {
      const near = map.getBounds().pad(2).contains(latlng);
      map.setView(latlng, Math.min(zoom, map.getMaxZoom()), { animate: !still && near });
    }
    function boundsOf(feature) {
      const corner = (x, y) => map.options.crs.pointToLatLng(L.point(x, y), 0);
      return L.latLngBounds(corner(feature.box[0], feature.box[3]), corner(feature.box[2], feature.box[1]));
    }
    function select(key, id, options) {
      const layer = known.get(key);
      if (!layer) { return Promise.resolve(false); }
      return show(key, true).then(() => {
        const feature = layer.names.get(String(id));
        if (!feature) { return false; }
        choose(layer, feature, options && options.quiet);
        return true;
      });
    }
    function zoomTo(key, id) {
      return select(key, id).then((found) => {
        if (found) {
          /* Beside the panels, which on a phone lie over the lower half. */
          const size = map.getSize();
          const wide = size.x > 1000;
          map.fitBounds(boundsOf(selected.feature), {
            maxZoom: 17.5, animate: false,
            paddingTopLeft: [wide ? 350 : 30, 50], paddingBottomRight: [wide ? 300 : 30, size.x <= 640 ? size.y * 0.5 : 50],
          });
        }
        return found;
      });
    }

    function hit(point) {
      const scale = map.getZoomScale(map.getZoom(), 0);
      const origin = map.getPixelOrigin();
      const x = (point.x + origin.x) / scale;
      const y = (point.y + origin.y) / scale;
      const reach = (L.Browser.mobile ? 18 : 10) / scale;
      const zoom = map.getZoom();
      for (let i = drawn.length - 1; i >= 0; i -= 1) {
        const layer = drawn[i];
        if (layer.style.selectable && zoom >= (layer.style.selectFrom || 0) && layer.shownAt(zoom)) {
          const found = TM.nearest(layer.features, x, y, reach);
          if (found) { return { layer: layer, feature: found }; }
        }
      }
      return null;
    }
    map.on("click", (event) => {
      if (hooks.taken(event)) { return; }
      const found = hit(event.layerPoint);
      if (found) { choose(found.layer, found.feature); } else { clear(); }
    });
    let asked = null;
    map.on("mousemove", (event) => {
      if (asked) { return; }
      asked = L.Util.requestAnimFrame(() => {
        asked = null;
        if (hooks.isTaking()) { return; }
        map.getContainer().classList.toggle("town-map-over", Boolean(hit(event.layerPoint)));
      });
    });
    map.getContainer().addEventListener("keydown", (event) => { if (event.key === "Escape") { clear(); } });

    if (typeof ResizeObserver === "function") {
      new ResizeObserver(() => map.invalidateSize({ animate: false, pan: false })).observe(map.getContainer());
    }

    if (linked.view) { map.setView([linked.view.lat, linked.view.lon], linked.view.zoom, { animate: false }); } else { home(); }
    all.forEach((one) => map.addLayer(one));
    const ready = needAll(layers).then(() => {
      all.forEach((one) => one.repaint());
      map.getContainer().setAttribute("data-ready", "true");
      return linked.chosen ? link.apply({ view: linked.view, chosen: linked.chosen }) : null;
    }).then(() => window.townMap);

    const api = window.townMap = {
      ready: ready,
      map: map,
      settings: spec.settings || {},
      language: spec.language,
      addControl: hooks.addControl,
      panelSection: hooks.panelSection,
      foldPanel: panel.fold,
      onClick: hooks.onClick,
      addPainter: hooks.addPainter,
      showPaper: hooks.showPaper,
      mask: hooks.mask,
      repaint: () => repaint(),
      layers: () => layers.map((one) => ({
        key: one.key, title: one.described.title, group: one.described.group, geometry: one.described.geometry,
        visible: one.visible, count: one.described.count != null ? one.described.count : one.features.length,
      })),
      feature: (key, id) => {
        const layer = known.get(key);
        const found = layer && layer.names.get(String(id));
        return found ? TM.told(layer, found) : null;
      },
      /* The features of every layer that is drawn now, as the scripts of the map hold them: for snapping. */
      drawn: () => layers.filter((one) => one.shownAt(map.getZoom())).map((one) => ({ key: one.key, features: one.features })),
      hitAt: (latlng) => {
        const found = hit(map.latLngToLayerPoint(latlng));
        return found ? TM.told(found.layer, found.feature) : null;
      },
      show: show,
      select: select,
      zoomTo: zoomTo,
      clear: clear,
      home: home,
      selected: () => (selected ? { layer: selected.layer.key, id: selected.feature.id } : null),
      visible: () => layers.filter((one) => one.visible).map((one) => one.key),
      count: (key) => (known.has(key) ? known.get(key).features.length : 0),
      firstId: (key) => (known.has(key) && known.get(key).features.length ? known.get(key).features[0].id : null),
      labels: () => stat.labels,
      paints: () => stat.base,
      /* Ask a layer's data again, after an edit or a new result. */
      refresh: (key) => {
        const layer = known.get(key);
        if (!layer) { return Promise.resolve(false); }
        layer.loaded = null;
        layer.loadedBox = null;
        return need(layer);
      },
      /* Go to a place (latitude, longitude, zoom), open a tool ("line", "area", "place"), say something beside the tools. */
      flyTo: (lat, lon, zoom) => flyTo(L.latLng(lat, lon), zoom || Math.max(map.getZoom(), 17)),
      openTool: tools.open,
      closeTool: tools.close,
      say: tools.say,
      link: () => link.address(),
    };
    page.api = api;
    const link = TM.link(page);
  };
})();
