// The conversation: what is said, what comes back, and the large buttons to answer with.

import { $, button, closed, element, go, labelOf } from "./kiosk-dom.js";
import { isOffline, Lost, request } from "./kiosk-net.js";
import { listen } from "./kiosk-live.js";
import { showPad } from "./kiosk-pad.js";
import { printAnswer, printTicket } from "./kiosk-print.js";
import { readButton, readNew } from "./kiosk-voice.js";

const READ_AGAIN = ["answer", "statutes", "urgent", "clarify"];
const PRINTED = ["answer", "statutes", "urgent"];

const log = $("log");
let session = null;
let busy = false;
let offered = { buttons: [], pad: null }; // by the last reply

export const conversation = () => session;

// ---- what is shown

function add(className, who, words, ...more) {
  const turn = element("div", `turn ${className}`, element("span", "who", who), element("div", "bubble", words), ...more);
  log.append(turn);
  log.scrollTop = turn.offsetTop - log.offsetTop - 8;
  return turn;
}

function showReply(reply, ticket) {
  const turn = add(reply.type, "法助 · 机器回复", reply.text);
  turn.classList.toggle("pressing", reply.urgent);
  if (reply.citations.length) {
    turn.append(element("span", "who", "法律依据（点开看原文）"), element("div", "picks", ...reply.citations.map(citation)));
  }
  const tools = READ_AGAIN.includes(reply.type) ? readButton(reply.text) : [];
  if (PRINTED.includes(reply.type)) tools.push(button("打印", () => printAnswer(reply)));
  if (ticket && /查询码：\d{6}/.test(reply.text)) {
    turn.classList.add("receipt");
    tools.push(button("打印编号和查询码", () => printTicket(ticket.code, reply.text), "main"));
  }
  if (reply.links.length) turn.append(element("p", "soft", "材料填好了。请点“转到手机接着聊”，在手机上下载。"));
  if (tools.length) turn.append(element("div", "picks", ...tools));
  return turn;
}

function citation(cited) {
  return button(labelOf(cited), () => openArticle(cited));
}

async function openArticle({ law, article, sub }) {
  for (const part of ["text", "plain", "source"]) $(`article-${part}`).textContent = "";
  $("article-title").textContent = labelOf({ law, article, sub });
  $("article-text").textContent = "正在取原文……";
  closed($("article"));
  try {
    const found = await request(`/api/v1/statutes/${encodeURIComponent(law)}/${article}${sub ? `?sub=${sub}` : ""}`);
    $("article-title").textContent = found.title;
    $("article-text").textContent = found.text;
    $("article-plain").textContent = found.plain && `用大白话说：${found.plain}`;
    $("article-source").textContent = `${found.law}：${found.source}。`;
  } catch (error) {
    $("article-text").textContent = error.citizen;
  }
}

function offer({ buttons, pad }) {
  offered = { buttons, pad };
  $("choices").replaceChildren(...buttons.map(({ title, payload }) => button(title, () => say(payload, title))));
  $("choices").scrollTop = 0;
  usePad(pad);
  if (pad === "matter" && buttons.length < 2) $("situations").click();
}

function usePad(kind) {
  showPad(kind, say);
  $("digits").textContent = $("pad").hidden ? "数字键盘" : "改用打字";
}

function hold(on) {
  busy = on;
  for (const control of $("answering").querySelectorAll("button, textarea")) control.disabled = on;
}

// ---- talking

// `shown` stands in the conversation in place of the words, for a button's title or a PIN.
export async function say(words, shown = words) {
  if (busy || !words.trim()) return;
  await send({ session_id: session, text: words, message_id: crypto.randomUUID?.() || `${Date.now()}-${Math.random()}`.replace(".", "-") }, add("mine", "您说", shown));
}

async function send(message, mine) {
  hold(true);
  $("state").textContent = "正在查找……";
  mine.classList.remove("unsent");
  mine.querySelector(".again")?.remove();
  try {
    const turn = await request("/api/v1/kiosk/messages", { method: "POST", body: message });
    if (!mine.isConnected) return; // it was ended meanwhile
    $("state").textContent = turn.live ? `已发给${turn.live.title}${turn.live.name}。` : turn.degraded ? "部分功能正在恢复，回答可能不如平时准。" : "";
    take(turn);
  } catch (error) {
    if (mine.isConnected) notSent(message, mine, error);
  }
}

function take(turn) {
  const known = session === turn.session_id;
  session = turn.session_id;
  $("phone").hidden = false;
  hold(false);
  const shown = turn.replies.map((reply) => showReply(reply, turn.ticket));
  offer({ buttons: turn.replies.flatMap((reply) => reply.buttons), pad: turn.pad });
  if (shown.length) log.scrollTop = shown[0].offsetTop - log.offsetTop - 8; // a long answer is read from its beginning
  readNew(turn.replies.map((reply) => reply.text).join("\n"));
  if (turn.ticket || turn.live) listen(session, !known, hear);
}

// It stays on the screen and is sent only when the citizen says so.
function notSent(message, mine, error) {
  hold(false);
  offer(offered);
  $("state").textContent = "";
  mine.classList.add("unsent");
  const why = error instanceof Lost ? "没有网络，这句话还没有发出去，先留在这里。急着问请打 12348，有危险请打 110。" : `这句话还没有发出去：${error.citizen}`;
  const again = button("再发一次", () => !busy && send({ ...message, session_id: session }, mine), "main");
  mine.append(element("div", "again", element("p", "", why), again));
  log.scrollTop = log.scrollHeight;
}

function hear({ who, text, name, title }) {
  if (who === "worker") add("worker", `${title || "工作人员"} ${name}`, text);
  else if (who === "system" && ![...log.querySelectorAll(".notice .bubble")].some((one) => one.textContent === text)) add("notice", "法助 · 机器回复", text);
  readNew(text);
}

// ---- beginning and ending

export function openTalk(words, shown) {
  go("talk");
  if (words) return say(words, shown);
  if (log.childElementCount) return;
  add("smalltalk", "法助 · 机器回复", "您好，我是法助。遇到了什么事？可以点下面的“常见情形”选一个，也可以打字，用自己的话说。");
  offer({ buttons: ["老板拖欠工资不给怎么办", "离婚孩子归谁", "借出去的钱要不回来怎么办"].map((title) => ({ title, payload: title })), pad: null });
}

export function forgetTalk() {
  session = null;
  offered = { buttons: [], pad: null };
  hold(false);
}

export function setUpTalk() {
  $("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    const words = $("text").value;
    if (busy || !words.trim()) return;
    $("text").value = "";
    say(words);
  });
  $("digits").addEventListener("click", () => usePad($("pad").hidden ? offered.pad || "number" : null));
  document.addEventListener("online-again", () => {
    if (!isOffline() && log.querySelector(".unsent")) $("state").textContent = "网络恢复了。没发出去的话，请点“再发一次”。";
  });
}
