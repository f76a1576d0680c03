/* A chosen date proposes its day type and says why; the type stays to be changed. Kept to what Chromium 86 knows. */
(function () {
  "use strict";
  const form = document.getElementById("patrol-form");
  const date = document.getElementById("plan-date");
  const type = document.getElementById("plan-day-type");
  const reason = document.getElementById("plan-day-reason");
  if (!form || !date || !type || !reason) { return; }
  let asked = "";
  date.addEventListener("change", () => {
    const day = date.value;
    asked = day;
    if (!day) { return; }
    fetch(form.dataset.url + "?date=" + encodeURIComponent(day), { headers: { Accept: "application/json" } })
      .then((answer) => (answer.ok ? answer.json() : null))
      .then((found) => {
        if (!found || asked !== day) { return; }
        type.value = found.day_type;
        reason.textContent = found.reasons.join(document.documentElement.lang.indexOf("zh") === 0 ? "；" : "; ");
      })
      .catch(() => { reason.textContent = ""; });
  });
}());
