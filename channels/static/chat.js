"use strict";
// The chat page. Everything from outside is set as text, never as markup.

const KEY = "fazhu-session";
const LISTENS = "fazhu-listens"; // the conversation a worker may speak in
const PATIENCE = 10_000; // ms for one try
const LONGEST_WAIT = 15_000; // ms between tries
const HOTLINE = /(?<!\d)(110|119|120|122|123\d\d|96110)(?!\d)/;

const $ = (id) => document.getElementById(id);
const log = $("log");
const text = $("text");
const send = $("send");
let session = sessionStorage.getItem(KEY);
let busy = false;
let stream = null; // what a worker says comes through it
let heard = 0; // id of the last message from it
let notice = ""; // the last one shown: it may come both as a reply and through the stream

function element(tag, className, content) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (content !== undefined) made.textContent = content;
  return made;
}

function button(title, onClick) {
  const made = element("button", "", title);
  made.type = "button";
  made.addEventListener("click", onClick);
  return made;
}

// ---- what is shown

function withHotlines(bubble, words) {
  for (const part of words.split(new RegExp(HOTLINE, "g"))) {
    if (HOTLINE.test(part) && part.length <= 5) {
      const link = element("a", "", part);
      link.href = `tel:${part}`;
      bubble.append(link);
    } else bubble.append(part);
  }
}

function showMine(words) {
  const turn = element("div", "turn mine");
  turn.append(element("span", "visually-hidden", "您说："), element("div", "bubble", words));
  log.append(turn);
  log.scrollTop = log.scrollHeight;
  return turn;
}

function showReply(reply) {
  if (reply.type === "notice") notice = reply.text;
  const turn = element("div", `turn ${reply.type}`);
  turn.append(element("span", "who", "法助 · 机器回复"));
  const bubble = element("div", "bubble");
  withHotlines(bubble, reply.text);
  turn.append(bubble);
  if (reply.urgent) turn.classList.add("pressing");
  if (reply.links?.length) turn.append(list("choices", reply.links.map(link)));
  if (reply.citations.length) {
    turn.append(element("span", "cites-title", "法律依据（点开看原文）"), list("cites", reply.citations.map(citation)));
  }
  const choices = reply.buttons.map((choice) => button(choice.title, () => say(choice.payload, choice.title)));
  if (/查询码：\d{6}/.test(reply.text)) choices.unshift(copyButton(reply.text));
  if (choices.length) turn.append(list("choices", choices));
  log.append(turn);
  return turn;
}

function showWorker({ text: words, name, title, id }) {
  heard = Math.max(heard, id || 0);
  const turn = element("div", "turn worker");
  turn.append(element("span", "who", `${name} · ${title || "工作人员"}`), element("div", "bubble", words));
  log.append(turn);
  return turn;
}

function list(className, items) {
  const made = element("ul", className);
  for (const item of items) {
    const row = element("li");
    row.append(item);
    made.append(row);
  }
  return made;
}

function link({ title, url }) {
  const made = element("a", "open", title);
  made.href = url;
  return made;
}

function citation({ law, article, sub, quote }) {
  const short = law.replace(/^中华人民共和国/, "");
  const label = `《${short}》第${article}条${sub ? `之${"一二三四五六七八九十"[sub - 1]}` : ""}`;
  const made = button(label, () => openArticle(law, article, sub || 0, label));
  if (!quote) return made;
  const both = element("div");
  both.append(made, element("q", "quote", quote));
  return both;
}

function copyButton(words) {
  const made = button("复制编号和查询码", async () => {
    const kept = words.split("\n").filter((line) => /编号|查询码：/.test(line)).join("\n");
    try {
      await navigator.clipboard.writeText(kept);
      made.textContent = "已复制";
    } catch {
      made.textContent = "没能复制，请抄下来";
    }
  });
  return made;
}

function showTurn(turn) {
  for (const old of log.querySelectorAll(".choices button")) old.disabled = true;
  const shown = turn.replies.filter((reply) => reply.type !== "notice" || reply.text !== notice).map(showReply);
  // A long answer is read from its beginning.
  if (shown.length) log.scrollTop = shown[0].offsetTop - 8;
}

function state(words, kind = "") {
  $("state").textContent = words;
  $("state").className = kind;
}

