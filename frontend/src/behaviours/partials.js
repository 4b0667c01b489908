/*
 * htmx 4, set up for a strict policy and shared machines: no injected style, no page kept in the browser's history
 * (Back reloads), error pages never swapped into a list. Its settings stand in <meta name="htmx-config"> of base.html.
 */
import 'htmx.org'
import { toast } from './toasts.js'

/** What a person is told when the server's answer is not put on the page; the words come from base.html. */
function words(status) {
  const texts = document.querySelector('[data-request-texts]').dataset
  if (status === 403) return texts.forbidden
  if (status === 404) return texts.missing
  return texts.failed
}

export function start() {
  document.addEventListener('htmx:response:error', (event) => {
    const { hx, response: { status } } = event.detail.ctx
    if (hx.trigger) return // the server sent its own words
    if (status === 403 || status === 404 || status >= 500) toast(words(status), 'overdue')
  })
  document.addEventListener('htmx:error', (event) => {
    if (event.detail.ctx) toast(document.querySelector('[data-request-texts]').dataset.offline, 'overdue')
  })
  // A fresh fragment that says where to read on: move the focus there, so that a keyboard does not start over.
  document.addEventListener('htmx:after:swap', () => {
    document.querySelector('[data-focus-after-swap]')?.focus()
  })
}
