// The palette on Ctrl-K or Cmd-K, over the page /find that works without it.
(() => {
  const link = document.querySelector("[data-palette]");
  if (!link) return;
  let box, input, list, turn = 0;
  const make = () => {
    box = document.createElement("dialog");
    box.className = "palette";
    box.setAttribute("aria-label", link.dataset.words);
    input = document.createElement("input");
    input.type = "search"; input.className = "input"; input.maxLength = 60; input.autocomplete = "off";
    input.setAttribute("aria-label", link.dataset.words);
    input.placeholder = link.dataset.words;
    list = document.createElement("ul");
    list.className = "places";
    box.append(input, list);
    document.body.append(box);
    input.addEventListener("input", look);
    box.addEventListener("keydown", (e) => {
      const all = [input, ...list.querySelectorAll("a")], i = all.indexOf(document.activeElement);
      if (e.key === "ArrowDown" || e.key === "ArrowUp") {
        e.preventDefault();
        all[Math.max(0, Math.min(all.length - 1, i + (e.key === "ArrowDown" ? 1 : -1)))].focus();
      } else if (e.key === "Enter" && i === 0) { e.preventDefault(); all[1]?.click(); }
    });
  };
  const look = async () => {
    const mine = ++turn;
    const answer = await fetch(link.dataset.palette + "?q=" + encodeURIComponent(input.value));
    if (!answer.ok || mine !== turn) return;
    if (!answer.headers.get("Content-Type")?.startsWith("application/json")) { location.href = link.href; return; }
    const found = (await answer.json()) ?? [];
    list.replaceChildren(...found.map((p) => {
      const li = document.createElement("li"), a = document.createElement("a"), kind = document.createElement("span");
      a.href = p.href; a.textContent = p.text; kind.className = "soft"; kind.textContent = p.kind;
      li.append(a, " ", kind);
      return li;
    }));
  };
  const open = (e) => { e.preventDefault(); if (!box) make(); input.value = ""; box.showModal(); look(); };
  link.addEventListener("click", open);
  addEventListener("keydown", (e) => { if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === "k") open(e); });
})();

// The save bar: it appears when something was changed, says how much, and a page with changes is not left by accident.
(() => {
  for (const form of document.querySelectorAll("form[data-save]")) {
    const bar = form.querySelector("[data-save-bar]"), said = bar?.querySelector("[data-save-said]");
    if (!bar) continue;
    const all = () => [...form.elements].filter((e) => e.name && e.type !== "hidden" && e.type !== "submit");
    const is = (e) => (e.type === "checkbox" ? e.checked !== e.defaultChecked : e.options ? [...e.options].some((o) => o.selected !== o.defaultSelected) && e.selectedIndex !== Math.max(0, [...e.options].findIndex((o) => o.defaultSelected)) : e.value !== e.defaultValue);
    let sent = false, changed = 0;
    const count = () => {
      changed = 0;
      for (const e of all()) {
        const yes = is(e);
        if (yes) changed++;
        e.closest(".field")?.classList.toggle("is-changed", yes);
      }
      const dirty = changed > 0 || "dirty" in form.dataset;
      bar.hidden = !dirty;
      if (changed > 0) said.textContent = changed === 1 ? bar.dataset.one : bar.dataset.more.replace("N", changed);
      return dirty;
    };
    form.addEventListener("input", count);
    form.addEventListener("submit", () => { sent = true; });
    bar.querySelector("[data-discard]").addEventListener("click", () => { sent = true; });
    addEventListener("beforeunload", (e) => { if (!sent && changed > 0) e.preventDefault(); });
    addEventListener("pageshow", () => { sent = false; count(); });
    count();
  }
})();
