// Answers by topic and kind, from the copy on this machine: to be read without a network, or chosen as what to ask.

import { button, element } from "./kiosk-dom.js";

const MOST = 12; // questions found by words
const PATIENCE = 3000; // ms for a new service worker to take over

let loading = null;

// {drafted, topics, items} of /kiosk/answers.json; fetched once, kept by the service worker.
export function answers() {
  loading ||= inCare().then(load);
  return loading;
}

// Until the service worker sees what the page fetches; where there is none, they are fetched all the same.
async function inCare() {
  const keeper = navigator.serviceWorker;
  if (!keeper || keeper.controller) return;
  await new Promise((resolve) => {
    keeper.addEventListener("controllerchange", resolve, { once: true });
    setTimeout(resolve, PATIENCE);
  });
}

async function load() {
  try {
    const response = await fetch("/kiosk/answers.json");
    if (!response.ok) throw new Error(response.status);
    return await response.json();
  } catch (error) {
    loading = null;
    throw error;
  }
}

// Fill `place` with shelves; `pick(item, back)` is called with the question chosen.
export async function openShelves(place, pick) {
  place.replaceChildren(element("p", "soft", "正在取……"));
  let content;
  try {
    content = await answers();
  } catch {
    return place.replaceChildren(element("p", "", "没能取到常见问题，请稍后再试。要找人工请打 12348。"));
  }
  const search = element("form", "search");
  const words = element("input");
  Object.assign(words, { id: `${place.id}-words`, maxLength: 60, autocomplete: "off", placeholder: "也可以打几个字找，例如：押金" });
  words.setAttribute("aria-label", "打几个字找问题");
  search.append(words, element("button", "", "找"));
  const shelf = element("div");
  const topics = () => shelf.replaceChildren(tiles(content.topics.map(({ id, title }) => button(title, () => kinds(id, title)))));
  const kinds = (id, title) => {
    const items = content.items.filter((item) => item.topic === id);
    const names = [...new Set(items.map((item) => item.kind))];
    level(title, names.map((name) => button(name, () => questions(name, items.filter((item) => item.kind === name), () => kinds(id, title)))), topics);
  };
  const questions = (title, items, back) => level(title, items.map((item) => button(item.question, () => pick(item, () => questions(title, items, back)))), back);
  const level = (title, buttons, back) => {
    shelf.replaceChildren(button("← 返回", back), element("h2", "", title), tiles(buttons));
    place.scrollTop = 0;
  };
  search.addEventListener("submit", (event) => {
    event.preventDefault();
    if (words.value.trim()) questions(`“${words.value.trim()}”`, find(content.items, words.value), topics);
  });
  topics();
  place.replaceChildren(search, shelf);
}

function tiles(buttons) {
  return element("div", "tiles", ...buttons, ...(buttons.length ? [] : [element("p", "", "没有找到，换几个字试试。")]));
}

// Those that have most pairs of neighbouring characters of the words; in the question they count twice.
function find(items, words) {
  const said = words.replace(/\s/g, "");
  const pairs = said.length < 2 ? [said] : [...said.slice(1)].map((_, i) => said.slice(i, i + 2));
  const has = (text) => pairs.filter((pair) => text.includes(pair)).length;
  const scored = items.map((item) => ({ item, score: 2 * has(item.question) + has(item.text) }));
  return scored.filter(({ score }) => score).sort((a, b) => b.score - a.score).slice(0, MOST).map(({ item }) => item);
}
