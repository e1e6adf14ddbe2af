// Small helps; every page reads and works without them.

// Keep the place on the page when the language is changed.
document.addEventListener("click", function (event) {
  var link = event.target.closest && event.target.closest("a[data-cb-keep-anchor]");
  if (link && location.hash) {
    link.href = link.href.split("#")[0] + location.hash;
  }
});

// On the "not found" page, keep the language of the address that was asked for.
(function () {
  var parts = document.querySelectorAll("[data-cb-locale]");
  var own = Array.prototype.filter.call(parts, function (part) {
    return location.pathname.split("/").indexOf(part.dataset.cbLocale) > 0;
  })[0];
  if (!own) return;
  parts.forEach(function (part) { part.hidden = part.lang !== own.lang; });
  document.documentElement.lang = own.lang;
  document.title = own.textContent;
})();
