"use strict";
// Keys for the queue, and templates for a reply. Everything works without them.
const rows = () => [...document.querySelectorAll("table.queue tbody tr")];
const typing = (target) => target.closest("input:not([type=checkbox]), textarea, select");

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
  else if (event.key === "x") document.activeElement.closest("tr")?.querySelector("input[name=codes]")?.click();
  else if (event.key === "/" && document.getElementById("find")) {
    event.preventDefault();
    document.getElementById("find").focus();
  }
});

// The table is fetched anew every few seconds: whoever stands on a row stays on it, what is picked stays picked, and
// nothing is fetched while somebody is writing in it.
const queue = document.getElementById("queue");
const picks = () => [...document.querySelectorAll("#queue input[name=codes]")];
let kept = { focus: null, picked: [] };
queue?.addEventListener("htmx:beforeSwap", (event) => {
  const writes = [...queue.querySelectorAll("input[name=reason]")].some((field) => field.value);
  if (writes) event.detail.shouldSwap = false;
  const focus = queue.contains(document.activeElement) ? document.activeElement.id : null;
  kept = { focus, picked: picks().filter((box) => box.checked).map((box) => box.id) };
});
queue?.addEventListener("htmx:afterSwap", () => {
  for (const id of kept.picked) document.getElementById(id)?.click();
  if (kept.focus) document.getElementById(kept.focus)?.focus();
});

const all = document.getElementById("pick-all");
if (all) all.closest("label").hidden = false;
all?.addEventListener("change", () => {
  for (const box of picks()) box.checked = all.checked;
});

document.addEventListener("change", (event) => {
  const fills = event.target.dataset?.fills;
  if (!fills || !event.target.value) return;
  const area = document.getElementById(fills);
  if (!area.value.trim() || window.confirm("用模板替换已写的内容？")) area.value = event.target.value;
});
