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

  const fillTimeZone = (field) => {
    if (field.value) return;
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (field.tagName !== "SELECT" || [...field.options].some((option) => option.value === zone)) field.value = zone;
  };
  const ready = (part) => {
    part.querySelectorAll("[data-toast]").forEach(arm);
    part.querySelectorAll("[data-set-timezone]").forEach(fillTimeZone);
    (part.querySelector("[data-errors]") || part.querySelector("[data-focus]"))?.focus();
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => { paintTheme(); ready(document); });
  else { paintTheme(); ready(document); }
  document.addEventListener("htmx:load", (event) => { if (event.target !== document.body) ready(event.target); });
  document.addEventListener("htmx:afterSettle", (event) => say(event.target.dataset?.say));
  document.addEventListener("htmx:sendError", () => say(document.body.dataset.offline));
})();
