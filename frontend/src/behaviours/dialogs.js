/*
 * Native dialogs. [data-dialog-open="id"] opens, [data-dialog-close] inside closes; the browser keeps the focus inside
 * and gives it back. A dialog whose form came back with errors carries [data-dialog-open-now].
 */
export function start() {
  document.addEventListener('click', (event) => {
    const opener = event.target.closest('[data-dialog-open]')
    if (opener) {
      event.preventDefault()
      document.getElementById(opener.dataset.dialogOpen).showModal()
    }
    if (event.target.closest('[data-dialog-close]')) event.target.closest('dialog').close()
  })
  document.querySelector('dialog[data-dialog-open-now]')?.showModal()
}
