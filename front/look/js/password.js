// Passwords: a button that shows what was typed, and advice while a new one is typed. Without script the page says what
// is wanted and refuses with a reason.
(() => {
  for (const form of document.querySelectorAll("form[data-secret]")) {
    for (const field of form.querySelectorAll("input[type=password]")) {
      const box = document.createElement("span");
      const show = document.createElement("button");
      box.className = "secret-box";
      show.type = "button";
      show.className = "text-button";
      show.textContent = form.dataset.show;
      show.setAttribute("aria-pressed", "false");
      show.setAttribute("aria-controls", field.id);
      field.replaceWith(box);
      box.append(field, show);
      const turn = (open) => {
        field.type = open ? "text" : "password";
        show.textContent = open ? form.dataset.hide : form.dataset.show;
        show.setAttribute("aria-pressed", String(open));
      };
      show.addEventListener("click", () => { turn(field.type === "password"); field.focus(); });
      form.addEventListener("submit", () => turn(false));
    }
    const next = form.elements.password;
    if (!form.dataset.advice || !next) continue;
    const said = document.createElement("p");
    said.className = "weigh";
    said.setAttribute("role", "status");
    next.closest(".field").append(said);
    let asked = 0, timer;
    const ask = async () => {
      const mine = ++asked;
      if (!next.value) { said.replaceChildren(); return; }
      const body = new URLSearchParams({ password: next.value, [form.elements[0].name]: form.elements[0].value });
      try {
        const r = await fetch(form.dataset.advice, { method: "POST", body, headers: { Accept: "application/json" }, credentials: "same-origin" });
        const a = r.ok ? await r.json() : null;
        if (mine !== asked || !a) return;
        const bar = document.createElement("span"), word = document.createElement("b");
        bar.className = "weigh-bar";
        bar.dataset.score = a.fits ? Math.max(a.score, 1) : Math.min(a.score, 2);
        word.textContent = a.word;
        said.classList.toggle("fits", a.fits);
        said.replaceChildren(bar, word, " ", a.why || "");
      } catch { /* the page that answers says what is the matter */ }
    };
    form.addEventListener("submit", () => { clearTimeout(timer); asked++; });
    next.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 300); });
  }
})();
