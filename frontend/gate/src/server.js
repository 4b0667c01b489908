/* The server's four addresses (docs/gate-formats.md, 2, 4 and 5). No answer at all is null, never an exception. */
const BASE = '/api/v1/gate'
const PATIENCE_MS = 20_000

export const enrol = (body) => call('POST', '/enrol', { body })

export const manifest = (key, denied) => call('GET', `/manifest?denied=${denied}`, { key })

export const observations = (key, batch) => call('POST', '/observations', { key, body: batch })

export const wiped = (key) => call('POST', '/wiped', { key, body: {} })

async function call(method, path, { key, body } = {}) {
  const headers = { Accept: 'application/json' }
  if (key) headers.Authorization = `Bearer ${key}`
  if (body) headers['Content-Type'] = 'application/json'
  try {
    const response = await fetch(BASE + path, {
      method,
      headers,
      body: body && JSON.stringify(body),
      credentials: 'omit',
      cache: 'no-store',
      redirect: 'error',
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
    const text = await response.text()
    return { status: response.status, body: parsed(text), retryAfter: response.headers.get('Retry-After') }
  } catch (error) {
    // A failed fetch is a TypeError, a slow one a TimeoutError, a body cut off either.
    if (error instanceof TypeError || error instanceof DOMException) return null
    throw error
  }
}

function parsed(text) {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}
