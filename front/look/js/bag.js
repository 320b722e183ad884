// Shows how many things lie in the cart. The pages are the same for everybody and hold no number; the link beneath
// works without it.
(() => {
  const badge = document.querySelector("[data-bag]");
  if (!badge) return;
  const show = (n) => {
    badge.textContent = n > 0 ? String(n) : "";
    badge.hidden = n < 1;
  };
  const ask = () => fetch(badge.dataset.bag, { headers: { Accept: "application/json" }, credentials: "same-origin" })
    .then((r) => (r.ok ? r.json() : { count: 0 })).then((b) => show(b.count)).catch(() => {});
  document.addEventListener("bag", (e) => show(e.detail));
  addEventListener("pageshow", (e) => { if (e.persisted) ask(); });
  ask();
})();
