/* Measuring on the map: a line's length, or an area with its perimeter. */
(function () {
  "use strict";
  const TM = (window.TownMap = window.TownMap || {});
  const MU = 10000 / 15;

  /* Figures with the digits that a mouse on a screen can mean. */
  TM.figures = function (spec) {
    const words = spec.words;
    const write = (value, digits) => new Intl.NumberFormat(spec.language === "en" ? "en" : "zh-CN", {
      minimumFractionDigits: digits, maximumFractionDigits: digits,
    }).format(value);
    const fine = (value) => write(value, value < 10 ? 2 : value < 100 ? 1 : 0);
    return {
      length: (metres) => (metres < 1000 ? fine(metres) + " " + words.metres : write(metres / 1000, metres < 1e5 ? 3 : 1) + " " + words.kilometres),
      area: (square) => [
        square < 1e6 ? fine(square) + " " + words.square_metres : write(square / 1e6, 3) + " " + words.square_kilometres,
        fine(square / MU) + " " + words.mu,
        (square < 1e5 ? write(square / 1e4, 3) : fine(square / 1e4)) + " " + words.hectares,
      ],
    };
  };

  TM.measure = function (page, closed) {
    const words = page.spec.words;
    const map = page.map;
    const show = TM.figures(page.spec);

    return function begin(body) {
      let points = [];
      let pointer = null;
      let done = false;
      const hint = TM.make("p", "tm-note", words.measure_hint);
      const told = TM.make("dl", "tm-figures");
      told.setAttribute("aria-live", "polite");
      const row = TM.make("div", "tm-tool-row");
      const back = TM.button("tm-small", words.undo_point, () => { points.pop(); done = false; refresh(); });
      const anew = TM.button("tm-small", words.start_anew, () => { points = []; done = false; refresh(); });
      row.append(back, anew);
      body.append(hint, told, row);

      function figure(title, lines) {
        told.append(TM.make("dt", "", title));
        [].concat(lines).forEach((one) => told.append(TM.make("dd", "", one)));
      }
      function refresh() {
        told.textContent = "";
        if (closed) {
          if (points.length > 2) {
            figure(words.area, show.area(TM.geodesy.area(points)));
            figure(words.perimeter, show.length(TM.geodesy.length(points.concat([points[0]]))));
          }
        } else if (points.length > 1) {
          figure(words.line_length, show.length(TM.geodesy.length(points)));
          if (points.length > 2) { figure(words.last_piece, show.length(TM.geodesy.length(points.slice(-2)))); }
        }
        hint.hidden = done;
        row.hidden = !points.length;
        page.repaint();
      }
      function add(latlng) {
        if (done) { points = []; done = false; }
        points.push([latlng.lng, latlng.lat]);
        refresh();
      }
      function finish() {
        done = points.length > (closed ? 2 : 1);
        pointer = null;
        refresh();
      }

      const endClicks = page.hooks.onClick((told_) => {
        /* The second click of a double click ends the line instead of adding its end twice. */
        if (told_.original && told_.original.detail > 1) { finish(); return true; }
        add(told_.latlng);
        return true;
      });
      const endPaint = page.hooks.addPainter((view) => {
        const all = pointer && !done && points.length ? points.concat([pointer]) : points;
        if (!all.length) { return; }
        const ctx = view.ctx;
        const at = all.map((one) => view.pixel(one));
        ctx.lineJoin = ctx.lineCap = "round";
        ctx.beginPath();
        at.forEach((one, i) => (i ? ctx.lineTo(one[0], one[1]) : ctx.moveTo(one[0], one[1])));
        if (closed && at.length > 2) {
          ctx.closePath();
          ctx.fillStyle = "rgba(31,95,139,0.16)";
          ctx.fill();
        }
        [["#ffffff", 5.5], ["#b3283d", 2.6]].forEach((one) => {
          ctx.strokeStyle = one[0];
          ctx.lineWidth = one[1];
          ctx.stroke();
        });
        at.slice(0, points.length).forEach((one) => {
          ctx.beginPath();
          ctx.arc(one[0], one[1], 4, 0, 7);
          ctx.fillStyle = "#ffffff";
          ctx.fill();
          ctx.lineWidth = 2.2;
          ctx.strokeStyle = "#b3283d";
          ctx.stroke();
        });
      }, "above");
      const follow = (event) => {
        if (!points.length || done) { return; }
        pointer = [event.latlng.lng, event.latlng.lat];
        page.repaint();
      };
      const keys = (event) => {
        if (event.key === "Enter" && event.target === map.getContainer()) {
          if (event.shiftKey) { finish(); } else { add(map.getCenter()); }
        } else if (event.key === "Backspace" && points.length) { points.pop(); done = false; refresh(); }
      };
      map.on("mousemove", follow);
      map.doubleClickZoom.disable();
      map.getContainer().classList.add("tm-aim");
      map.getContainer().addEventListener("keydown", keys);
      refresh();
      return function end() {
        map.off("mousemove", follow);
        map.doubleClickZoom.enable();
        map.getContainer().classList.remove("tm-aim");
        map.getContainer().removeEventListener("keydown", keys);
        endClicks();
        endPaint();
      };
    };
  };
})();