async function openArticle(law, article, sub, label) {
  $("article-title").textContent = label;
  $("article-text").textContent = "正在取原文……";
  $("article-source").textContent = $("article-plain").textContent = "";
  $("article-page").hidden = true;
  $("article").showModal();
  try {
    const url = `/api/v1/statutes/${encodeURIComponent(law)}/${article}${sub ? `?sub=${sub}` : ""}`;
    const found = await request(url);
    $("article-title").textContent = found.title;
    $("article-text").textContent = found.text;
    $("article-plain").textContent = found.plain && `用大白话说：${found.plain}`;
    $("article-source").textContent = `${found.law}：${found.source}。`;
    $("article-page").href = found.page;
    $("article-page").hidden = false;
  } catch (error) {
    $("article-text").textContent = error.citizen || "没能取到原文，请稍后再试。";
  }
}

// ---- a worker in the conversation

function listen() {
  if (!session || stream) return;
  sessionStorage.setItem(LISTENS, session);
  connect(1000);
}

// A browser comes back by itself after a drop, and tells which message it saw last; only an answer that is an error
// has to be tried again from here.
function connect(wait) {
  const mine = (stream = new EventSource(`/api/v1/chat/sessions/${encodeURIComponent(session)}/events?after=${heard}`));
  mine.onopen = () => { wait = 1000; };
  mine.onmessage = ({ data }) => hear(JSON.parse(data));
  mine.addEventListener("presence", ({ data }) => showPresence(JSON.parse(data)));
  mine.onerror = async () => {
    if (mine.readyState !== EventSource.CLOSED) return;
    await online(wait);
    if (stream === mine) connect(Math.min(wait * 2, 60_000));
  };
}

function stopListening() {
  stream?.close();
  stream = null;
  heard = 0;
  notice = "";
  sessionStorage.removeItem(LISTENS);
  $("presence").hidden = true;
}

function hear(message) {
  if (message.id <= heard) return;
  heard = message.id;
  if (message.who === "citizen") return; // shown when it was sent
  if (message.who === "system" && message.text === notice) return;
  const shown = message.who === "worker"
    ? showWorker(message)
    : showReply({ type: "notice", text: message.text, citations: [], buttons: [] });
  log.scrollTop = shown.offsetTop - 8;
}

function showPresence({ live, present }) {
  $("presence").hidden = !live;
  if (!live) return;
  $("presence").textContent = `${live.title}${live.name}${present ? "正在线" : "暂时离开，回来会看到您的话"}`;
  $("presence").className = present ? "" : "away";
}

// ---- talking to the gateway

async function request(url, options = {}) {
  const response = await fetch(url, { ...options, signal: AbortSignal.timeout(PATIENCE) });
  const body = response.status === 204 ? {} : await response.json();
  if (response.ok) return body;
  const error = new Error(body.error?.code || String(response.status));
  error.citizen = body.error?.message || "没有成功，请稍后再试。";
  error.status = response.status;
  error.wait = Number(response.headers.get("Retry-After")) * 1000;
  throw error;
}

function online(wait) {
  return new Promise((resolve) => {
    const go = () => { clearTimeout(timer); window.removeEventListener("online", go); resolve(); };
    const timer = setTimeout(go, wait);
    window.addEventListener("online", go);
  });
}

// One message, tried until the gateway has answered it. The message id makes trying again safe.
async function deliver(words) {
  const body = JSON.stringify({ session_id: session, text: words, message_id: crypto.randomUUID?.() || `${Date.now()}-${Math.random().toString(36).slice(2)}` });
  for (let wait = 1000; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
    try {
      return await request("/api/v1/chat/messages", { method: "POST", headers: { "Content-Type": "application/json" }, body });
    } catch (error) {
      if (error.status && error.status < 500 && error.status !== 409) throw error;
      state("连接断了，正在重新连接，您的话还在……", "trouble");
      await online(Math.max(wait, error.wait || 0));
    }
  }
}

async function say(words, shown = words) {
  if (busy || !words.trim()) return;
  busy = send.disabled = true;
  const mine = showMine(shown);
  mine.classList.add("unsent");
  state("正在查找", "typing");
  try {
    const turn = await deliver(words);
    if (turn.session_id !== session) stopListening();
    session = turn.session_id;
    sessionStorage.setItem(KEY, session);
    mine.classList.remove("unsent");
    state(turn.degraded ? "部分功能正在恢复，回答可能不如平时准。" : turn.live ? `已发给${turn.live.title}${turn.live.name}。` : "");
    showTurn(turn);
    if (turn.ticket || turn.live) listen();
  } catch (error) {
    state(error.citizen || "没有发出去，请再试一次。", "trouble");
    text.value = text.value || words;
  } finally {
    busy = send.disabled = false;
    text.focus({ preventScroll: true });
  }
}

