// The admin theme marks no main region, gives every scrolling box the same name, and its search
// fields none: they are called by their value alone, which is empty at first. Fields in a table of
// rows have no name either: they are called as their column is.
addEventListener("load", () => {
  document.getElementById("main")?.setAttribute("role", "main");
  document.getElementById("nav-sidebar-inner")?.setAttribute("aria-label", "Alongside");
  for (const box of document.querySelectorAll(".simplebar-content-wrapper[role=region]")) {
    box.removeAttribute("role");
    box.removeAttribute("aria-label");
  }
  for (const select of document.querySelectorAll("select.select2-hidden-accessible")) {
    const label = select.labels[0];
    const field = select.nextElementSibling?.querySelector("[role=combobox]");
    if (!label || !field) continue;
    label.id ||= `${select.id}-label`;
    field.setAttribute("aria-labelledby", `${label.id} ${field.getAttribute("aria-labelledby") ?? ""}`.trim());
  }
  for (const field of document.querySelectorAll("td[data-label] :is(input:not([type=hidden]), select, textarea)")) {
    if (!field.labels.length && !field.ariaLabel) field.ariaLabel = field.closest("td").dataset.label;
  }
});
