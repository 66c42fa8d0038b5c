/* Small helps on top of pages that work without it. No framework, no eval, no inline style. */
(() => {
  "use strict";

  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const remembered = {
    get: (key) => { try { return localStorage.getItem(key); } catch { return null; } },
    set: (key, value) => { try { localStorage.setItem(key, value); } catch { /* private window */ } },
  };

  const say = (text) => {
    const toast = document.getElementById("toast");
    if (!toast) return;
    toast.textContent = text;
    clearTimeout(say.timer);
    say.timer = setTimeout(() => { toast.textContent = ""; }, 2500);
  };

  /* copy buttons: <button data-copy="pi_123"> */
  const copy = async (button) => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      say(`Copied ${button.dataset.copy}`);
    } catch {
      const text = button.parentElement.querySelector("code");
      if (text) getSelection().selectAllChildren(text);
      say("Selected: press Ctrl C or ⌘ C to copy");
    }
  };

  /* dialogs: <a href="/confirm/" data-dialog="id"> opens <dialog id="id">; without script the link leads to the page */
  const openDialog = (event, opener) => {
    const dialog = document.getElementById(opener.dataset.dialog);
    if (!(dialog instanceof HTMLDialogElement)) return;
    event.preventDefault();
    dialog.showModal();
  };

  /* theme: kept in a cookie, so that the server writes it and nothing flashes */
  const setTheme = (theme) => {
    const root = document.documentElement;
    if (theme === "system") root.removeAttribute("data-theme");
    else root.dataset.theme = theme;
    const age = theme === "system" ? 0 : 31536000;
    document.cookie = `theme=${theme}; path=/; max-age=${age}; samesite=lax`;
    for (const button of document.querySelectorAll("[data-set-theme]")) {
      button.setAttribute("aria-pressed", String(button.dataset.setTheme === theme));
    }
  };

  const shortcutsOn = () => remembered.get("shortcuts") !== "off";
  const showShortcuts = () => {
    for (const button of document.querySelectorAll("[data-shortcuts]")) {
      button.setAttribute("aria-pressed", String(shortcutsOn()));
    }
    for (const hint of document.querySelectorAll("[data-shortcut-hint]")) hint.hidden = !shortcutsOn();
  };

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (!target) return;
    const part = (selector) => target.closest(selector);
    if (part("[data-copy]")) copy(part("[data-copy]"));
    else if (part("[data-dialog]")) openDialog(event, part("[data-dialog]"));
    else if (part("[data-close]")) { event.preventDefault(); part("dialog")?.close(); }
    else if (part("[data-set-theme]")) setTheme(part("[data-set-theme]").dataset.setTheme);
    else if (part("[data-print]")) print();
    else if (part("[data-shortcuts]")) { remembered.set("shortcuts", shortcutsOn() ? "off" : "on"); showShortcuts(); }
    if (target instanceof HTMLDialogElement) target.close();
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(target)) menu.open = false;
    }
  });

  /* a form is sent once; the button says so */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.once === undefined) return;
    if (form.dataset.sent !== undefined) { event.preventDefault(); return; }
    form.dataset.sent = "";
    for (const button of form.querySelectorAll("button[type=submit]")) button.setAttribute("aria-disabled", "true");
  });
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      for (const button of form.querySelectorAll("button[aria-disabled]")) button.removeAttribute("aria-disabled");
    }
  });

  /* rows: #e-987 (or ?entry=987) opens, highlights and focuses; not on this page: ask the server which page it is on */
  const focusRow = (row) => {
    for (let box = row; box; box = box.parentElement?.closest("details")) {
      if (box instanceof HTMLDetailsElement) box.open = true;
    }
    for (const old of document.querySelectorAll(".is-target")) old.classList.remove("is-target");
    row.classList.add("is-target");
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "center", behavior: calm.matches ? "auto" : "smooth" });
  };
  const followHash = () => {
    const asked = new URLSearchParams(location.search).get("entry");
    const hash = /^#e-([\w-]+)$/.exec(location.hash);
    const wanted = hash ? hash[1] : location.hash ? null : asked;
    if (!wanted || !document.querySelector("[data-timeline]")) return;
    const row = document.getElementById(`e-${wanted}`);
    if (row) focusRow(row);
    else if (asked === wanted) say("That entry is not on this page");
    else location.replace(`${location.pathname}?entry=${encodeURIComponent(wanted)}#e-${wanted}`);
  };
  addEventListener("hashchange", followHash);

  const step = (direction) => {
    const rows = [...document.querySelectorAll("[data-timeline] [data-row]")].filter((row) => row.getClientRects().length);
    const at = rows.indexOf(document.activeElement?.closest("[data-row]"));  // the innermost: rows may hold rows
    const next = rows[Math.min(rows.length - 1, Math.max(0, at + direction))];
    if (!next) return;
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest", behavior: calm.matches ? "auto" : "smooth" });
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      for (const menu of document.querySelectorAll("details.menu[open]")) {
        const inside = menu.contains(document.activeElement);
        menu.open = false;
        if (inside) menu.querySelector("summary").focus();
      }
      return;
    }
    const typing = event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !shortcutsOn()) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "/") {
      const search = document.getElementById("search");
      if (search) { event.preventDefault(); search.focus(); search.select(); }
    } else if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
  });

  /* relative times, counted in the same steps as the template tag "ago" */
  const ago = (date) => {
    const seconds = (Date.now() - date.getTime()) / 1000;
    const size = Math.abs(seconds);
    if (size < 45) return "just now";
    const steps = [[3600, 60, "minute"], [86400, 3600, "hour"], [2592000, 86400, "day"], [31536000, 2629746, "month"], [Infinity, 31556952, "year"]];
    const [, length, unit] = steps.find(([limit]) => size < limit);
    const count = Math.max(1, Math.floor(size / length));
    const words = `${count} ${unit}${count === 1 ? "" : "s"}`;
    return seconds < 0 ? `in ${words}` : `${words} ago`;
  };
  const refreshTimes = () => {
    if (document.hidden) return;
    for (const time of document.querySelectorAll("time[data-relative]")) {
      const slot = time.querySelector("[data-ago]") ?? time;
      const text = ago(new Date(time.dateTime));
      if (slot.textContent !== text) slot.textContent = text;
    }
  };
  setInterval(refreshTimes, 30000);
  document.addEventListener("visibilitychange", refreshTimes);

  showShortcuts();
  followHash();
})();
