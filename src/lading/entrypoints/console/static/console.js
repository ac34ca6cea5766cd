// Keyboard, palette, sheets, copying and live refresh. Everything else is HTML from the server.
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const sheet = $("#sheet"), palette = $("#palette"), help = $("#help"), toasts = $("#toasts");

  function toast(text) {
    const note = document.createElement("div");
    note.className = "toast-note";
    note.textContent = text;
    toasts.append(note);
    setTimeout(() => note.remove(), 4000);
  }

  function open(dialog) {
    if (!dialog.open) dialog.showModal();
    if (dialog === palette) {
      const input = $("#palette-input");
      input.value = "";
      input.focus();
      htmx.trigger(input, "palette-open");
    }
  }

  // Rows: j, k, Enter, x.
  const rows = () => all("tr[data-href]");
  let at = -1;
  function goTo(index) {
    const list = rows();
    if (!list.length) return;
    at = Math.max(0, Math.min(index, list.length - 1));
    list.forEach((row, i) => row.classList.toggle("is-at", i === at));
    list[at].scrollIntoView({ block: "nearest" });
  }
  function row() { return rows()[at]; }

  function countPicked() {
    const bulk = $("#bulk");
    if (!bulk) return;
    const count = all("input[data-pick]:checked").length;
    bulk.classList.toggle("is-open", count > 0);
    const shown = $("[data-picked]", bulk);
    if (shown) shown.textContent = count;
  }

  // Palette: arrows and Enter.
  function choose(step) {
    const options = all("[role=option]", palette);
    if (!options.length) return;
    const now = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
    const next = (now + step + options.length) % options.length;
    options.forEach((option, i) => option.setAttribute("aria-selected", i === next ? "true" : "false"));
    options[next].scrollIntoView({ block: "nearest" });
  }

  let after = "";
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open(palette);
      return;
    }
    if (palette && palette.open) {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); choose(event.key === "ArrowDown" ? 1 : -1); }
      if (event.key === "Enter") {
        event.preventDefault();
        const chosen = $("[aria-selected=true]", palette);
        if (chosen) chosen.click();
      }
      return;
    }
    const typing = event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
    if (event.key === "Escape" && typing && !event.target.closest("dialog")) typing.blur();
    if (typing || event.ctrlKey || event.metaKey || event.altKey || $("dialog[open]")) return;
    if (after === "g") {
      after = "";
      const place = $(`[data-keys="g ${CSS.escape(event.key)}"]`);
      if (place) { event.preventDefault(); location.href = place.href; }
      return;
    }
    const done = () => event.preventDefault();
    switch (event.key) {
      case "/": done(); $("[data-search]").focus(); $("[data-search]").select(); break;
      case "?": done(); open(help); break;
      case "g": after = "g"; setTimeout(() => { after = ""; }, 1200); break;
      case "j": goTo(at + 1); break;
      case "k": goTo(at - 1); break;
      case "x": { const box = row() && $("input[data-pick]", row()); if (box) { box.checked = !box.checked; countPicked(); } break; }
      case "n": { const link = $("[data-new]"); if (link) { done(); link.click(); } break; }
      case "a": { const next = $("[data-next]"); if (next) { done(); next.click(); } break; }
      case "Enter": if (row() && !event.target.closest("a, button, input, summary")) { done(); location.href = row().dataset.href; } break;
    }
  });

  document.addEventListener("click", (event) => {
    const target = event.target;
    const opener = target.closest("[data-open]");
    if (opener) return open($("#" + opener.dataset.open));
    if (target.closest("[data-close]") || (target.matches("dialog") && target.open)) return target.closest("dialog").close();
    const leave = target.closest("dialog [data-cancel]");
    if (leave) { event.preventDefault(); return leave.closest("dialog").close(); }
    if (target.closest("[data-print]")) return window.print();
    if (target.closest("[data-dismiss]")) return target.closest(".notice").remove();
    if (target.closest("[data-print]")) return window.print();
    const copy = target.closest("[data-copy]");
    if (copy) {
      navigator.clipboard?.writeText(copy.dataset.copy).then(() => toast(toasts.dataset.copied), () => {});
      return;
    }
    const menu = target.closest("details.menu");
    all("details.menu[open]").forEach((open) => { if (open !== menu || target.closest(".menu-item")) open.removeAttribute("open"); });
    const line = target.closest("tr[data-href]");
    if (line && !target.closest("a, button, input, label, summary, .pick-cell") && !getSelection().toString()) {
      if (event.metaKey || event.ctrlKey) window.open(line.dataset.href); else location.href = line.dataset.href;
    }
  });

  document.addEventListener("change", (event) => {
    const target = event.target;
    if (target.matches("[data-pick-all]")) all("input[data-pick]").forEach((box) => { box.checked = target.checked; });
    if (target.matches("[data-pick], [data-pick-all]")) countPicked();
    if (target.matches("[data-submit]")) target.form.requestSubmit();
  });

  // Rows that are copied from a template (order lines).
  document.addEventListener("click", (event) => {
    const add = event.target.closest("[data-add-row]");
    if (add) {
      const model = $("#" + add.dataset.addRow), list = $("#" + add.dataset.into);
      list.append(model.content.cloneNode(true));
      $("input, select", list.lastElementChild).focus();
    }
    const drop = event.target.closest("[data-drop-row]");
    if (drop && all("[data-row]").length > 1) drop.closest("[data-row]").remove();
  });

  // Sheets: whatever lands in the sheet opens it.
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id === "sheet-body") {
      open(sheet);
      const field = $("[autofocus], input:not([type=hidden]), select, textarea", sheet);
      if (field) field.focus();
    }
    if (event.target.id === "palette-list") choose(1);
    if (event.target.closest("main")) { goToAgain(); countPicked(); }
  });
  // A part that refreshes itself waits while somebody is at work in it.
  document.addEventListener("htmx:beforeRequest", (event) => {
    const part = event.target;
    if (!part.matches || !part.matches("[data-live-part]")) return;
    if ($("input[data-pick]:checked", part) || $("details[open]", part) || $("dialog[open]")) event.preventDefault();
  });
  function goToAgain() { if (at >= 0) goTo(at); }
  document.addEventListener("htmx:sendError", () => toast(toasts.dataset.offline));

  // The tab that one is on, where a phone cannot show all of them.
  const tab = $(".section-here");
  if (tab) tab.parentElement.scrollLeft = tab.offsetLeft - tab.parentElement.offsetLeft - 60;

  // Live: one stream per visible page; what it names is refreshed by the parts that listen.
  let stream = null, lost = false;
  function listen() {
    if (stream || !document.body.dataset.live) return;
    stream = new EventSource(document.body.dataset.live);
    stream.onopen = () => { mark(true); if (lost) { lost = false; tell("changed"); all("[data-subject]").forEach((part) => tell("changed-" + part.dataset.subject)); } };
    stream.onerror = () => { lost = true; mark(false); };
    stream.addEventListener("changed", (event) => {
      const change = JSON.parse(event.data);
      tell("changed");
      const subjects = change.subjects.includes("*") ? all("[data-subject]").map((part) => part.dataset.subject) : change.subjects;
      subjects.forEach((id) => tell("changed-" + id));
    });
  }
  function hush() { if (stream) { stream.close(); stream = null; lost = true; } }
  function mark(live) { all("[data-live-state]").forEach((sign) => sign.classList.toggle("is-live", live)); }
  function tell(name) { if (window.htmx) htmx.trigger(document.body, name); }
  document.addEventListener("visibilitychange", () => (document.hidden ? hush() : listen()));
  window.addEventListener("pagehide", hush);
  window.addEventListener("pageshow", () => { if (!document.hidden) listen(); });
  if (!document.hidden) listen();
})();
