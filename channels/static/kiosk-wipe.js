// Forgetting a citizen: on the server, in every store of the browser, on the screen, in its history.

import { $ } from "./kiosk-dom.js";
import { isDeviceKey, isOffline, request } from "./kiosk-net.js";
import { silence } from "./kiosk-voice.js";

const PUBLIC = /^kiosk-(page-|answers$)/; // caches the service worker fills with what everybody may see
const PATIENCE = 3000; // ms for the server; what it was not told of it ends at the next sign of life

// `session`: the conversation to end, none where a phone has gone on with it.
export async function wipe(session) {
  silence();
  document.querySelector("main").inert = true;
  clearScreen();
  await Promise.allSettled([endOnServer(session), clearStores()]);
  // The page is loaded anew in its own place, so that no memory and no way back is left; without a network only where
  // the service worker has it.
  if (navigator.serviceWorker?.controller || !isOffline()) location.replace("/kiosk");
  else document.dispatchEvent(new Event("wiped"));
}

function clearScreen() {
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close("wiped");
  for (const field of document.querySelectorAll("input, textarea")) field.value = "";
  for (const id of ["log", "choices", "pad", "state", "shelves", "situation-shelves", "found", "paper", "article-title", "article-text", "article-plain"]) $(id).replaceChildren();
  $("handover-code").removeAttribute("src");
  document.documentElement.classList.remove("large");
}

async function endOnServer(session) {
  if (!session) return;
  await request(`/api/v1/chat/sessions/${encodeURIComponent(session)}`, { method: "DELETE", keepalive: true, patience: PATIENCE });
}

async function clearStores() {
  sessionStorage.clear();
  for (const name of Object.keys(localStorage)) if (!isDeviceKey(name)) localStorage.removeItem(name);
  for (const { name } of (await indexedDB.databases?.()) || []) indexedDB.deleteDatabase(name);
  if (!window.caches) return; // only where the connection is safe
  for (const name of await caches.keys()) if (!PUBLIC.test(name)) await caches.delete(name);
}
