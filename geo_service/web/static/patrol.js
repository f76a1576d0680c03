/* The choice of a unit shows at once, and the print button prints. Kept to what Chromium 86 knows. */
(function () {
  "use strict";
  const form = document.getElementById("unit-choice");
  if (form) {
    form.querySelector("select").addEventListener("change", () => { form.submit(); });
  }
  const print = document.getElementById("print");
  if (print) {
    print.hidden = false;
    print.addEventListener("click", () => { window.print(); });
  }
}());
