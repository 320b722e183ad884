// Puts a product into the cart without leaving the page. When anything is out of the ordinary the form is sent the
// plain way, and the page that answers says what is the matter.
(() => {
  const form = document.querySelector("form[data-add]");
  const note = document.querySelector("[data-added]");
  if (!form || !note) return;
  let timer;
  form.addEventListener("submit", async (e) => {
    e.preventDefault();
    const button = form.querySelector("button");
    button.setAttribute("aria-busy", "true");
    try {
      const r = await fetch(form.action, {
        method: "POST", body: new URLSearchParams(new FormData(form)),
        headers: { Accept: "application/json" }, credentials: "same-origin",
      });
      if (!r.ok) throw new Error(String(r.status));
      const bag = await r.json();
      document.dispatchEvent(new CustomEvent("bag", { detail: bag.count }));
      note.hidden = false;
      note.querySelector("[role=status]").textContent = bag.said;
      clearTimeout(timer);
      timer = setTimeout(() => { note.hidden = true; }, 12000);
    } catch {
      form.submit();
    } finally {
      button.removeAttribute("aria-busy");
    }
  });
})();
