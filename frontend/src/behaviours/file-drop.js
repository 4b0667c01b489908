/* [data-file-drop] around an <input type="file">: files may be dropped on it, and the chosen names are shown. */
function attach(zone) {
  if (zone.dataset.ready) return
  zone.dataset.ready = 'yes'
  const input = zone.querySelector('input[type="file"]')
  const shown = zone.querySelector('[data-file-drop-name]')
  const show = () => {
    shown.textContent = [...input.files].map(({ name, size }) => `${name}（${Math.ceil(size / 1024)} KB）`).join('，')
  }
  const over = (on) => (event) => {
    event.preventDefault()
    zone.classList.toggle('is-over', on)
  }
  zone.addEventListener('dragover', over(true))
  zone.addEventListener('dragleave', over(false))
  zone.addEventListener('drop', (event) => {
    over(false)(event)
    if (!event.dataTransfer.files.length) return
    input.files = event.dataTransfer.files
    input.dispatchEvent(new Event('change', { bubbles: true }))
  })
  input.addEventListener('change', show)
}

export function enhance(root) {
  root.querySelectorAll('[data-file-drop]').forEach(attach)
}
