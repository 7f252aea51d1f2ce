// Legal tips by topic; where there are none, the shelves of common questions.

import { $, button, element, labelOf } from "./kiosk-dom.js";
import { request } from "./kiosk-net.js";
import { readButton } from "./kiosk-voice.js";
import { answers } from "./kiosk-shelves.js";

const SHOWN = 6;

let topic = "";

// `browse` opens the shelves instead.
export async function openTips(browse) {
  try {
    await showTips();
  } catch {
    return browse();
  }
  const { topics } = await answers().catch(() => ({ topics: [] }));
  $("tip-topics").replaceChildren(...topics.map(({ id, title }) => {
    const made = button(title, () => { topic = topic === id ? "" : id; showTips().catch(browse); });
    made.dataset.topic = id;
    made.setAttribute("aria-pressed", "false");
    return made;
  }));
}

async function showTips() {
  const query = new URLSearchParams({ limit: SHOWN, ...(topic && { topic }) });
  const { items } = await request(`/api/v1/tips?${query}`);
  for (const one of $("tip-topics").children) one.setAttribute("aria-pressed", one.dataset.topic === topic);
  $("tip-list").replaceChildren(...items.map(card), ...(items.length ? [] : [element("p", "", "这一类暂时没有。")]));
}

function card({ question, text, citations }) {
  const basis = citations.map((cited) => (typeof cited === "string" ? cited : labelOf(cited))).join("、");
  return element("article", "card", element("h2", "", question), element("p", "", text), element("p", "soft", basis && `依据：${basis}`), ...readButton(`${question}。${text}`));
}
