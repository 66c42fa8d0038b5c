/* "Add a line": copies the empty row of a form of rows. Without it, spare blank rows do. */
(() => {
  "use strict";

  const add = (form) => {
    const total = form.querySelector(`[name="${form.dataset.rows}-TOTAL_FORMS"]`);
    const list = form.querySelector("[data-row-list]");
    const holder = document.createElement("template");
    holder.innerHTML = form.querySelector("[data-row-template]").innerHTML.replaceAll("__prefix__", total.value);
    const row = holder.content.firstElementChild;
    total.value = String(Number(total.value) + 1);
    list.append(row);
    row.querySelector("select, input:not([type=hidden])")?.focus();
  };

  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-add-row]") : null;
    if (button) add(button.closest("form"));
  });
})();
