// Hands passkeys over. A form with data-passkey ("get" or "create") carries the options of its ceremony; the answer goes
// into its field "response". With data-conditional the browser offers passkeys in the field of the e-mail address too.
(() => {
  const P = window.PublicKeyCredential;
  let waiting = null;
  const ask = async (form, conditional) => {
    const said = form.querySelector("[data-said]");
    const create = form.dataset.passkey === "create";
    const parse = create ? P?.parseCreationOptionsFromJSON : P?.parseRequestOptionsFromJSON;
    if (!parse) { if (said && !conditional) said.textContent = form.dataset.wrong; return; }
    waiting?.abort();
    waiting = new AbortController();
    const o = { publicKey: parse.call(P, JSON.parse(form.dataset.options)), signal: waiting.signal };
    if (conditional) o.mediation = "conditional";
    if (said) said.textContent = "";
    try {
      const c = await navigator.credentials[create ? "create" : "get"](o);
      form.elements.response.value = JSON.stringify(c.toJSON());
      form.submit();
    } catch (e) {
      if (said && !conditional && e.name !== "AbortError") said.textContent = form.dataset.wrong;
    }
  };
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.addEventListener("submit", (e) => { e.preventDefault(); ask(form, false); });
    if ("conditional" in form.dataset) {
      P?.isConditionalMediationAvailable?.().then((yes) => { if (yes) ask(form, true); });
    }
  }
})();
