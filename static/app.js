// Small enhancements only: every page works without this file.
(() => {
  "use strict";
  const root = document.documentElement;
  const FADE_AFTER = 10000;

  const paintTheme = () => document.querySelectorAll("[data-theme-form] button").forEach((button) => {
    button.setAttribute("aria-pressed", String(button.value === (root.dataset.theme || "auto")));
  });
  const setTheme = (value) => {
    if (value === "auto") delete root.dataset.theme; else root.dataset.theme = value;
    const secure = location.protocol === "https:" ? ";secure" : "";
    const age = value === "auto" ? 0 : 31536000;
    document.cookie = `theme=${value};path=/;max-age=${age};samesite=lax${secure}`;
    paintTheme();
  };

  // Toasts fade unless the pointer or focus is on them; errors and data-stay wait for the person.
  const arm = (toast) => {
    if ("stay" in toast.dataset) return;
    const leave = () => {
      if (toast.matches(":hover, :focus-within")) setTimeout(leave, FADE_AFTER); else toast.remove();
    };
    setTimeout(leave, FADE_AFTER);
  };
  const say = (text) => {
    const toasts = document.getElementById("toasts");
    if (!toasts || !text) return;
    const toast = document.createElement("div");
    toast.className = "toast";
    toast.dataset.toast = "";
    toast.append(Object.assign(document.createElement("p"), { textContent: text }));
    toasts.append(toast);
    arm(toast);
  };

  const toggle = (button) => {
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(on));
    say(on ? button.dataset.on : button.dataset.off);
  };

  // An answer that is optional can be taken back: choose the chosen chip again.
  const wasChecked = new WeakMap();
  const isClearable = (target) => target.matches?.("[data-clearable] input[type=radio]");
  document.addEventListener("pointerdown", (event) => {
    if (isClearable(event.target)) wasChecked.set(event.target, event.target.checked);
  });
  const clear = (radio) => {
    radio.checked = false;
    radio.dispatchEvent(new Event("change", { bubbles: true }));
  };

  document.addEventListener("click", (event) => {
    const target = event.target;
    if (isClearable(target) && wasChecked.get(target)) { wasChecked.delete(target); clear(target); return; }
    const pressed = target.closest("[data-toggle]");
    if (pressed) toggle(pressed);
    if (target.closest("[data-print]")) print();
    const copy = target.closest("[data-copy]");
    if (copy) navigator.clipboard?.writeText(document.getElementById(copy.dataset.copy).textContent).then(() => say(copy.dataset.said));
    target.closest("[data-dismiss]")?.closest("[data-toast]")?.remove();
  });
  document.addEventListener("keydown", (event) => {
    if (isClearable(event.target) && (event.key === "Delete" || event.key === "Backspace")) clear(event.target);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-theme-form]") || !event.submitter) return;
    event.preventDefault();
    setTheme(event.submitter.value);
  });
  document.addEventListener("input", (event) => {            // slider: show its value
    if (event.target.type !== "range") return;
    const output = document.querySelector(`output[for="${CSS.escape(event.target.id)}"]`);
    if (output) output.textContent = event.target.value;
  });
  document.addEventListener("change", (event) => {
    event.target.closest?.("form[data-autosubmit]")?.requestSubmit();
  });

  // A week of hours: drag to paint, arrows to move, shift and arrows to paint while moving.
  let paint = null;
  const cellOf = (target) => target?.closest?.("[data-week] input");
  const put = (cell, on) => {
    if (!cell || cell.checked === on) return;
    cell.checked = on;
    cell.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const rove = (week) => week.querySelectorAll("input").forEach((cell, at) => { cell.tabIndex = at ? -1 : 0; });
  document.addEventListener("pointerdown", (event) => {
    const cell = cellOf(event.target);
    if (!cell || event.button) return;
    event.target.releasePointerCapture?.(event.pointerId);
    paint = { on: !cell.checked, first: cell };
  });
  document.addEventListener("pointermove", (event) => {
    if (!paint) return;
    const cell = cellOf(document.elementFromPoint(event.clientX, event.clientY));
    if (!cell || (cell === paint.first && !paint.moved)) return;
    paint.moved = true;
    put(paint.first, paint.on);
    put(cell, paint.on);
  });
  const lift = () => { if (paint?.moved) { const { first } = paint; first.dataset.painted = ""; setTimeout(() => delete first.dataset.painted); } paint = null; };
  ["pointerup", "pointercancel"].forEach((name) => document.addEventListener(name, lift));
  document.addEventListener("click", (event) => {
    if (cellOf(event.target) && "painted" in event.target.dataset) event.preventDefault();
  });
  const STEPS = { ArrowUp: -1, ArrowDown: 1, ArrowLeft: -24, ArrowRight: 24 };
  document.addEventListener("keydown", (event) => {
    const cell = cellOf(event.target), step = STEPS[event.key];
    if (!cell || !step) return;
    event.preventDefault();
    const week = cell.closest("[data-week]");
    const at = Number(cell.value) + (document.dir === "rtl" && Math.abs(step) > 1 ? -step : step);
    const sameDay = Math.abs(step) > 1 || Math.floor(at / 24) === Math.floor(Number(cell.value) / 24);
    const next = sameDay && week.querySelector(`input[value="${at}"]`);
    if (!next) return;
    const folded = next.closest("details:not([open])");
    if (folded) folded.open = true;
    week.querySelectorAll("input").forEach((other) => { other.tabIndex = other === next ? 0 : -1; });
    next.focus();
    if (event.shiftKey) put(next, cell.checked);
  });

  const fillTimeZone = (field) => {
    if (field.value) return;
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (field.tagName !== "SELECT" || [...field.options].some((option) => option.value === zone)) field.value = zone;
  };
  const ready = (part) => {
    part.querySelectorAll("[data-toast]").forEach(arm);
    part.querySelectorAll("[data-set-timezone]").forEach(fillTimeZone);
    part.querySelectorAll("[data-week]").forEach(rove);
    (part.querySelector("[data-errors]") || part.querySelector("[data-focus]"))?.focus();
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => { paintTheme(); ready(document); });
  else { paintTheme(); ready(document); }
  document.addEventListener("htmx:load", (event) => { if (event.target !== document.body) ready(event.target); });
  document.addEventListener("htmx:afterSettle", (event) => say(event.target.dataset?.say));
  document.addEventListener("htmx:sendError", () => say(document.body.dataset.offline));
})();
