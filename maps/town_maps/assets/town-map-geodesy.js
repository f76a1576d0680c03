/* Lengths, areas and coordinate systems. All functions take and give longitude, latitude in degrees. */
(function () {
  "use strict";
  const TM = (window.TownMap = window.TownMap || {});
  const RAD = Math.PI / 180;
  /* CGCS2000 (GB/T 22482 has the same figures); WGS-84 differs from it by a tenth of a millimetre in the semi-minor axis. */
  const A = 6378137;
  const F = 1 / 298.257222101;
  const E2 = F * (2 - F);
  const E = Math.sqrt(E2);

  /* Gauss's mid-latitude formula: steps along meridian and parallel by the two radii of curvature at the middle of a
     line (Snyder, Map Projections: A Working Manual, USGS 1395, equations 4-18 and 4-19). Within 1 : 100,000 up to 50 km. */
  function span(from, to) {
    const phi = (from[1] + to[1]) / 2 * RAD;
    const w = 1 - E2 * Math.sin(phi) * Math.sin(phi);
    const north = A * (1 - E2) / Math.pow(w, 1.5) * (to[1] - from[1]) * RAD;
    const east = A / Math.sqrt(w) * Math.cos(phi) * (to[0] - from[0]) * RAD;
    return Math.hypot(north, east);
  }

  /* Metres along a line. */
  function length(points) {
    let sum = 0;
    for (let i = 1; i < points.length; i += 1) { sum += span(points[i - 1], points[i]); }
    return sum;
  }

  /* Twice the area from the equator per radian of longitude, on the ellipsoid (Snyder, equation 3-12, times a²). */
  function authalic(lat) {
    const s = Math.sin(lat * RAD);
    return A * A * (1 - E2) * (s / (1 - E2 * s * s) - Math.log((1 - E * s) / (1 + E * s)) / (2 * E));
  }

  /* Points along the shortest way, on the sphere of the same latitudes: sides of some kilometres bend towards the pole. */
  function bent(from, to, pieces) {
    const vector = (p) => [Math.cos(p[1] * RAD) * Math.cos(p[0] * RAD), Math.cos(p[1] * RAD) * Math.sin(p[0] * RAD), Math.sin(p[1] * RAD)];
    const a = vector(from);
    const b = vector(to);
    const points = [from];
    for (let i = 1; i < pieces; i += 1) {
      const c = a.map((one, k) => one + (b[k] - one) * i / pieces);
      points.push([Math.atan2(c[1], c[0]) / RAD, Math.atan2(c[2], Math.hypot(c[0], c[1])) / RAD]);
    }
    points.push(to);
    return points;
  }

  /* Square metres within a ring: sums in the cylindrical equal-area projection, along the bent sides. */
  function area(ring) {
    let sum = 0;
    ring.forEach((here, at) => {
      const way = bent(here, ring[(at + 1) % ring.length], 8);
      for (let i = 1; i < way.length; i += 1) {
        sum += (way[i][0] - way[i - 1][0]) * RAD * (authalic(way[i][1]) + authalic(way[i - 1][1])) / 4;
      }
    });
    return Math.abs(sum);
  }

  /* GCJ-02: the same sums and the same box as geo_service/imports/datums.py. */
  const GCJ_A = 6378245;
  const GCJ_EE = 0.006693421622965943;
  const inBox = (lon, lat) => lon >= 72.004 && lon <= 137.8347 && lat >= 0.8293 && lat <= 55.8271;
  function bend(lon, lat) {
    const x = lon - 105;
    const y = lat - 35;
    const pi = Math.PI;
    const root = Math.sqrt(Math.abs(x));
    const fine = 20 * Math.sin(6 * pi * x) + 20 * Math.sin(2 * pi * x);
    const north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + (fine + 20 * Math.sin(pi * y) +
      40 * Math.sin(pi * y / 3) + 160 * Math.sin(pi * y / 12) + 320 * Math.sin(pi * y / 30)) * 2 / 3;
    const east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + (fine + 20 * Math.sin(pi * x) +
      40 * Math.sin(pi * x / 3) + 150 * Math.sin(pi * x / 12) + 300 * Math.sin(pi * x / 30)) * 2 / 3;
    const phi = lat * RAD;
    const magic = 1 - GCJ_EE * Math.sin(phi) * Math.sin(phi);
    const meridian = GCJ_A * (1 - GCJ_EE) / Math.pow(magic, 1.5);
    return [east / (GCJ_A / Math.sqrt(magic) * Math.cos(phi)) / RAD, north / meridian / RAD];
  }
  function toGcj02(lon, lat) {
    if (!inBox(lon, lat)) { return [lon, lat]; }
    const by = bend(lon, lat);
    return [lon + by[0], lat + by[1]];
  }
  function fromGcj02(lon, lat) {
    let at = [lon, lat];
    for (let i = 0; i < 30; i += 1) {
      const by = bend(at[0], at[1]);
      const next = [lon - by[0], lat - by[1]];
      const still = Math.abs(next[0] - at[0]) < 1e-11 && Math.abs(next[1] - at[1]) < 1e-11;
      at = next;
      if (still) { break; }
    }
    return inBox(at[0], at[1]) ? at : [lon, lat];
  }

  /* Gauss-Krüger by Krüger's series in the third flattening, to the fourth order (Karney, Transverse Mercator with an
     accuracy of a few nanometres, 2011, equations 35 and 36): well below a millimetre within a zone of three degrees. */
  const N = F / (2 - F);
  const RADIUS = A / (1 + N) * (1 + N * N / 4 + Math.pow(N, 4) / 64);
  const series = (rows) => rows.map((row) => row.reduce((sum, one, power) => sum + one * Math.pow(N, power), 0));
  const FORTH = series([[0, 1 / 2, -2 / 3, 5 / 16, 41 / 180], [0, 0, 13 / 48, -3 / 5, 557 / 1440],
    [0, 0, 0, 61 / 240, -103 / 140], [0, 0, 0, 0, 49561 / 161280]]);
  const BACK = series([[0, 1 / 2, -2 / 3, 37 / 96, -1 / 360], [0, 0, 1 / 48, 1 / 15, -437 / 1440],
    [0, 0, 0, 17 / 480, -37 / 840], [0, 0, 0, 0, 4397 / 161280]]);
  const conformal = (t) => {
    const sigma = Math.sinh(E * Math.atanh(E * t / Math.hypot(1, t)));
    return t * Math.hypot(1, sigma) - sigma * Math.hypot(1, t);
  };
  const meridianOf = (lon) => Math.round(lon / 3) * 3;

  /* [easting, northing] in metres without zone number, by the central meridian in degrees. */
  function toGauss(lon, lat, meridian) {
    const t = conformal(Math.tan(lat * RAD));
    const by = (lon - meridian) * RAD;
    const xi = Math.atan2(t, Math.cos(by));
    const eta = Math.asinh(Math.sin(by) / Math.hypot(t, Math.cos(by)));
    let x = xi;
    let y = eta;
    FORTH.forEach((one, at) => {
      const k = 2 * (at + 1);
      x += one * Math.sin(k * xi) * Math.cosh(k * eta);
      y += one * Math.cos(k * xi) * Math.sinh(k * eta);
    });
    return [500000 + RADIUS * y, RADIUS * x];
  }
  function fromGauss(easting, northing, meridian) {
    const x = northing / RADIUS;
    const y = (easting - 500000) / RADIUS;
    let xi = x;
    let eta = y;
    BACK.forEach((one, at) => {
      const k = 2 * (at + 1);
      xi -= one * Math.sin(k * x) * Math.cosh(k * y);
      eta -= one * Math.cos(k * x) * Math.sinh(k * y);
    });
    const goal = Math.sin(xi) / Math.hypot(Math.sinh(eta), Math.cos(xi));
    let t = goal;
    for (let i = 0; i < 6; i += 1) {
      const now = conformal(t);
      t += (goal - now) / Math.hypot(1, now) * (1 + (1 - E2) * t * t) / ((1 - E2) * Math.hypot(1, t));
    }
    return [meridian + Math.atan2(Math.sinh(eta), Math.cos(xi)) / RAD, Math.atan(t) / RAD];
  }

  /* Numbers as people type them: "118.78, 32.04", "118°46′48″E 32°2′24″N", "E 472450 N 3546000". */
  function numbers(words) {
    const plain = words.replace(/[，；;、]/g, ",").replace(/[０-９．－]/g, (one) => String.fromCharCode(one.charCodeAt(0) - 0xfee0));
    const parts = [];
    const pattern = /([-+]?\d+(?:\.\d+)?)\s*(?:[°度]\s*(?:(\d+(?:\.\d+)?)\s*['′分]\s*)?(?:(\d+(?:\.\d+)?)\s*(?:"|″|''|秒)\s*)?)?/g;
    let found = pattern.exec(plain);
    while (found) {
      const whole = Number(found[1]);
      const more = Number(found[2] || 0) / 60 + Number(found[3] || 0) / 3600;
      parts.push(whole < 0 ? whole - more : whole + more);
      found = pattern.exec(plain);
    }
    return parts;
  }

  /* Coordinate systems that people choose from. `read` gives [lon, lat] in WGS-84, or null for what is no place. */
  const degrees = (pair) => pair[0].toFixed(6) + ", " + pair[1].toFixed(6);
  function pairOf(words) {
    const two = numbers(words);
    if (two.length !== 2) { return null; }
    /* Latitude first, as many phones show it: told apart where the number can be no latitude. */
    const pair = Math.abs(two[0]) <= 90 && Math.abs(two[1]) > 90 ? [two[1], two[0]] : two;
    return Math.abs(pair[0]) <= 180 && Math.abs(pair[1]) <= 90 ? pair : null;
  }
  const SYSTEMS = {
    wgs84: { name: "WGS-84", show: (lon, lat) => degrees([lon, lat]), read: pairOf },
    cgcs2000: { name: "CGCS2000", show: (lon, lat) => degrees([lon, lat]), read: pairOf },
    gcj02: {
      name: "GCJ-02", show: (lon, lat) => degrees(toGcj02(lon, lat)),
      read: (words) => { const pair = pairOf(words); return pair && fromGcj02(pair[0], pair[1]); },
    },
    gauss: {
      name: "CGCS2000 / 3°",
      show: (lon, lat) => {
        const meridian = meridianOf(lon);
        const at = toGauss(lon, lat, meridian);
        return "E " + at[0].toFixed(2) + ", N " + at[1].toFixed(2) + " (" + meridian + "°)";
      },
      /* Eight digits carry the number of the zone; six need the meridian, taken from the map's middle or behind them. */
      read: (words, near) => {
        const two = numbers(words);
        if (two.length < 2 || two.length > 3) { return null; }
        let pair = two.slice(0, 2);
        if (pair[0] < 1e7 && pair[1] >= 1e7) { pair.reverse(); } else if (pair[0] > 1e6 && pair[0] < 1e7 && pair[1] < 1e6) { pair.reverse(); }
        const zone = pair[0] >= 1e7 ? Math.floor(pair[0] / 1e6) : 0;
        const meridian = zone ? zone * 3 : two.length === 3 ? two[2] : meridianOf(near[0]);
        const east = pair[0] - zone * 1e6;
        if (east < 1e5 || east > 9e5 || pair[1] < 0 || pair[1] > 1e7 || Math.abs(meridian) > 180) { return null; }
        return fromGauss(east, pair[1], meridian);
      },
    },
  };

  TM.geodesy = {
    length: length, area: area, toGcj02: toGcj02, fromGcj02: fromGcj02, meridianOf: meridianOf,
    toGauss: toGauss, fromGauss: fromGauss, systems: SYSTEMS,
  };
})();
