/* The roads in reach at a moment of the day, and spots for one more post. Kept to what Chromium 86 knows. */
(function () {
  "use strict";
  const page = window.townMap;
  const TM = window.TownMap;
  const told = page && page.settings.response;
  const box = document.getElementById("reach-slider");
  const table = document.getElementById("response-table");
  if (!told || !box || !table) { return; }
  const choice = document.getElementById("reach-moment");
  const said = document.getElementById("reach-told");
  const posts = document.getElementById("posts-table");
  /* As in response.css: within the first, second, third limit, and later. */
  const WAYS = [
    { colour: "#1b4f78", width: 5, dash: [] },
    { colour: "#3d86b8", width: 4, dash: [12, 3] },
    { colour: "#c27400", width: 3.5, dash: [5, 4] },
    { colour: "#8c1d40", width: 3, dash: [1.5, 5] },
  ];
  const SIZE = 13;
  const known = new Map();
  let bands = [];
  let asked = 0;

  function world(line) {
    const part = [];
    for (let i = 0; i < line.length; i += 2) {
      const at = TM.world(line[i], line[i + 1]);
      part.push(at[0], at[1]);
    }
    return part;
  }

  function diamond(ctx, x, y, words) {
    ctx.beginPath();
    ctx.moveTo(x, y - SIZE); ctx.lineTo(x + SIZE, y); ctx.lineTo(x, y + SIZE); ctx.lineTo(x - SIZE, y); ctx.closePath();
    ctx.fillStyle = "#ffffff";
    ctx.fill();
    ctx.lineWidth = 2;
    ctx.strokeStyle = "#000000";
    ctx.stroke();
    ctx.fillStyle = "#000000";
    ctx.font = "bold 13px sans-serif";
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillText(words, x, y + 0.5);
  }

  /* Above the names of the map; what is reached soonest above all, and the spots over it. */
  page.map.createPane("response").style.zIndex = 460;
  const canvas = new TM.Canvas((view) => {
    const ctx = view.ctx;
    for (let i = bands.length - 1; i >= 0; i -= 1) {
      const way = WAYS[i];
      ctx.beginPath();
      bands[i].forEach((part) => { view.trace(part, false); });
      ctx.lineWidth = way.width * view.thin;
      ctx.strokeStyle = way.colour;
      ctx.setLineDash(way.dash);
      ctx.globalAlpha = 0.9;
      ctx.stroke();
      ctx.globalAlpha = 1;
      ctx.setLineDash([]);
    }
    told.posts.slice().reverse().forEach((one) => {
      const at = view.pixel([one[0], one[1]]);
      diamond(ctx, at[0], at[1], String(one[2]));
    });
  }, { pane: "response" }).addTo(page.map);

  function draw(found) {
    bands = found;
    canvas.redrawSoon();
    box.dataset.shown = choice.value;
  }

  function show() {
    const at = choice.value;
    asked += 1;
    const mine = asked;
    said.textContent = "";
    if (known.has(at)) { draw(known.get(at)); return; }
    fetch(told.url + "?at=" + encodeURIComponent(at), { credentials: "same-origin", headers: { Accept: "application/json" } })
      .then((answer) => {
        if (!answer.ok) { throw new Error(String(answer.status)); }
        return answer.json();
      })
      .then((answer) => {
        const found = answer.bands.map((band) => band.map(world));
        known.set(at, found);
        if (mine === asked) { draw(found); }
      })
      .catch(() => { if (mine === asked) { said.textContent = told.words.failed; } });
  }

  choice.addEventListener("change", show);
  box.hidden = false;
  show();

  function mark(chosen) {
    document.querySelectorAll("#response-table tr.chosen, #posts-table tr.chosen").forEach((one) => { one.classList.remove("chosen"); });
    if (chosen) { chosen.classList.add("chosen"); }
  }

  function toMap() {
    if (window.matchMedia("(max-width: 800px)").matches) {
      document.querySelector(".stage").scrollIntoView({ block: "start" });
    }
  }

  table.addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-id]");
    if (!row) { return; }
    mark(row);
    page.zoomTo(row.dataset.layer, row.dataset.id);
    toMap();
  });

  if (posts) {
    posts.addEventListener("click", (event) => {
      const row = event.target.closest("tr[data-lon]");
      if (!row) { return; }
      mark(row);
      page.map.setView([Number(row.dataset.lat), Number(row.dataset.lon)], 16, { animate: false });
      toMap();
    });
  }

  document.addEventListener("townmap:select", (event) => {
    const row = Array.from(table.querySelectorAll("tr[data-id]")).find((one) => one.dataset.layer === event.detail.layer && one.dataset.id === String(event.detail.id));
    mark(row || null);
    if (row) { row.scrollIntoView({ block: "nearest" }); }
  });
}());
