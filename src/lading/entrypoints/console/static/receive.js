// Receiving with a scanner: a scan counts its line up; where units have names, the scans after it are their names.
(() => {
  "use strict";
  const form = document.querySelector("[data-receive]");
  if (!form) return;
  const scan = form.querySelector("[data-scan-in]"), said = form.querySelector("[data-scan-said]");
  const rows = () => [...form.querySelectorAll("[data-got]")];
  let named = null, sound = null;

  function tell(right, text, facts = {}) {
    said.textContent = text.replace(/\{(\w+)\}/g, (_, name) => facts[name] ?? "");
    form.classList.toggle("is-right", right);
    form.classList.toggle("is-wrong", !right);
    try {
      sound ??= new AudioContext();
      const tone = sound.createOscillator(), volume = sound.createGain();
      tone.frequency.value = right ? 880 : 220;
      volume.gain.value = 0.08;
      tone.connect(volume).connect(sound.destination);
      tone.start();
      tone.stop(sound.currentTime + (right ? 0.08 : 0.35));
    } catch { /* a browser without sound */ }
    if (!right) navigator.vibrate?.(200);
  }

  function sum() {
    const all = rows().reduce((total, row) => total + Number(row.querySelector("[data-quantity]").value || 0) + Number(row.querySelector("[data-damaged]").value || 0), 0);
    form.querySelector("[data-got-sum]").textContent = all || "";
    rows().forEach((row) => {
      const count = Number(row.querySelector("[data-quantity]").value || 0) + Number(row.querySelector("[data-damaged]").value || 0);
      row.classList.toggle("is-whole", count > 0 && count === Number(row.dataset.expected));
      row.classList.toggle("is-over", count > Number(row.dataset.expected));
    });
  }

  function show(row) {
    rows().forEach((each) => each.classList.toggle("is-at", each === row));
    row.scrollIntoView({ block: "center" });
  }

  function count(row) {
    const box = row.querySelector("[data-quantity]"), all = Number(row.dataset.expected);
    box.value = Number(box.value || 0) + 1;
    const same = rows().filter((each) => each.dataset.got === row.dataset.got);
    const now = same.reduce((total, each) => total + Number(each.querySelector("[data-quantity]").value || 0), 0);
    tell(now <= all, now <= all ? form.dataset.counted : form.dataset.more, { sku: row.dataset.sku, count: now, all });
    show(row);
    sum();
  }

  function name(row, code) {
    const list = row.querySelector("[data-serials]"), known = list.value.split("\n").map((each) => each.trim()).filter(Boolean);
    if (known.includes(code)) return tell(false, form.dataset.twice, { code });
    list.value = [...known, code].join("\n");
    list.rows = Math.min(12, known.length + 1);
    count(row);
  }

  function read(code) {
    const lowered = code.toLowerCase();
    const found = rows().filter((row) => row.dataset.got.toLowerCase().split("\t").includes(lowered));
    const row = found.find((each) => Number(each.querySelector("[data-quantity]").value || 0) < Number(each.dataset.expected)) ?? found.at(-1);
    if (row && row.dataset.tracking === "serial") {
      named = row;
      tell(true, form.dataset.name, { sku: row.dataset.sku });
      return show(row);
    }
    if (row) { named = null; return count(found.length > 1 && row.dataset.tracking === "lot" ? found.at(-1) : row); }
    if (named) return name(named, code);
    tell(false, form.dataset.unknown, { code });
  }

  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.matches("textarea, button")) return;
    event.preventDefault();
    if (event.target !== scan) return scan.focus();
    const code = scan.value.trim();
    scan.value = "";
    if (code) read(code);
  });
  form.addEventListener("input", sum);
  form.addEventListener("click", (event) => {
    const another = event.target.closest("[data-another]");
    if (!another) return;
    const row = another.closest("[data-got]"), copy = row.cloneNode(true);
    copy.querySelectorAll("input:not([type=hidden])").forEach((box) => { box.value = ""; });
    copy.classList.remove("is-at", "is-whole", "is-over");
    row.after(copy);
    copy.querySelector("[data-lot]").focus();
  });
  sum();
})();
