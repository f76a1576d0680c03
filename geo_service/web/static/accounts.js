// Buttons that print and copy, and a form that shows only what belongs to the chosen role; without scripts the pages work too.
(function () {
  'use strict';
  document.querySelectorAll('[data-print]').forEach(function (button) {
    button.hidden = false;
    button.addEventListener('click', function () { window.print(); });
  });
  document.querySelectorAll('[data-copy]').forEach(function (button) {
    button.hidden = false;
    button.addEventListener('click', function () {
      // the clipboard of newer browsers is closed to pages by plain HTTP
      document.getElementById(button.dataset.copy).select();
      document.execCommand('copy');
    });
  });
  var parts = document.querySelectorAll('[data-for-role]');
  var roles = document.querySelectorAll('input[name="role"]');
  function show() {
    var chosen = document.querySelector('input[name="role"]:checked');
    parts.forEach(function (part) { part.hidden = !chosen || chosen.value !== part.dataset.forRole; });
  }
  if (parts.length && roles.length) {
    roles.forEach(function (role) { role.addEventListener('change', show); });
    show();
  }
})();
