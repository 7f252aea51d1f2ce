// Nobody there: after `data-idle` seconds without a touch a countdown that can be extended, then the end.

import { $, closed } from "./kiosk-dom.js";
import { isSpeaking } from "./kiosk-voice.js";

const COUNTDOWN = 15; // seconds
const TOUCHES = ["pointerdown", "keydown", "input", "wheel"];

let touched = 0; // ms
let asking = false;

// `watched` tells whether there is anything to forget; `end` forgets it.
export function watchIdle(watched, end) {
  touch();
  for (const name of TOUCHES) document.addEventListener(name, touch, { capture: true, passive: true });
  setInterval(() => {
    if (!watched() || isSpeaking()) touch();
    else if (!asking && Date.now() - touched >= Number(document.body.dataset.idle) * 1000) ask(end);
  }, 1000);
}

function touch() {
  touched = Date.now();
}

async function ask(end) {
  asking = true;
  const dialog = $("still");
  const until = Date.now() + COUNTDOWN * 1000;
  const count = () => {
    const left = Math.ceil((until - Date.now()) / 1000);
    if (left <= 0) return dialog.close("end");
    $("still-left").textContent = left;
    if (left % 5 === 0) $("still-said").textContent = `还有 ${left} 秒清除。要接着用，请按“继续用”。`;
  };
  dialog.returnValue = "stay"; // also by the Escape key
  count();
  const timer = setInterval(count, 250);
  const how = await closed(dialog);
  clearInterval(timer);
  asking = false;
  $("still-said").textContent = "";
  touch();
  if (how === "end") end();
}
