/*
 * Keeps the page, its script, style, icon and code reader, so that the phone opens with the network off. The view that
 * serves this file puts `const SHELL = {version, assets}` before it. A new version is kept beside the old one until the
 * keeper takes it, so nothing changes under a running shift. Answers of the API are never kept.
 */
const NAME = `shouwang-gate-${SHELL.version}`
const PAGE = '/gate/'

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(SHELL.assets.map((path) => new Request(path, { cache: 'reload' })))))
})

self.addEventListener('activate', (event) => {
  event.waitUntil(takeOver())
})

self.addEventListener('message', (event) => {
  if (event.data === 'take-over') self.skipWaiting()
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== self.location.origin || url.pathname.startsWith('/api/')) return
  const path = request.mode === 'navigate' && url.pathname === PAGE ? PAGE : url.pathname
  if (SHELL.assets.includes(path)) event.respondWith(kept(path, request))
})

async function kept(path, request) {
  const cache = await caches.open(NAME)
  return (await cache.match(path, { ignoreVary: true })) ?? fetch(request)
}

async function takeOver() {
  const names = await caches.keys()
  await Promise.all(names.filter((name) => name.startsWith('shouwang-gate-') && name !== NAME).map((name) => caches.delete(name)))
  await self.clients.claim()
}
