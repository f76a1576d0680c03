/* How each layer looks. Colours only here and in town-map.css; meaning never rests on colour alone. */
(function () {
  "use strict";
  const TM = (window.TownMap = window.TownMap || {});

  TM.paper = "#f5f1e8";

  /* Road classes: width in metres on the ground, least width in pixels, zoom from which drawn, order. */
  const road = (metres, least, from, order, fill, casing) => ({
    metres: metres, least: least, from: from, order: order,
    fill: fill || "#ffffff", casing: casing || "#cfc6b8",
  });
  const major = "#fdf0cd";
  const majorCasing = "#d9bf86";
  TM.roads = {
    motorway: road(18, 3.4, 3, 9, "#fbe2ac", "#cfa862"),
    trunk: road(17, 3.2, 3, 9, "#fbe2ac", "#cfa862"),
    primary: road(14, 2.8, 3, 8, major, majorCasing),
    secondary: road(11.5, 2.3, 10, 7, "#fff9e8", "#d6c7a4"),
    tertiary: road(9.5, 1.9, 12, 6),
    unclassified: road(7.5, 1.3, 13, 5),
    residential: road(7, 1.2, 13.5, 4),
    living_street: road(6.5, 1.1, 14, 4, "#fbfaf7"),
    service: road(4.5, 0.8, 15, 3),
    pedestrian: road(8, 1.3, 14, 3, "#f3e7ea", "#d8c3c9"),
    track: road(3, 0.8, 15, 2, "#f4ead6", "#cdb995"),
    construction: road(7, 1.2, 14, 2, "#efeae0", "#c9c0b2"),
    path: { metres: 1.6, least: 1, from: 15.5, order: 1, fill: "#b69f86", dash: [4, 3] },
  };
  ["motorway", "trunk", "primary", "secondary", "tertiary"].forEach((name) => {
    TM.roads[name + "_link"] = Object.assign({}, TM.roads[name], {
      metres: TM.roads[name].metres * 0.6, least: TM.roads[name].least * 0.7, from: 12,
    });
  });
  ["footway", "cycleway", "steps", "bridleway", "corridor"].forEach((name) => {
    TM.roads[name] = TM.roads.path;
  });
  /* A class comes from data: only names of this table count, not what every object has ("constructor"). */
  const own = (table, name) => (Object.prototype.hasOwnProperty.call(table, name) ? table[name] : undefined);
  TM.own = own;
  TM.roadOf = (name) => own(TM.roads, name) || TM.roads.unclassified;

  const area = (fill, stroke, more) => Object.assign({ fill: fill, stroke: stroke, width: 1 }, more);
  const mark = (shape, fill, more) =>
    Object.assign({ shape: shape, fill: fill, stroke: "#ffffff", size: 6 }, more);
  const gap = (colour, hatch, width, alpha, dash) =>
    ({ fill: colour, alpha: alpha, fine: 16, hatch: hatch, stroke: colour, width: width, dash: dash, line: width * 1.7, halo: width > 2 });

  /* Surely seen is full, possibly seen is hatched. */
  const bands = (sure, possible) => ({
    sure: { fill: sure, alpha: 0.42, stroke: sure, width: 1.2 },
    possible: { fill: possible, alpha: 0.16, hatch: "forward", stroke: possible, width: 1, dash: [4, 3] },
    default: { fill: possible, alpha: 0.16 },
  });

  /* base: drawn below, in `order`. `default` serves classes that are not named. */
  TM.styles = {
    land_cover: {
      base: true, order: 1,
      classes: {
        park: area("#d5e6c6", "#c2d8b0"), forest: area("#c6dcb6", "#b2cca1"),
        grass: area("#e0ebd2", "#d2e0c1"), farmland: area("#f1ebd3", "#e6dfc3"),
        square: area("#ece5da", "#dfd6c8"), built_up: area("#efe9de", "#e9e2d5"),
        default: area("#e8ecd9", "#dbe0c9"),
      },
    },
    water: {
      base: true, order: 2, label: { colour: "#3f7699", size: 12, from: 14, rank: 3, italic: true },
      classes: {
        stream: area("#b0d3e6", "#9cc5dc", { line: 1.6 }), river: area("#a9cfe4", "#93bfd8", { line: 4 }),
        default: area("#a9cfe4", "#93bfd8", { line: 2.4 }),
      },
    },
    villages: {
      base: false, order: 3, selectable: true,
      label: { colour: "#7a5c86", size: 14, from: 11, to: 16, rank: 1, spaced: true },
      classes: { default: { stroke: "#9a7ba6", width: 1.4, dash: [9, 4, 2, 4] } },
    },
    admin_areas: {
      base: false, order: 3, selectable: true,
      label: { colour: "#5d5a66", size: 14, from: 9, to: 14, rank: 1, spaced: true },
      classes: { default: { stroke: "#6b6875", width: 2, dash: [14, 4, 2, 4] } },
    },
    grids: {
      base: false, order: 3.5, selectable: true,
      label: { colour: "#355f8a", size: 13, from: 13, rank: 2 },
      classes: { default: { fill: "#4f7fae", alpha: 0.05, stroke: "#3d6b99", width: 1.6, dash: [6, 3] } },
    },
    buildings: {
      base: true, order: 4, from: 13.5, shade: true, selectable: true, selectFrom: 16,
      label: { colour: "#75675a", size: 11, from: 17, rank: 7 },
      classes: {
        public: area("#d9c9b8", "#b9a48d"), school: area("#d9c9b8", "#b9a48d"),
        hospital: area("#d9c9b8", "#b9a48d"), default: area("#e0d5c7", "#c8b9a7"),
      },
    },
    obstacles: {
      base: true, order: 5, from: 15.5,
      classes: {
        wall: { stroke: "#8c7f72", fill: "#b9ada0", width: 1.6, line: 1.6 },
        fence: { stroke: "#a2978a", width: 1, line: 1, dash: [5, 2] },
        hedge: { stroke: "#8fae7c", fill: "#b6cfa5", width: 2.4, line: 2.4 },
        trees: { stroke: "#a8c496", fill: "#bfd6ae", width: 2.4, line: 2.4 },
        default: { stroke: "#9a8f82", fill: "#c4bab0", width: 1.2, line: 1.2 },
      },
    },
    roads: { base: true, order: 6, roads: true, label: { along: true, colour: "#6a6055", size: 12, from: 14.5, rank: 5 } },
    place_names: {
      base: true, order: 7, names: true,
      label: { colour: "#4a4238", size: 13, from: 9, rank: 0 },
      classes: { default: {} },
    },

    housing_zones: {
      order: 20, selectable: true, label: { colour: "#6b5b1e", size: 12.5, from: 14, rank: 2 },
      classes: { default: { fill: "#b59a3c", alpha: 0.1, stroke: "#8f7a2a", width: 1.8, dash: [7, 4] } },
    },
    key_areas: {
      order: 21, selectable: true, label: { colour: "#8a2f58", size: 12.5, from: 14, rank: 1 },
      classes: {
        1: { fill: "#a8447a", alpha: 0.16, stroke: "#98356a", width: 2.6 },
        2: { fill: "#a8447a", alpha: 0.11, stroke: "#98356a", width: 1.7 },
        3: { fill: "#a8447a", alpha: 0.07, stroke: "#98356a", width: 1.3, dash: [4, 3] },
        default: { fill: "#a8447a", alpha: 0.11, stroke: "#98356a", width: 1.7 },
      },
    },
    no_camera_zones: {
      order: 22, selectable: true,
      classes: { default: { fill: "#4b5563", hatch: "back", stroke: "#4b5563", width: 1.4, dash: [2, 3] } },
    },
    coverage_day: { order: 30, opacity: 0.36, nested: true, outline: "#0b7d72", classes: coverage("#5cc4b8", "#0d8f82") },
    coverage_night: { order: 31, opacity: 0.36, nested: true, outline: "#3730a3", classes: coverage("#9a98e6", "#4338ca") },
    certainty_day: { order: 32, classes: bands("#0b7d72", "#b7791f") },
    certainty_night: { order: 33, classes: bands("#3730a3", "#9a5b8f") },
    targets_day: { order: 36, selectable: true, classes: targets() },
    targets_night: { order: 37, selectable: true, classes: targets() },
    privacy_masks: {
      order: 35, selectable: true,
      classes: { default: { fill: "#7a3e12", alpha: 0.2, hatch: "forward", stroke: "#7a3e12", width: 1.4 } },
    },
    gaps_day: { order: 40, selectable: true, classes: gaps() },
    gaps_night: { order: 41, selectable: true, classes: gaps() },
    patrol_routes: { order: 50, selectable: true, units: true, classes: {} },
    patrol_places: {
      order: 52, selectable: true, label: { colour: "#1f3f63", size: 12, from: 15, rank: 2 },
      classes: {
        kept: mark("circle", "#1f5f8b", { size: 5.5 }), late: mark("triangle", "#c2410c", { size: 7.5 }),
        unreachable: mark("cross", "#7f1d1d", { size: 7 }), default: mark("circle", "#1f5f8b", { size: 5.5 }),
      },
    },
    patrol_units: {
      order: 53, selectable: true, label: { colour: "#1f3f63", size: 12, from: 15, rank: 3 },
      classes: {
        foot: mark("circle", "#0072b2", { size: 7, ring: true }), car: mark("square", "#0072b2", { size: 7 }),
        motorcycle: mark("diamond", "#0072b2", { size: 8 }), default: mark("square", "#0072b2", { size: 7 }),
      },
    },
    patrol_points: { order: 51, selectable: true, classes: { default: mark("diamond", "#1f5f8b", { size: 6 }) } },
    entrances: {
      order: 60, selectable: true, from: 15,
      classes: { main: mark("gate", "#6b4f1d", { size: 6 }), default: mark("gate", "#8d7444", { size: 5 }) },
    },
    notice_boards: {
      order: 61, selectable: true, from: 14,
      classes: {
        good: mark("flag", "#2f6f4f", { size: 7 }), damaged: mark("flag", "#b45309", { size: 7, ring: true }),
        planned: mark("flag", "#64748b", { size: 7, ring: true }), default: mark("flag", "#2f6f4f", { size: 7 }),
      },
    },
    checkpoints: { order: 62, selectable: true, classes: { default: mark("bar", "#1e3a5f", { size: 8 }) } },
    street_lights: {
      order: 63, selectable: true, from: 16,
      classes: {
        working: mark("circle", "#d9a514", { size: 3.5 }),
        dark: mark("circle", "#6b7280", { size: 3.5, ring: true }), default: mark("circle", "#d9a514", { size: 3.5 }),
      },
    },
    turn_restrictions: { order: 61, selectable: true, from: 16, classes: { default: mark("triangle", "#9f1239", { size: 4.5, ring: true }) } },
    mounting_points: { order: 64, selectable: true, from: 15.5, classes: { default: mark("plus", "#475569", { size: 5 }) } },
    camera_sites: {
      order: 70, selectable: true, wedge: true, label: { colour: "#0c4f49", size: 11, from: 17.5, rank: 6 },
      classes: {
        working: mark("circle", "#0f766e"), faulty: mark("triangle", "#c2410c", { size: 7.5 }),
        offline: mark("square", "#57534e", { size: 5.5 }), planned: mark("diamond", "#1d4ed8", { ring: true, size: 7 }),
        removed: mark("cross", "#78716c", { size: 5.5 }), default: mark("circle", "#0f766e"),
      },
    },
    proposals: {
      order: 80, selectable: true, label: { colour: "#5b2b86", size: 12.5, from: 14.5, rank: 0 },
      classes: {
        key_areas: { fill: "#7c3aed", alpha: 0.2, stroke: "#5b21b6", width: 2.2 },
        housing_zones: { fill: "#b45309", alpha: 0.16, stroke: "#92400e", width: 2, dash: [7, 4] },
        default: { fill: "#7c3aed", alpha: 0.2, stroke: "#5b21b6", width: 2.2 },
      },
    },
    /* Rows of a file before they are stored: points tell their state by shape, lines and areas by dash. */
    import_rows: {
      order: 81, selectable: true, label: { colour: "#1d2730", size: 11, from: 17, rank: 3 },
      classes: {
        sound: mark("circle", "#1b6b3a", { size: 5.5 }), warning: mark("diamond", "#b45309", { size: 7.5 }),
        refused: mark("cross", "#9b1c1c", { size: 8 }), default: mark("circle", "#1b6b3a", { size: 5.5 }),
      },
    },
    import_shapes: {
      order: 81, selectable: true, label: { colour: "#1d2730", size: 11, from: 16, rank: 3 },
      classes: {
        sound: area("#1b6b3a", "#1b6b3a", { alpha: 0.16, width: 1.8, line: 3 }),
        warning: area("#b45309", "#b45309", { alpha: 0.2, width: 2, line: 3, dash: [9, 4] }),
        refused: area("#9b1c1c", "#9b1c1c", { alpha: 0.2, width: 2.2, line: 3, dash: [3, 4] }),
        default: area("#1b6b3a", "#1b6b3a", { alpha: 0.16, width: 1.8, line: 3 }),
      },
    },
  };

  /* A better class is darker: classes are drawn from the coarsest to the finest, then made translucent as one. */
  function coverage(light, strong) {
    return {
      monitor: { fill: light }, detect: { fill: light }, observe: { fill: TM_mix(light, strong, 0.35) },
      recognise: { fill: TM_mix(light, strong, 0.7) }, identify: { fill: strong }, inspect: { fill: strong },
      default: { fill: TM_mix(light, strong, 0.35) },
    };
  }
  TM.classOrder = ["monitor", "detect", "observe", "recognise", "identify", "inspect"];

  /* Seen, in part, not: told apart by solid, hatch and dots, and by the dash of roads. */
  function targets() {
    return {
      all: { fill: "#0b6e66", alpha: 0.4, stroke: "#0b6e66", width: 1.6, line: 3.2 },
      part: { fill: "#b7791f", alpha: 0.75, hatch: "forward", stroke: "#9a6210", width: 1.6, line: 3.2, dash: [9, 4] },
      none: { fill: "#8c1d40", alpha: 0.75, hatch: "dots", stroke: "#8c1d40", width: 1.6, line: 3.2, dash: [2, 4] },
      default: { fill: "#b7791f", alpha: 0.75, hatch: "forward", stroke: "#9a6210", width: 1.6, line: 3.2 },
    };
  }

  function gaps() {
    return {
      1: gap("#c2410c", "cross", 2.2, 0.85), 2: gap("#dd8a0a", "forward", 1.6, 0.62),
      3: gap("#b8940a", "dots", 1.3, 0.7, [5, 3]), default: gap("#dd8a0a", "forward", 1.6, 0.62),
    };
  }

  function TM_mix(from, to, share) {
    const part = (colour, at) => parseInt(colour.slice(at, at + 2), 16);
    return "#" + [1, 3, 5].map((at) =>
      Math.round(part(from, at) + (part(to, at) - part(from, at)) * share).toString(16).padStart(2, "0")).join("");
  }

  /* Routes: colour and dash together tell units apart (Okabe and Ito's colours, darkened for a pale ground). */
  const unitColours = ["#0067a5", "#c44e00", "#008060", "#a83f86", "#7a5a00", "#5b3fa0", "#b3283d", "#3f6b7d"];
  const unitDashes = [null, [12, 5], [3, 5], [14, 4, 3, 4], [7, 4], [2, 3, 8, 3]];
  TM.unitStyle = (place) => ({
    stroke: unitColours[place % unitColours.length],
    dash: unitDashes[(place + Math.floor(place / unitColours.length)) % unitDashes.length],
    line: 3.6, width: 3.6, halo: true,
  });

  TM.classStyle = function (style, name, place) {
    if (style.units) { return TM.unitStyle(place || 0); }
    if (style.roads) {
      const one = TM.roadOf(name);
      return { fill: one.fill, stroke: one.casing || one.fill, line: 3, dash: one.dash };
    }
    return own(style.classes, name) || style.classes.default;
  };
})();
