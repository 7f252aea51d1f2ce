"use strict";
// Notices to everybody: one that was put away stays away while this window lives. Runs right behind them, before they
// are painted, so that nothing jumps.
{
  const KEY = "fazhu-notices";
  const away = new Set(JSON.parse(sessionStorage.getItem(KEY) || "[]"));
  for (const notice of document.querySelectorAll("#notices p")) {
    const words = notice.querySelector("span").textContent;
    if (away.has(words)) notice.remove();
    const button = notice.querySelector("button");
    button.hidden = false;
    button.addEventListener("click", () => {
      notice.remove();
      sessionStorage.setItem(KEY, JSON.stringify([...away.add(words)]));
    });
  }
}
