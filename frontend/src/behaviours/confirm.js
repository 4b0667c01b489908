/*
 * Asks before what cannot be taken back. On a form or a submit button: data-confirm="…" and, when the default words do
 * not fit, data-confirm-action="…". htmx's hx-confirm asks with the same dialog.
 */
const dialog = () => document.querySelector('dialog[data-confirm-dialog]')

/** Resolves to true when the person agrees; Escape, 取消 and a click elsewhere are a no. */
function ask(question, action) {
  const box = dialog()
  box.querySelector('[data-confirm-text]').textContent = question
  const button = box.querySelector('[data-confirm-yes]')
  button.textContent = action ?? button.dataset.confirmYes
  box.returnValue = ''
  box.showModal()
  return new Promise((resolve) => {
    box.addEventListener('close', () => resolve(box.returnValue === 'yes'), { once: true })
  })
}

export function start() {
  const agreed = new WeakSet()

  // Capture: the question comes before htmx, before submit-once, before the browser.
  document.addEventListener('submit', (event) => {
    const form = event.target
    const { submitter } = event
    const source = submitter?.dataset.confirm ? submitter : form
    if (!source.dataset.confirm || agreed.delete(form)) return
    event.preventDefault()
    event.stopImmediatePropagation()
    ask(source.dataset.confirm, source.dataset.confirmAction).then((yes) => {
      if (!yes) return
      agreed.add(form)
      form.requestSubmit(submitter)
    })
  }, { capture: true })

  document.addEventListener('htmx:confirm', (event) => {
    const { ctx, issueRequest, dropRequest } = event.detail
    event.preventDefault()
    ask(ctx.confirm, ctx.sourceElement.dataset.confirmAction).then((yes) => (yes ? issueRequest() : dropRequest()))
  })
}
