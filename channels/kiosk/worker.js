// Keeps the kiosk's page and the answers to browse, so that both are there without a network. `VERSION` and `PAGE`
// (the addresses of the page and its files) stand above; nothing a citizen says or is told is ever kept.

const KEPT = `kiosk-page-${VERSION}`;
const ANSWERS = "kiosk-answers";
const ANSWERS_URL = "/kiosk/answers.json";

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(PAGE.map((url) => new Request(url, { cache: "reload" })))));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((name) => ![KEPT, ANSWERS].includes(name)).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== location.origin) return;
  if (pathname === ANSWERS_URL) event.respondWith(answers());
  else if (PAGE.includes(pathname)) event.respondWith(page(event.request, pathname));
});

// From the cache: what has changed comes with a new worker.
async function page(request, pathname) {
  return (await (await caches.open(KEPT)).match(pathname)) || fetch(request);
}

async function answers() {
  const cache = await caches.open(ANSWERS);
  const kept = await cache.match(ANSWERS_URL);
  const headers = kept ? { "If-None-Match": kept.headers.get("ETag") } : {};
  try {
    const fresh = await fetch(ANSWERS_URL, { headers, cache: "no-store" });
    if (fresh.ok) await cache.put(ANSWERS_URL, fresh.clone());
    return fresh.ok || !kept ? fresh : kept;
  } catch {
    return kept || Response.error();
  }
}