async function restore() {
  if (!session) return greet();
  try {
    const { entries } = await request(`/api/v1/chat/sessions/${encodeURIComponent(session)}`);
    const show = { citizen: (entry) => showMine(entry.text), worker: showWorker, bot: showReply };
    for (const entry of entries) show[entry.who]?.(entry);
    const lastTurn = log.querySelectorAll(".turn.mine ~ .turn:not(.mine)");
    const lastMine = [...log.querySelectorAll(".turn.mine")].pop();
    for (const turn of lastTurn) {
      const before = lastMine && turn.compareDocumentPosition(lastMine) & Node.DOCUMENT_POSITION_FOLLOWING;
      if (before) for (const old of turn.querySelectorAll(".choices button")) old.disabled = true;
    }
    log.scrollTop = log.scrollHeight;
    if (!entries.length) greet();
    if (sessionStorage.getItem(LISTENS) === session) listen();
  } catch (error) {
    if (error.status === 404) forget();
    else state("没能取回刚才的对话，可以接着说。", "trouble");
    greet();
  }
}

function forget() {
  stopListening();
  session = null;
  sessionStorage.removeItem(KEY);
}

function greet() {
  showReply({
    type: "smalltalk",
    text: "您好，我是法助。遇到了什么事？用自己的话说就行，比如“老板拖欠工资三个月”。\n我会告诉您法律怎么规定、接下来怎么办；答不了的，帮您转给律师、调解员或法律援助。",
    citations: [],
    buttons: ["老板拖欠工资不给怎么办", "离婚孩子归谁", "看看能不能申请法律援助", "查工单"].map((title) => ({ title, payload: title })),
  });
}

async function end() {
  if (!confirm("结束对话并删除这段内容？已经登记的工单不受影响。")) return;
  try {
    if (session) await request(`/api/v1/chat/sessions/${encodeURIComponent(session)}`, { method: "DELETE" });
  } catch {
    return state("没能删除，请检查网络后再点一次。", "trouble");
  }
  forget();
  log.replaceChildren();
  state("对话已结束，内容已删除。");
  greet();
}

// ---- controls

$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const words = text.value;
  if (busy || !words.trim()) return;
  text.value = "";
  text.style.height = "";
  say(words);
});
text.addEventListener("keydown", (event) => {
  // While an input method is composing, Enter chooses a word.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  $("composer").requestSubmit();
});
text.addEventListener("input", () => {
  text.style.height = "auto";
  text.style.height = `${text.scrollHeight + 2}px`;
});
$("end").addEventListener("click", end);
$("keep").addEventListener("click", () => {
  if (!session) return state("还没有对话可以保存。");
  location.href = `/api/v1/chat/sessions/${encodeURIComponent(session)}/report.docx`;
});
$("about-open").addEventListener("click", () => $("about").showModal());

// Going on with a conversation from a kiosk: taken over only when the citizen says so.
async function takeOver(token) {
  const asked = $("takeover");
  asked.showModal();
  await new Promise((resolve) => asked.addEventListener("close", resolve, { once: true }));
  if (asked.returnValue !== "yes") return;
  try {
    const body = JSON.stringify({ token });
    const found = await request("/api/v1/chat/handovers", { method: "POST", headers: { "Content-Type": "application/json" }, body });
    stopListening();
    session = found.session_id;
    sessionStorage.setItem(KEY, session);
    sessionStorage.setItem(LISTENS, session);
    log.replaceChildren();
    await restore();
    state("已接到这部手机上，可以接着说。");
  } catch (error) {
    state(error.citizen || "没能接过来，请在自助机上重新生成二维码。", "trouble");
  }
}

// A question that another page brings along is put into the box, not sent: the citizen may add to it.
// Another page hands a conversation over in the fragment, which no server sees.
const fragment = new URLSearchParams(location.hash.slice(1));
const handed = fragment.get("session");
if (handed) {
  session = handed;
  sessionStorage.setItem(KEY, session);
}
if (fragment.size) history.replaceState(null, "", location.pathname);
const brought = new URLSearchParams(location.search).get("q");
if (brought) {
  text.value = brought.slice(0, text.maxLength);
  history.replaceState(null, "", location.pathname);
}
restore();
if (fragment.get("continue")) takeOver(fragment.get("continue"));
