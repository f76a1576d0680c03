/* Keeps "next stop" right while the page stays open. Kept to what Chromium 86 knows. */
(function () {
  "use strict";
  const items = Array.from(document.querySelectorAll("#stops li"));
  const card = document.getElementById("next");
  const label = card && card.querySelector(".label");
  if (!items.length || !label || !label.dataset.next) { return; }

  function secondsNow() {
    const now = new Date();
    return now.getHours() * 3600 + now.getMinutes() * 60 + now.getSeconds();
  }

  function update() {
    const now = secondsNow();
    const next = items.find((item) => Number(item.dataset.depart) > now);
    items.forEach((item) => {
      const here = item === next;
      item.classList.toggle("here", here);
      item.classList.toggle("done", Number(item.dataset.depart) <= now);
      if (here) { item.setAttribute("aria-current", "step"); } else { item.removeAttribute("aria-current"); }
    });
    if (!next) { return; }
    label.textContent = Number(next.dataset.arrive) <= now ? label.dataset.now : label.dataset.next;
    card.querySelector(".place").textContent = next.querySelector(".place").textContent;
    card.querySelector(".when").textContent = next.dataset.span;
    const link = document.querySelector("#navigation a");
    if (link) {
      link.hidden = !next.dataset.goal;
      if (next.dataset.goal) { link.href = next.dataset.goal; } else { link.removeAttribute("href"); }
    }
  }

  window.setInterval(update, 30000);
}());
