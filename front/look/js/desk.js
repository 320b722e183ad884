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
