/* What lies under a click: points within reach first, then lines, then the smallest area around it. */
(function () {
  "use strict";
  const TM = (window.TownMap = window.TownMap || {});

  function toSegments(part, x, y, closed) {
    let least = Infinity;
    for (let i = 0; i + 3 < part.length; i += 2) {
      const ax = part[i];
      const ay = part[i + 1];
      const dx = part[i + 2] - ax;
      const dy = part[i + 3] - ay;
      const long = dx * dx + dy * dy;
      const t = long ? Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / long)) : 0;
      least = Math.min(least, Math.hypot(x - ax - t * dx, y - ay - t * dy));
    }
    return closed && part.length < 4 ? Infinity : least;
  }

  function inside(parts, x, y) {
    let within = false;
    parts.forEach((part) => {
      for (let i = 0, j = part.length - 2; i < part.length; j = i, i += 2) {
        if ((part[i + 1] > y) !== (part[j + 1] > y) &&
            x < (part[j] - part[i]) * (y - part[i + 1]) / (part[j + 1] - part[i + 1]) + part[i]) {
          within = !within;
        }
      }
    });
    return within;
  }

  TM.nearest = function (features, x, y, reach) {
    let best = null;
    let score = Infinity;
    features.forEach((one) => {
      if (TM.isMasked(one)) { return; }
      const box = one.box;
      if (x < box[0] - reach || x > box[2] + reach || y < box[1] - reach || y > box[3] + reach) { return; }
      let mine = Infinity;
      if (one.kind === "point") {
        one.parts.forEach((part) => { mine = Math.min(mine, Math.hypot(part[0] - x, part[1] - y)); });
        if (mine > reach) { return; }
      } else if (one.kind === "line") {
        one.parts.forEach((part) => { mine = Math.min(mine, toSegments(part, x, y, false)); });
        if (mine > reach) { return; }
        mine += reach;
      } else {
        const edge = Math.min.apply(null, one.parts.map((part) => toSegments(part, x, y, true)));
        if (!inside(one.parts, x, y) && edge > reach * 0.4) { return; }
        mine = 10 * reach + (box[2] - box[0]) * (box[3] - box[1]);
      }
      if (mine < score) { score = mine; best = one; }
    });
    return best;
  };
})();
