// Suggests products and categories while somebody types into the search field. Plain links in a list; arrow keys move
// through them, Escape closes. Without script the field is a form like any other.
(() => {
  const form = document.querySelector("form[data-suggest]");
  if (!form) return;
  const field = form.querySelector("input");
  const list = document.createElement("div");
  list.className = "hints";
  list.id = "hints";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", field.labels[0].textContent.trim());
  form.append(list);
  for (const [k, v] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-controls": "hints", "aria-expanded": "false" })) field.setAttribute(k, v);
  let asked = 0, timer, at = -1;
  const links = () => [...list.children];
  const close = () => { list.hidden = true; at = -1; field.setAttribute("aria-expanded", "false"); field.removeAttribute("aria-activedescendant"); };
  const mark = (i) => {
    at = i;
    links().forEach((a, n) => a.setAttribute("aria-selected", String(n === i)));
    if (i >= 0) field.setAttribute("aria-activedescendant", links()[i].id); else field.removeAttribute("aria-activedescendant");
  };
  const show = (hits) => {
    list.replaceChildren(...hits.map((h, i) => {
      const a = document.createElement("a");
      a.href = h.url;
      a.textContent = h.name;
      a.id = "hint-" + i;
      a.tabIndex = -1;
      a.setAttribute("role", "option");
      a.setAttribute("aria-selected", "false");
      return a;
    }));
    if (!hits.length) return close();
    at = -1;
    list.hidden = false;
    field.setAttribute("aria-expanded", "true");
  };
  const ask = async () => {
    const q = field.value.trim(), mine = ++asked;
    if (q.length < 2) return close();
    try {
      const r = await fetch(form.dataset.suggest + "?q=" + encodeURIComponent(q), { headers: { Accept: "application/json" } });
      const hits = r.ok ? await r.json() : [];
      if (mine === asked) show(hits);
    } catch { close(); }
  };
  field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 120); });
  field.addEventListener("keydown", (e) => {
    const n = links().length;
    if (e.key === "Escape" && !list.hidden) { e.preventDefault(); close(); }
    if (list.hidden || !n) return;
    if (e.key === "ArrowDown") { e.preventDefault(); mark((at + 1) % n); }
    if (e.key === "ArrowUp") { e.preventDefault(); mark((at - 1 + n) % n); }
    if (e.key === "Enter" && at >= 0) { e.preventDefault(); links()[at].click(); }
  });
  form.addEventListener("focusout", (e) => { if (!form.contains(e.relatedTarget)) close(); });
})();
