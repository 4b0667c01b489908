/*
 * Short messages. The server sends them as Django messages on a full page, or with the HX-Trigger header
 * {"shouwang:toast": {"message": "…", "tone": "done"}} on a partial one. Bad news stays until it is closed.
 */
const SECONDS = 8

export function toast(message, tone = 'done') {
  const region = document.querySelector('[data-toasts]')
  const box = region.querySelector('template').content.firstElementChild.cloneNode(true)
  box.classList.add(`tone-${tone}`)
  box.querySelector('[data-toast-text]').textContent = message
  region.append(box)
  if (tone !== 'overdue') setTimeout(() => box.remove(), SECONDS * 1000)
}

export function start() {
  document.addEventListener('shouwang:toast', (event) => toast(event.detail.message, event.detail.tone))
  document.addEventListener('click', (event) => {
    event.target.closest('[data-toast-close]')?.closest('.alert').remove()
  })
}
