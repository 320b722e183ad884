// The step before payment: the browser solves a few small riddles, which takes it a second and whoever tries out
// thousands of cards a long time. Nothing about the browser is read or sent; without script a link comes by mail.
(() => {
  const form = document.querySelector("form[data-riddle]");
  if (!form) return;
  const riddle = form.dataset.riddle, count = Number(form.dataset.count), zeros = 32 - Number(form.dataset.bits);
  const bar = form.querySelector("progress");
  const first = [], keys = [];
  for (let n = 2; keys.length < 64; n++) { // the constants of SHA-256 are roots of the first primes
    let prime = true;
    for (let d = 2; d * d <= n; d++) if (n % d === 0) prime = false;
    if (!prime) continue;
    if (first.length < 8) first.push((Math.sqrt(n) * 4294967296) | 0);
    keys.push((Math.cbrt(n) * 4294967296) | 0);
  }
  const w = new Int32Array(64);
  // The first word of the hash of a text of one block.
  const head = (text) => {
    w.fill(0);
    for (let i = 0; i < text.length; i++) w[i >> 2] |= text.charCodeAt(i) << (24 - 8 * (i & 3));
    w[text.length >> 2] |= 0x80 << (24 - 8 * (text.length & 3));
    w[15] = 8 * text.length;
    const turn = (x, n) => (x >>> n) | (x << (32 - n));
    let [a, b, c, d, e, f, g, h] = first;
    for (let i = 0; i < 64; i++) {
      if (i > 15) {
        const x = w[i - 15], y = w[i - 2];
        w[i] = w[i - 16] + (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)) + w[i - 7] + (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10));
      }
      const s = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + keys[i] + w[i];
      const t = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
      h = g; g = f; f = e; e = (d + s) | 0; d = c; c = b; b = a; a = (s + t) | 0;
    }
    return (first[0] + a) >>> 0;
  };
  const found = [];
  let n = 0;
  const work = () => {
    for (const until = performance.now() + 25; performance.now() < until;) {
      for (let i = 0; i < 200 && found.length < count; i++, n++) {
        if (head(riddle + ":" + found.length + ":" + n) < 2 ** zeros) { found.push(n); n = -1; }
      }
      if (found.length === count) break;
    }
    bar.value = found.length;
    if (found.length < count) { setTimeout(work); return; }
    form.elements.answer.value = found.join(",");
    form.submit();
  };
  form.hidden = false;
  bar.hidden = false;
  setTimeout(work);
})();
