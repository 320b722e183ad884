// Opens the filters where there is room for them, and sends the sorting as soon as it is chosen. Without script the
// filters fold and a button sends the sorting.
(() => {
  const sift = document.querySelector("details.sift");
  const wide = matchMedia("(min-width: 64rem)");
  const fit = () => { if (sift && wide.matches) sift.open = true; };
  fit();
  wide.addEventListener("change", fit);
  for (const select of document.querySelectorAll("select[data-send]")) {
    select.form.querySelector("button").hidden = true;
    select.addEventListener("change", () => select.form.requestSubmit());
  }
})();
