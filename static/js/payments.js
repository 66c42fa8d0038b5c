/* The button says how much ("Record $900.00"), and the jobs' amounts are summed while typing.
   Display only: without it the same form works, and the server reads the amounts. */
(() => {
  "use strict";

  const text = (amount, currency) =>
    new Intl.NumberFormat("en-US", { style: "currency", currency }).format(amount);
  const read = (value) => {
    const plain = value.trim().replace(/^\$/, "").replaceAll(",", "");
    return /^\d+(\.\d+)?$/.test(plain) ? Number(plain) : null;
  };

  /* an amount that the server will refuse is not rounded into one that it would take */
  const fits = (value, currency) => {
    const decimals = new Intl.NumberFormat("en-US", { style: "currency", currency }).resolvedOptions().maximumFractionDigits;
    return (value.trim().split(".")[1] ?? "").length <= decimals;
  };

  const label = (button) => {
    button.dataset.plain ??= button.textContent;
    const typed = document.getElementById(button.dataset.amount)?.value ?? "";
    const amount = fits(typed, button.dataset.currency) ? read(typed) : null;
    button.textContent =
      amount ? `${button.dataset.says} ${text(amount, button.dataset.currency)}` : button.dataset.plain;
  };

  const sum = (place) => {
    const fields = place.closest("form").querySelectorAll(`[name$="-${place.dataset.sum}"]`);
    const total = [...fields].reduce((all, field) => all + (read(field.value) ?? 0), 0);
    place.textContent = total ? `So far ${text(total, place.dataset.currency)}` : "";
  };

  const all = () => {
    document.querySelectorAll("[data-says]").forEach(label);
    document.querySelectorAll("[data-sum]").forEach(sum);
  };
  document.addEventListener("input", all);
  all();
})();
