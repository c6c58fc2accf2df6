// Keeps the pager's own files, so that it opens without a network. It never sees a page: what comes
// after the '#' of a link is not part of a request.

// The pager of another network may lie beside this one, in a folder of its own.
const OURS = `pager ${new URL("./", self.location.href).pathname} `;
const CACHE = `${OURS}@DIGEST@`;
const FILES = @FILES@;

const load = async () => {
  const cache = await caches.open(CACHE);
  await cache.addAll(FILES.map((file) => new Request(file, { cache: "reload" })));
  await self.skipWaiting();
};

const tidy = async () => {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(OURS) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
};

const answer = async (request) => {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request, { ignoreSearch: true });
  return kept ?? fetch(request);
};

self.addEventListener("install", (event) => event.waitUntil(load()));
self.addEventListener("activate", (event) => event.waitUntil(tidy()));
self.addEventListener("fetch", (event) => {
  const { origin, pathname } = new URL(event.request.url);
  // A parcel is for this moment alone: it passes by, and is kept nowhere.
  const own = origin === self.location.origin && !pathname.includes("/parcel/");
  if (own && event.request.method === "GET") event.respondWith(answer(event.request));
});
