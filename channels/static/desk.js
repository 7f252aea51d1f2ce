"use strict";
// Keys for the queue, and templates for a reply. Everything works without them.
const rows = () => [...document.querySelectorAll("table.queue tbody tr")];
const typing = (target) => target.closest("input, textarea, select");

const move = (by) => {
  const all = rows();
  if (!all.length) return;
  const now = all.findIndex((row) => row.contains(document.activeElement));
  const next = all[Math.max(0, Math.min(all.length - 1, now + by))];
  next.querySelector("a").focus();
  next.scrollIntoView({ block: "nearest" });
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else if (event.key === "/" && document.getElementById("find")) {
    event.preventDefault();
    document.getElementById("find").focus();
  }
});

// The table is fetched anew every few seconds: whoever stands on a row stays on it.
const queue = document.getElementById("queue");
let held = null;
queue?.addEventListener("htmx:beforeSwap", () => {
  held = document.activeElement?.closest("table.queue a")?.getAttribute("href");
});
queue?.addEventListener("htmx:afterSwap", () => {
  if (held) queue.querySelector(`a[href="${CSS.escape(held)}"]`)?.focus();
});

document.addEventListener("change", (event) => {
  const fills = event.target.dataset?.fills;
  if (!fills || !event.target.value) return;
  const area = document.getElementById(fills);
  if (!area.value.trim() || window.confirm("用模板替换已写的内容？")) area.value = event.target.value;
});
