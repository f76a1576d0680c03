/* Names on the map: the most important first, each only where it covers no other. Drawn, never marked up. */
(function () {
  "use strict";
  const TM = (window.TownMap = window.TownMap || {});

  TM.fonts = '"PingFang SC","Microsoft YaHei","Noto Sans CJK SC","Noto Sans SC","Source Han Sans SC",' +
    '"WenQuanYi Micro Hei",system-ui,sans-serif';
  const PLACE_SIZES = { town: [17, 9], village: [14, 12], quarter: [14, 12.5], place: [12, 14.5] };
  const LONGEST = 40;

  /* Places taken on the view, in a grid of cells so that asking stays cheap. */
  function Taken() { this.cells = new Map(); }
  const CELL = 64;
  Taken.prototype.each = function (box, visit) {
    for (let i = Math.floor(box[0] / CELL); i <= Math.floor(box[2] / CELL); i += 1) {
      for (let j = Math.floor(box[1] / CELL); j <= Math.floor(box[3] / CELL); j += 1) {
        if (visit(i * 4096 + j) === false) { return false; }
      }
    }
    return true;
  };
  Taken.prototype.free = function (box) {
    return this.each(box, (key) => !(this.cells.get(key) || []).some((one) =>
      one[0] < box[2] && one[2] > box[0] && one[1] < box[3] && one[3] > box[1]));
  };
  Taken.prototype.take = function (box) {
    this.each(box, (key) => {
      if (!this.cells.has(key)) { this.cells.set(key, []); }
      this.cells.get(key).push(box);
    });
  };

  function anchorOf(feature) {
    if (feature.anchor) { return feature.anchor; }
    let best = null;
    let most = -1;
    feature.parts.forEach((part) => {
      let twice = 0;
      let cx = 0;
      let cy = 0;
      const x0 = part[0];
      const y0 = part[1];
      for (let i = 0; i + 3 < part.length; i += 2) {
        const ax = part[i] - x0;
        const ay = part[i + 1] - y0;
        const bx = part[i + 2] - x0;
        const by = part[i + 3] - y0;
        const cross = ax * by - bx * ay;
        twice += cross;
        cx += (ax + bx) * cross;
        cy += (ay + by) * cross;
      }
      if (Math.abs(twice) > most && twice !== 0) {
        most = Math.abs(twice);
        best = [x0 + cx / (3 * twice), y0 + cy / (3 * twice)];
      }
    });
    feature.anchor = best || [feature.parts[0][0], feature.parts[0][1]];
    return feature.anchor;
  }

  function write(ctx, words, x, y, colour, size) {
    ctx.lineJoin = "round";
    ctx.strokeStyle = "rgba(250,247,240,0.92)";
    ctx.lineWidth = size > 13 ? 4 : 3.2;
    ctx.strokeText(words, x, y);
    ctx.fillStyle = colour;
    ctx.fillText(words, x, y);
  }

  /* Up to two lines for long names, so that they stay compact. */
  function broken(words) {
    const chars = Array.from(words).slice(0, LONGEST);
    const wide = chars.reduce((sum, one) => sum + (one > "\u2e80" ? 2 : 1), 0);
    if (wide <= 18) { return [chars.join("")]; }
    const text = chars.join("");
    const middle = chars.length / 2;
    let cut = Math.ceil(middle);
    let near = Infinity;
    chars.forEach((one, at) => {
      if (one === " " && Math.abs(at - middle) < near) { near = Math.abs(at - middle); cut = at; }
    });
    if (near === Infinity && /^[\x00-\u024f]*$/.test(text)) { return [text]; }
    return [chars.slice(0, cut).join("").trim(), chars.slice(cut).join("").trim()];
  }

  function placeAt(view, taken, job) {
    const ctx = view.ctx;
    const lines = broken(job.words);
    ctx.font = (job.bold ? "600 " : "") + (job.italic ? "italic " : "") + job.size + "px " + TM.fonts;
    if (job.spaced && lines.length === 1) { lines[0] = Array.from(lines[0]).join("\u2009\u2009"); }
    const width = Math.max.apply(null, lines.map((one) => ctx.measureText(one).width));
    const high = job.size * 1.2;
    const tall = high * lines.length;
    if (job.room && width > job.room * 1.35) { return false; }
    const gap = job.away || 0;
    const tries = gap
      ? [[-width / 2, -gap - tall], [-width / 2, gap], [gap + 2, -tall / 2], [-width - gap - 2, -tall / 2]]
      : [[-width / 2, -tall / 2]];
    return tries.some((one) => {
      const x = job.x + one[0];
      const y = job.y + one[1];
      const box = [x - 3, y - 2, x + width + 3, y + tall + 2];
      if (!taken.free(box)) { return false; }
      taken.take(box);
      ctx.textAlign = "center";
      ctx.textBaseline = "middle";
      lines.forEach((text, at) => write(ctx, text, x + width / 2, y + high * (at + 0.5), job.colour, job.size));
      return true;
    });
  }

  /* A road's name, letter by letter along its line; given up where the line bends sharply or has no room. */
  function placeAlong(view, taken, job) {
    const ctx = view.ctx;
    ctx.font = job.size + "px " + TM.fonts;
    const cjk = /[\u2e80-\u9fff]/.test(job.words);
    const letters = Array.from(job.words).slice(0, LONGEST);
    const widths = letters.map((one) => ctx.measureText(one).width + (cjk ? 2.5 : 0.4));
    const need = widths.reduce((a, b) => a + b, 0);
    const xs = [];
    const ys = [];
    const at = [0];
    for (let i = 0; i < job.part.length; i += 2) {
      const x = view.x(job.part[i]);
      const y = view.y(job.part[i + 1]);
      if (xs.length) { at.push(at[at.length - 1] + Math.hypot(x - xs[xs.length - 1], y - ys[ys.length - 1])); }
      xs.push(x);
      ys.push(y);
    }
    const length = at[at.length - 1];
    if (length < need + 16) { return false; }
    const spots = length > 3 * need ? [0.5, 0.3, 0.7, 0.15, 0.85] : [0.5];
    return spots.some((share) => {
      const start = Math.max(4, Math.min(length - need - 4, share * length - need / 2));
      return tryAlong(view, taken, job, letters, widths, need, { xs: xs, ys: ys, at: at, start: start });
    });
  }

  function pointAt(line, way) {
    let i = 1;
    while (i < line.at.length - 1 && line.at[i] < way) { i += 1; }
    const span = line.at[i] - line.at[i - 1] || 1;
    const t = (way - line.at[i - 1]) / span;
    return [line.xs[i - 1] + (line.xs[i] - line.xs[i - 1]) * t, line.ys[i - 1] + (line.ys[i] - line.ys[i - 1]) * t];
  }

  function tryAlong(view, taken, job, letters, widths, need, line) {
    const ctx = view.ctx;
    const head = pointAt(line, line.start);
    const tail = pointAt(line, line.start + need);
    const upright = /[\u2e80-\u9fff]/.test(job.words);
    const dx = tail[0] - head[0];
    const dy = tail[1] - head[1];
    const steep = Math.abs(dy) > Math.abs(dx) * 1.4;
    /* Read from left to right; a steep line with Chinese letters from top to bottom, letters upright. */
    const turned = steep && upright ? dy < 0 : dx < 0;
    const set = [];
    const boxes = [];
    let way = 0;
    let before = null;
    for (let i = 0; i < letters.length; i += 1) {
      const middle = way + widths[i] / 2;
      way += widths[i];
      const from = turned ? line.start + need - middle : line.start + middle;
      const p = pointAt(line, from);
      const a = pointAt(line, from - 5);
      const b = pointAt(line, from + 5);
      let angle = Math.atan2(b[1] - a[1], b[0] - a[0]) + (turned ? Math.PI : 0);
      if (steep && upright) { angle -= Math.PI / 2; }
      angle = Math.atan2(Math.sin(angle), Math.cos(angle));
      if (before !== null && Math.abs(Math.atan2(Math.sin(angle - before), Math.cos(angle - before))) > 0.45) { return false; }
      before = angle;
      const half = job.size * 0.62;
      const box = [p[0] - half, p[1] - half, p[0] + half, p[1] + half];
      if (box[0] < 0 || box[1] < 0 || box[2] > view.size.x || box[3] > view.size.y || !taken.free(box)) { return false; }
      boxes.push(box);
      set.push([letters[i], p[0], p[1], angle]);
    }
    boxes.forEach((one) => taken.take(one));
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ["halo", "text"].forEach((turn) => set.forEach((one) => {
      ctx.save();
      ctx.translate(one[1], one[2]);
      ctx.rotate(one[3]);
      if (turn === "halo") {
        ctx.lineJoin = "round";
        ctx.strokeStyle = "rgba(255,253,248,0.92)";
        ctx.lineWidth = 3.2;
        ctx.strokeText(one[0], 0, 0);
      } else {
        ctx.fillStyle = job.colour;
        ctx.fillText(one[0], 0, 0);
      }
      ctx.restore();
    }));
    return true;
  }

  function jobsOf(view, layer) {
    const style = layer.style;
    const label = style.label;
    if (!label || !layer.shownAt(view.zoom) || layer.nameAt < 0) { return []; }
    if (view.zoom < label.from || view.zoom > (label.to || 30)) { return []; }
    const jobs = [];
    layer.features.forEach((one) => {
      const words = layer.nameOf(one);
      if (!words || !one.parts.length || !view.sees(one.box)) { return; }
      const job = { words: words, colour: label.colour, size: label.size, italic: label.italic, spaced: label.spaced, rank: label.rank };
      const span = Math.max(one.box[2] - one.box[0], one.box[3] - one.box[1]) * view.scale;
      if (label.along || (one.kind === "line" && !style.names)) {
        const road = TM.roadOf(one.cls);
        if (style.roads && (view.zoom < road.from || view.zoom < 16 - road.order * 0.25)) { return; }
        if (style.roads) { job.rank += (9 - road.order) * 0.1; job.size += road.order >= 7 ? 1 : 0; }
        job.part = one.parts.reduce((a, b) => (b.length > a.length ? b : a));
        job.weight = span;
      } else {
        const spot = one.kind === "point" ? one.parts[0] : anchorOf(one);
        job.x = view.x(spot[0]);
        job.y = view.y(spot[1]);
        job.weight = span;
        if (style.names) {
          const size = TM.own(PLACE_SIZES, one.cls) || PLACE_SIZES.place;
          if (view.zoom < size[1]) { return; }
          job.size = size[0];
          job.bold = one.cls === "town" || one.cls === "village";
          job.rank += size[1] * 0.01;
        } else if (one.kind === "point") { job.away = 9; } else {
          job.room = span;
          if (layer.key !== "villages" && style.base) { job.room *= 0.75; }
        }
      }
      jobs.push(job);
    });
    return jobs;
  }

  TM.paintLabels = function (view, layers) {
    const taken = new Taken();
    const jobs = layers.reduce((all, one) => all.concat(jobsOf(view, one)), []);
    jobs.sort((a, b) => a.rank - b.rank || (b.weight || 0) - (a.weight || 0));
    const near = new Map();
    let count = 0;
    jobs.forEach((job) => {
      if (!job.part) {
        if (job.x < 0 || job.y < 0 || job.x > view.size.x || job.y > view.size.y) { return; }
        const same = near.get(job.words) || [];
        /* A place of several layers, or its many pieces, says its name once. */
        if (same.some((one) => Math.hypot(one[0] - job.x, one[1] - job.y) < 160)) { return; }
        if (placeAt(view, taken, job)) { near.set(job.words, same.concat([[job.x, job.y]])); count += 1; }
        return;
      }
      /* The same road comes in many pieces: its name again only well away from the last one. */
      const mid = Math.floor(job.part.length / 4) * 2;
      const spot = [view.x(job.part[mid]), view.y(job.part[mid + 1])];
      const others = near.get(job.words) || [];
      if (others.some((one) => Math.hypot(one[0] - spot[0], one[1] - spot[1]) < 420)) { return; }
      if (placeAlong(view, taken, job)) { near.set(job.words, others.concat([spot])); count += 1; }
    });
    return count;
  };
})();
