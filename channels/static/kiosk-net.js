// The way to the gateway: requests with this machine's token, signs of life, and whether there is a network at all.

import { $ } from "./kiosk-dom.js";

const DEVICE = "fazhu-device"; // the token: the only thing that is kept on this machine
const PATIENCE = 10_000; // ms
const RETRY = 10_000; // ms between looks for a lost network

let token = localStorage.getItem(DEVICE) || "";
let lostAt = 0; // ms, while there is no network
let away = 0; // seconds without, until they are told
let saidState = () => "idle";
let next = 0; // timer of the next sign of life

export class Lost extends Error {
  citizen = "没有网络，暂时连不上服务。请稍后再试；要找人工请打 12348，有危险请打 110。";
}

export const isOffline = () => lostAt > 0;

export async function request(url, { method = "GET", body, keepalive = false, patience = PATIENCE } = {}) {
  const headers = { "X-Kiosk-Token": token };
  if (body) headers["Content-Type"] = "application/json";
  const options = { method, headers, keepalive, body: body && JSON.stringify(body), signal: AbortSignal.timeout(patience) };
  let response, content;
  try {
    response = await fetch(url, options);
    if ([502, 504].includes(response.status)) throw new Error("a proxy without a gateway");
    content = response.status === 204 ? {} : await response.json();
  } catch {
    lose();
    throw new Lost();
  }
  regain();
  if (response.ok) return content;
  if (response.status === 401) document.dispatchEvent(new Event("unregistered"));
  const error = new Error(content.error?.code);
  error.citizen = content.error?.message || "没有成功，请稍后再试。";
  error.status = response.status;
  throw error;
}

function lose() {
  if (lostAt) return;
  lostAt = Date.now();
  $("offline").hidden = false;
  plan(RETRY);
}

function regain() {
  if (!lostAt) return;
  away += Math.round((Date.now() - lostAt) / 1000);
  lostAt = 0;
  $("offline").hidden = true;
  document.dispatchEvent(new Event("online-again"));
}

// ---- signs of life

export function keepBeating(state) {
  saidState = state;
  addEventListener("online", () => beat());
  addEventListener("offline", lose);
  return beat();
}

// What the desk has for this screen, or nothing without a network.
async function beat() {
  const told = away;
  try {
    const found = await request("/api/v1/kiosk/heartbeat", {
      method: "POST", body: { state: told ? `offline for ${told} s` : saidState() },
    });
    away -= told;
    show(found);
    if (told) beat();
  } catch { /* the banner says so, or the set-up screen */ }
  plan(lostAt ? RETRY : Number(document.body.dataset.beat) * 1000);
}

function plan(wait) {
  clearTimeout(next);
  if (token) next = setTimeout(beat, wait);
}

function show({ place, notices }) {
  $("place").textContent = place;
  $("notices").replaceChildren(...notices.map((notice) => {
    const row = document.createElement("li");
    row.textContent = `公告：${notice}`;
    return row;
  }));
  $("notices").hidden = !notices.length;
}

// ---- the token

export const isRegistered = () => Boolean(token);

export async function register(given) {
  token = given.trim();
  try {
    await request("/api/v1/kiosk/heartbeat", { method: "POST", body: { state: "idle" } });
    localStorage.setItem(DEVICE, token);
  } catch (error) {
    token = localStorage.getItem(DEVICE) || "";
    throw error;
  }
}

export const isDeviceKey = (name) => name === DEVICE;
