/* Paper: the map takes the size of the sheet, is drawn finer, and says its scale, its date and where north is. */
(function () {
  "use strict";
  const TM = (window.TownMap = window.TownMap || {});
  /* Widths that a scale may be rounded to, as on printed maps. */
  const round = (value) => {
    const power = Math.pow(10, Math.floor(Math.log10(value)) - 1);
    return Math.round(value / power) * power;
  };

  /* The scale bar in the page's own words for metres and kilometres. */
  TM.ScaleBar = L.Control.Scale.extend({
    _updateMetric: function (most) {
      const metres = this._getRoundNum(most);
      const words = this.options.words;
      this._updateScale(this._mScale, metres < 1000 ? metres + " " + words.metres : metres / 1000 + " " + words.kilometres, metres / most);
    },
  });

  TM.paperParts = function (page) {
    const words = page.spec.words;
    const north = TM.make("div", "tm-north");
    north.setAttribute("aria-hidden", "true");
    north.append(TM.make("span", "tm-north-arrow"), TM.make("span", "tm-north-word", words.north));
    const line = TM.make("p", "tm-paper-line");
    page.map.getContainer().append(north, line);
    return function tell() {
      const map = page.map;
      const metres = 40075016.686 * Math.cos(map.getCenter().lat * Math.PI / 180) / (256 * Math.pow(2, map.getZoom()));
      const scale = round(metres / (0.0254 / 96));
      const write = new Intl.NumberFormat(page.spec.language === "en" ? "en" : "zh-CN", { useGrouping: page.spec.language === "en" });
      const day = new Date();
      const two = (one) => String(one).padStart(2, "0");
      const date = day.getFullYear() + "-" + two(day.getMonth() + 1) + "-" + two(day.getDate());
      line.textContent = [page.spec.title, TM.fill(words.scale_about, { n: write.format(scale) }), TM.fill(words.printed_on, { date: date })]
        .filter(Boolean).join(" · ");
    };
  };

  TM.onPaper = function (page) {
    const map = page.map;
    const holder = page.holder;
    const tell = TM.paperParts(page);
    let before = null;
    function sheet(on) {
      if (on === Boolean(TM.printing)) { return; }
      if (on) { before = { centre: map.getCenter(), zoom: map.getZoom(), wide: map.getSize().x }; }
      TM.printing = on;
      /* Chromium prints a canvas empty that is drawn more than once while printing begins. */
      TM.holdStill = true;
      holder.classList.toggle("tm-paper", on);
      map.invalidateSize({ animate: false, pan: false });
      if (on) {
        const zoom = before.zoom + Math.log2(map.getSize().x / before.wide);
        map.setView(before.centre, Math.round(zoom * 4) / 4, { animate: false });
        tell();
      } else { map.setView(before.centre, before.zoom, { animate: false }); }
      TM.holdStill = false;
      page.redraw();
    }
    window.addEventListener("beforeprint", () => sheet(true));
    window.addEventListener("afterprint", () => sheet(false));
  };

  /* Print the map alone: what stands beside it and round it stays away from this sheet. */
  TM.printMap = function (page) {
    const marked = [];
    const mark = (one, name) => { one.classList.add(name); marked.push([one, name]); };
    for (let one = page.holder; one !== document.body; one = one.parentElement) {
      Array.from(one.parentElement.children).forEach((other) => { if (other !== one) { mark(other, "tm-away"); } });
      if (one !== page.holder) { mark(one, "tm-kept"); }
    }
    mark(page.holder, "tm-alone");
    mark(document.body, "tm-alone-page");
    window.addEventListener("afterprint", () => marked.forEach((one) => one[0].classList.remove(one[1])), { once: true });
    window.print();
  };
})();
