// The kiosk: which screen follows which, and what is always at hand.

import { $, button, closed, element, go, view } from "./kiosk-dom.js";
import { handOver, isTaken } from "./kiosk-handover.js";
import { watchIdle } from "./kiosk-idle.js";
import { stopListening } from "./kiosk-live.js";
import { isOffline, isRegistered, keepBeating, register } from "./kiosk-net.js";
import { look, setUpPlaces } from "./kiosk-places.js";
import { printItem } from "./kiosk-print.js";
import { answers, openShelves } from "./kiosk-shelves.js";
import { conversation, forgetTalk, openTalk, say, setUpTalk } from "./kiosk-talk.js";
import { openTips } from "./kiosk-tips.js";
import { readButton, setUpVoice } from "./kiosk-voice.js";
import { wipe } from "./kiosk-wipe.js";

const hasCitizen = () => !["attract", "setup"].includes(view());

// ---- ways from the first screen

const WAYS = {
  talk: () => openTalk(),
  guides: () => openGuides("guide", "paper"),
  sums: () => openGuides("calculator"),
  human: () => openTalk("转人工"),
  ticket: () => openTalk("查工单"),
  places: () => { go("places"); look(); },
  browse,
  tips: () => { go("tips"); openTips(browse); },
};

function openGuides(...kinds) {
  for (const one of document.querySelectorAll("#guides .kind")) one.hidden = !kinds.includes(one.dataset.kind);
  go("guides");
}

function browse() {
  go("browse");
  openShelves($("shelves"), showItem);
}

async function showItem(item, back) {
  const { drafted } = await answers();
  const shelf = $("shelves").lastElementChild;
  shelf.replaceChildren(
    button("← 返回", back), element("h2", "", item.question), element("p", "card", item.text),
    element("p", "", `法律依据：${item.citations.join("、")}`), element("p", "soft", item.reviewed || drafted),
    element("div", "picks", button("细问这件事", () => openTalk(item.question), "main"), button("打印", () => printItem(item, drafted)), ...readButton(`${item.question}。${item.text}`)),
  );
}

function pickSituation() {
  openShelves($("situation-shelves"), (item) => { $("picker").close(); say(item.question); });
  closed($("picker"));
}

// ---- the end

let ending = false;

async function end(keepOnServer = false) {
  if (ending) return;
  ending = true;
  const session = conversation();
  stopListening();
  const taken = keepOnServer || (await isTaken(session));
  forgetTalk();
  await wipe(taken ? null : session);
}

async function askToEnd() {
  if (!conversation() && !$("text").value) return end();
  if ((await closed($("ending"))) === "end") end();
}

function start() {
  go("attract");
  $("phone").hidden = true;
  document.querySelector("main").inert = false;
  ending = false;
}

// ---- registration

function serve() {
  go("attract");
  keepBeating(() => (hasCitizen() ? "busy" : "idle"));
}

async function setUp(given) {
  $("register-fault").textContent = "";
  try {
    await register(given);
    serve();
  } catch (error) {
    go("setup");
    $("register-fault").textContent = error.citizen;
  }
}

// ---- at hand

function tick() {
  const now = new Date().toLocaleString("zh-CN", { month: "long", day: "numeric", weekday: "long", hour: "2-digit", minute: "2-digit" });
  if ($("clock").textContent !== now) $("clock").textContent = now;
}

function wire() {
  $("start").addEventListener("click", () => go("home"));
  for (const one of document.querySelectorAll("[data-do]")) one.addEventListener("click", () => WAYS[one.dataset.do]());
  for (const one of document.querySelectorAll("[data-say]")) one.addEventListener("click", () => openTalk(one.dataset.say));
  $("go-home").addEventListener("click", () => go("home"));
  $("large").addEventListener("click", () => {
    $("large").setAttribute("aria-pressed", document.documentElement.classList.toggle("large"));
    $("log").lastElementChild?.scrollIntoView();
  });
  $("end").addEventListener("click", askToEnd);
  $("situations").addEventListener("click", pickSituation);
  $("phone").addEventListener("click", () => handOver(conversation(), () => end(true)));
  $("register").addEventListener("submit", (event) => { event.preventDefault(); setUp($("token").value); });
  document.addEventListener("wiped", start);
  document.addEventListener("unregistered", () => (hasCitizen() ? end() : go("setup")));
  document.addEventListener("contextmenu", (event) => event.preventDefault()); // a long touch opens no menu
}

function begin() {
  wire();
  setUpTalk();
  setUpPlaces();
  setUpVoice((words) => { $("text").value += words; });
  watchIdle(hasCitizen, end);
  tick();
  setInterval(tick, 1000);
  navigator.serviceWorker?.register("/kiosk/sw.js", { scope: "/kiosk" }).catch(() => {});
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (location.hash) history.replaceState(null, "", "/kiosk");
  if (given) setUp(given);
  else if (isRegistered()) serve();
  else go("setup");
  // After the first screen is there: what can be read without a network.
  (window.requestIdleCallback || setTimeout)(() => { if (!isOffline()) answers().catch(() => {}); });
}

begin();
