/* Lists with check boxes: choose all of a page; the button says how many. Works without. */
(() => {
  "use strict";

  for (const form of document.querySelectorAll("[data-pick]")) {
    const boxes = [...form.querySelectorAll('input[name="item"]')];
    const all = form.querySelector("[data-pick-all]");
    const button = form.querySelector("[data-pick-says]");
    const plain = button.textContent;

    const tell = () => {
      const chosen = boxes.filter((box) => box.checked).length;
      all.checked = chosen === boxes.length;
      all.indeterminate = chosen > 0 && chosen < boxes.length;
      button.disabled = chosen === 0;
      button.textContent = chosen ? button.dataset.pickSays.replace("{n}", String(chosen)) : plain;
    };

    all.addEventListener("change", () => {
      for (const box of boxes) box.checked = all.checked;
      tell();
    });
    form.addEventListener("change", tell);
    // The browser may bring back what was chosen before.
    window.addEventListener("pageshow", tell);
    tell();
  }
})();
