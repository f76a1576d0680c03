/* Keeps every job on the page up to date until it ends. Kept to what Chromium 86 knows. */
(function () {
  "use strict";
  const EVERY_MS = 1000;
  const LONGEST_MS = 15000;
  const LIVING = ["queued", "running"];

  function parts(root, name) {
    return Array.from(root.querySelectorAll("[data-part='" + name + "']"));
  }

  function say(root, name, words) {
    parts(root, name).forEach((one) => { if (one.textContent !== words) { one.textContent = words; } });
  }

  function show(root, name, shown) {
    parts(root, name).forEach((one) => { one.hidden = !shown; });
  }

  function list(root, name, tag, rows) {
    parts(root, name).forEach((one) => {
      while (one.firstChild) { one.removeChild(one.firstChild); }
      rows.forEach((words) => {
        const line = document.createElement(tag);
        if (Array.isArray(words)) {
          words.forEach((piece, place) => {
            const span = document.createElement("span");
            if (place === 0) { span.className = "time"; }
            span.textContent = piece;
            line.appendChild(span);
          });
        } else {
          line.textContent = words;
        }
        one.appendChild(line);
      });
    });
  }

  /* 2026-05-04T08:05:09+00:00 on the reader's clock */
  function moment(words) {
    if (!words) { return "—"; }
    const at = new Date(words);
    const two = (n) => String(n).padStart(2, "0");
    return at.getFullYear() + "-" + two(at.getMonth() + 1) + "-" + two(at.getDate()) + " " + two(at.getHours()) + ":" + two(at.getMinutes());
  }

  function draw(root, job) {
    root.dataset.state = job.state;
    say(root, "state_words", job.state_words);
    parts(root, "state_words").forEach((one) => {
      if (one.classList.contains("tag")) { one.className = "tag job-" + job.state; }
    });
    say(root, "percent", String(job.percent));
    parts(root, "bar").forEach((one) => { one.value = job.percent; });
    const inTable = root.tagName === "TR";
    say(root, "words", inTable && job.faults.length ? job.faults[0] : job.words);
    say(root, "left", job.left);
    say(root, "took", job.took);
    list(root, "faults", "p", job.faults);
    show(root, "faults", job.faults.length > 0);
    show(root, "lost", false);
    show(root, "cancel", job.living);
    show(root, "again", !job.living);
    parts(root, "result").forEach((one) => {
      one.hidden = !job.result_url;
      if (job.result_url) { one.href = job.result_url; }
    });
    if (inTable && !job.living) { show(root, "bar", false); }
    if (root.tagName === "A" && !job.living) { show(root, "running", false); }
  }

  function drawPage(job) {
    const card = document.querySelector(".job-page .job");
    if (!card || card.dataset.job !== String(job.number)) { return; }
    say(document, "started", moment(job.started));
    say(document, "ended", moment(job.ended));
    say(document, "took", job.took);
    list(document, "log", "li", job.log.map((line) => [line.at, line.words]));
    show(document, "no-log", job.log.length === 0);
  }

  function follow(url, roots) {
    let pause = EVERY_MS;
    function ask() {
      fetch(url, { credentials: "same-origin", headers: { Accept: "application/json" } }).then((answer) => {
        if ([401, 403, 404].indexOf(answer.status) >= 0) { return null; }
        if (!answer.ok) { throw new Error(String(answer.status)); }
        return answer.json();
      }).then((job) => {
        if (!job) { return; }
        pause = EVERY_MS;
        roots.forEach((root) => { draw(root, job); });
        drawPage(job);
        if (job.living) { window.setTimeout(ask, pause); }
      }).catch(() => {
        roots.forEach((root) => {
          say(root, "lost", root.dataset.lost || "");
          show(root, "lost", Boolean(root.dataset.lost));
        });
        pause = Math.min(2 * pause, LONGEST_MS);
        window.setTimeout(ask, pause);
      });
    }
    window.setTimeout(ask, EVERY_MS / 2);
  }

  const living = new Map();
  Array.from(document.querySelectorAll("[data-job]")).forEach((root) => {
    if (LIVING.indexOf(root.dataset.state) < 0) { return; }
    living.set(root.dataset.url, (living.get(root.dataset.url) || []).concat([root]));
  });
  living.forEach((roots, url) => { follow(url, roots); });
}());
