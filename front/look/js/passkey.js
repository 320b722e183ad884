// Passkeys: shows the forms that use one, asks the browser, and sends what it answers as a form like any other, so that
// the answer is a page. On the sign-in page the browser may also offer passkeys in its list for the address field.
(() => {
  const key = window.PublicKeyCredential;
  const forms = [...document.querySelectorAll("form[data-passkey]")];
  if (!forms.length || !key || !key.parseRequestOptionsFromJSON || !key.parseCreationOptionsFromJSON) return;
  for (const note of document.querySelectorAll("[data-no-passkey]")) note.hidden = true;
  for (const form of forms) form.hidden = false;

  const begin = async (form) => {
    const r = await fetch(form.dataset.options, {
      method: "POST", body: new URLSearchParams(new FormData(form)),
      headers: { Accept: "application/json" }, credentials: "same-origin",
    });
    if (!r.ok) throw new Error(String(r.status));
    return r.json();
  };
  const ask = (form, options, more) => (form.dataset.passkey === "create"
    ? navigator.credentials.create({ publicKey: key.parseCreationOptionsFromJSON(options), ...more })
    : navigator.credentials.get({ publicKey: key.parseRequestOptionsFromJSON(options), ...more }));
  const send = (form, ceremony, credential) => {
    form.elements.ceremony.value = ceremony;
    form.elements.response.value = JSON.stringify(credential.toJSON());
    form.submit();
  };

  let waiting; // the browser's own list waits with this; only one question can be open at a time
  const stop = () => { if (waiting) waiting.abort(); waiting = undefined; };
  const say = (form, stopped) => {
    const note = form.querySelector("[data-said]");
    note.textContent = stopped ? note.dataset.stopped : note.dataset.failed;
    note.hidden = false;
  };
  for (const form of forms) {
    form.addEventListener("submit", async (e) => {
      e.preventDefault();
      const button = form.querySelector("button");
      if (button.getAttribute("aria-busy")) return;
      button.setAttribute("aria-busy", "true");
      form.querySelector("[data-said]").hidden = true;
      stop();
      try {
        const c = await begin(form);
        send(form, c.ceremony, await ask(form, c.options));
      } catch (err) {
        // The fresh proof is over: sent as it is, the form is answered with the page that asks for one, and loses nothing.
        if (err.message === "403" && form.elements.aim.value === "add") { form.submit(); return; }
        say(form, err.name === "NotAllowedError" || err.name === "AbortError");
      } finally {
        button.removeAttribute("aria-busy");
      }
    });
  }

  // A question lasts ten minutes on the server; a page that stays open asks anew before that.
  const offer = async (form) => {
    stop();
    const mine = waiting = new AbortController();
    const timer = setTimeout(() => { if (waiting === mine) offer(form); }, 9 * 60 * 1000);
    try {
      const c = await begin(form);
      if (mine.signal.aborted) return;
      send(form, c.ceremony, await ask(form, c.options, { mediation: "conditional", signal: mine.signal }));
    } catch { /* the button and the other ways are still there */ } finally {
      if (mine.signal.aborted) clearTimeout(timer);
    }
  };
  const auto = forms.find((f) => f.hasAttribute("data-auto"));
  if (auto && key.isConditionalMediationAvailable) {
    key.isConditionalMediationAvailable().then((can) => { if (can) offer(auto); }, () => {});
  }
})();
