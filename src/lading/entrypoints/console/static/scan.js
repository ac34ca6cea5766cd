// A scanner in hand. What is scanned or typed is kept in the browser until the server has answered: a reload, a hole in the radio or a
// log-in in between loses nothing, and each scan carries an id of its own, so that it counts once however often it is sent.
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const form = $("[data-scan]"), field = $("[data-scan-code]");
  if (!field) return;
  const fresh = () => Date.now().toString(36) + Math.random().toString(36).slice(2);

  // Right and wrong, for the ear and the eye.
  let sound = null;
  function beep(right, asks) {
    form.classList.remove("is-right", "is-wrong", "is-asking");
    form.classList.add(right ? "is-right" : asks ? "is-asking" : "is-wrong");
    if (navigator.vibrate && !right) navigator.vibrate([120, 60, 120]);
    try {
      sound = sound || new AudioContext();
      const tone = sound.createOscillator(), volume = sound.createGain();
      tone.type = right ? "sine" : "square";
      tone.frequency.value = right ? 1320 : 180;
      volume.gain.value = 0.08;
      tone.connect(volume).connect(sound.destination);
      tone.start();
      tone.stop(sound.currentTime + (right ? 0.08 : 0.35));
    } catch { /* without sound there is still the colour */ }
  }
  function complain(node) {
    const list = $("[data-scan-wrong]");
    node.removeAttribute("role");
    const close = document.createElement("button");
    close.type = "button";
    close.className = "btn-close";
    close.dataset.dismiss = "";
    close.setAttribute("aria-label", list.dataset.closeWord);
    node.append(close);
    list.prepend(node);
    all(".notice", list).slice(4).forEach((old) => old.remove());
  }

  // The queue of what is not acknowledged yet.
  const key = "scan:" + form.getAttribute("action");
  const load = () => { try { return JSON.parse(localStorage.getItem(key)) || []; } catch { return []; } };
  let queue = load(), flying = false, timer = 0;
  function keep() { try { localStorage.setItem(key, JSON.stringify(queue)); } catch { /* private window */ } }
  function waiting(shown) {
    const sign = $("[data-scan-waiting]");
    sign.hidden = !shown || !queue.length;
    $("span", sign).textContent = sign.dataset.text.replace("{count}", queue.length);
  }
  const sameLine = (left, right) => "quantity" in left && "quantity" in right && left.sku === right.sku && left.lot === right.lot;
  function enqueue(fields, target) {
    delete fields._token;
    const last = queue[queue.length - 1];
    if (last && !(flying && queue.length === 1) && sameLine(last.fields, fields)) last.fields = fields;
    else queue.push({ id: fresh(), fields, target });
    keep();
    clearTimeout(timer);
    timer = setTimeout(pump, "quantity" in fields ? 250 : 0);
  }
  async function pump() {
    if (flying || !queue.length) return;
    flying = true;
    const item = queue[0];
    let answer = null, sign = "";
    try {
      const hidden = Object.fromEntries(all("input[type=hidden][form=" + form.id + "]").map((each) => [each.name, each.value]));
      const token = JSON.parse(document.body.getAttribute("hx-headers"))["x-csrf-token"];
      answer = await fetch(form.action, {
        method: "POST",
        headers: { "hx-request": "true", "x-csrf-token": token },
        body: new URLSearchParams({ ...hidden, ...item.fields, _id: item.id }),
      });
      sign = answer.headers.get("x-scan") || "";
    } catch { /* nobody there: tried again below */ }
    flying = false;
    if (answer && answer.headers.get("hx-redirect")) { location.href = "/login?next=" + encodeURIComponent(location.pathname); return; }
    if (!answer || !sign || sign === "again") {
      waiting(true);
      clearTimeout(timer);
      timer = setTimeout(pump, 3000);
      return;
    }
    queue.shift();
    keep();
    show(item.target, await answer.text());
    beep(sign === "right", sign === "ask");
    waiting(queue.length > 3);
    if (queue.length) pump();
  }
  function show(target, html) {
    const state = $(target);
    const busy = document.activeElement && document.activeElement.matches(".step-units") && document.activeElement.dataset.touched;
    if (busy) return;
    state.innerHTML = html;
    htmx.process(state);
    all("[data-wrong]", state).forEach(complain);
    const now = $("[data-now]", state);
    const later = now && queue.find((item) => "quantity" in item.fields && item.fields.sku === now.dataset.now && item.fields.lot === now.dataset.nowLot);
    if (later) $(".step-units", now).value = later.fields.quantity;
    home();
  }

  // Forms that go through the queue.
  document.addEventListener("submit", (event) => {
    const sent = event.target.closest("[data-queue]");
    if (!sent) return;
    event.preventDefault();
    const fields = Object.fromEntries(new FormData(sent));
    if (sent === form) {
      const code = field.value.trim();
      field.value = "";
      if (code) scanned(code);
      return;
    }
    delete fields._id;
    all(".step-units", sent).forEach((units) => { delete units.dataset.touched; });
    enqueue(fields, sent.dataset.queue);
    home();
  });
  document.addEventListener("click", (event) => {
    const step = event.target.closest("[data-step]");
    if (!step) return;
    const stepper = step.form, units = $(".step-units", stepper);
    units.value = Math.max(0, (parseInt(units.value, 10) || 0) + Number(step.dataset.step));
    enqueue(Object.fromEntries(new FormData(stepper)), stepper.dataset.queue);
  });
  document.addEventListener("input", (event) => { if (event.target.matches(".step-units")) event.target.dataset.touched = "yes"; });
  document.addEventListener("change", (event) => {
    const units = event.target;
    if (!units.matches(".step-units") || units.value === "" || !units.dataset.touched) return;
    delete units.dataset.touched;
    enqueue(Object.fromEntries(new FormData(units.form)), units.form.dataset.queue);
  });

  function scanned(code) {
    if (form.dataset.queue) enqueue({ code }, form.dataset.queue);
    else into(code);
  }

  // Rows that a scan fills: what arrived of a transfer.
  function into(code) {
    const rows = all("tr[data-codes]").filter((row) => row.dataset.codes.split("\n").includes(code));
    const free = rows.find((row) => { const box = $("input", row); return !box.max || Number(box.value || 0) < Number(box.max); });
    if (!free) {
      const note = document.createElement("div");
      note.className = "notice notice-bad";
      const text = document.createElement("span");
      text.textContent = code + ": " + (rows.length ? form.dataset.full : form.dataset.unknown);
      note.append(text);
      complain(note);
      beep(false);
      return;
    }
    const box = $("input", free);
    box.value = Number(box.value || 0) + 1;
    all(".is-scanned").forEach((row) => row.classList.remove("is-scanned"));
    free.classList.add("is-scanned");
    free.scrollIntoView({ block: "nearest" });
    draft();
    beep(true);
  }
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-whole]")) return;
    for (const row of all("tr[data-codes]")) {
      const [first, ...others] = all("input", row);
      first.value = Math.max(0, Number(first.max) - others.reduce((sum, other) => sum + Number(other.value || 0), 0));
    }
    draft();
  });
  const sheetForm = form.dataset.fills ? form.closest(form.dataset.fills) : null;
  const drafts = sheetForm && "draft:" + sheetForm.getAttribute("action") + ":", draftKey = drafts + form.dataset.version;
  function draft() {
    const values = Object.fromEntries(all("tr[data-codes] input", sheetForm).map((box) => [box.name, box.value]));
    try { localStorage.setItem(draftKey, JSON.stringify(values)); } catch { /* private window */ }
  }
  if (sheetForm) {
    let kept = {};
    try { kept = JSON.parse(localStorage.getItem(draftKey)) || {}; } catch { /* nothing kept */ }
    for (const [name, value] of Object.entries(kept)) { const box = $(`[name="${CSS.escape(name)}"]`, sheetForm); if (box) box.value = value; }
    sheetForm.addEventListener("input", draft);
    try {
      Object.keys(localStorage).filter((old) => old.startsWith(drafts) && old !== draftKey).forEach((old) => localStorage.removeItem(old));
    } catch { /* nothing kept */ }
  }

  // The focus comes home, and a scanner that types elsewhere is understood all the same: it types faster than people, and ends with Enter.
  function home() {
    const now = document.activeElement;
    if (!now || now === document.body || now.matches("button, a") || !now.isConnected) field.focus({ preventScroll: true });
  }
  let typed = "", since = 0, before = null;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target, now = performance.now();
    if (event.key.length === 1) {
      if (now - since > 60) { typed = ""; before = target.matches("input") ? { target, value: target.value } : null; }
      typed += event.key;
      since = now;
      if (!target.closest("input, textarea, select, dialog, summary")) { field.focus({ preventScroll: true }); event.stopImmediatePropagation(); }
      return;
    }
    if (event.key !== "Enter") return;
    const burst = typed.length >= 6 && now - since < 60;
    if (burst && target !== field && before && before.target === target && !target.closest("dialog")) {
      event.preventDefault();
      event.stopImmediatePropagation();
      target.value = before.value;
      delete target.dataset.touched;
      field.focus({ preventScroll: true });
      scanned(typed);
    } else if (target === field && form.tagName !== "FORM") {
      event.preventDefault();
      const code = field.value.trim();
      field.value = "";
      if (code) scanned(code);
    }
    typed = "";
  }, true);
  document.addEventListener("click", (event) => { if (!event.target.closest("input, textarea, select, summary, dialog, video")) setTimeout(home, 0); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) { home(); pump(); } });
  window.addEventListener("online", pump);

  // A phone's own keyboard stays away until it is asked for: it would cover half of the screen.
  const typing = $("[data-typing]");
  if (typing && matchMedia("(pointer: coarse)").matches) {
    typing.hidden = false;
    field.inputMode = "none";
    typing.addEventListener("click", () => {
      const on = field.inputMode === "none";
      field.inputMode = on ? "text" : "none";
      typing.setAttribute("aria-pressed", String(on));
      field.blur();
      field.focus();
    });
  }

  // The camera. Where the browser reads no bar codes by itself, bars.js does.
  const camera = $("[data-camera]"), view = $("[data-camera-view]");
  let stream = null, seen = "", seenAt = 0;
  async function reader() {
    if ("BarcodeDetector" in window) {
      const formats = await (BarcodeDetector.getSupportedFormats?.() ?? ["unknown"]);
      if (formats.length) return new BarcodeDetector();
    }
    const { Detector } = await import(camera.dataset.reader);
    return new Detector();
  }
  async function look(detector, video) {
    if (!stream) return;
    try {
      const [found] = await detector.detect(video);
      const now = performance.now();
      if (found) {
        // The same code counts again once it was out of sight for a moment.
        if (found.rawValue !== seen || now - seenAt > 700) scanned(found.rawValue);
        seen = found.rawValue;
        seenAt = now;
      }
    } catch { /* a frame that cannot be read */ }
    setTimeout(() => look(detector, video), 120);
  }
  async function toggle() {
    if (stream) {
      stream.getTracks().forEach((track) => track.stop());
      stream = null;
    } else {
      try {
        stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
        const video = $("video", view);
        video.srcObject = stream;
        await video.play();
        look(await reader(), video);
      } catch { stream = null; beep(false); }
    }
    view.hidden = !stream;
    camera.setAttribute("aria-pressed", String(Boolean(stream)));
    field.focus({ preventScroll: true });
  }
  if (camera && navigator.mediaDevices) {
    camera.hidden = false;
    camera.addEventListener("click", toggle);
    window.addEventListener("pagehide", () => { if (stream) toggle(); });
  }

  home();
  if (queue.length) pump();
})();
