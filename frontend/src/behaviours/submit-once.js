/*
 * One press, one command. While a POST is under way its buttons rest; the hidden request id that the server put into the
 * form (`{% request_id %}`) makes a repeat that slips through the same command, not a second one.
 */
const buttonsOf = (form) => [...form.elements].filter((element) => element.type === 'submit')

function rest(form) {
  form.dataset.posting = 'yes'
  buttonsOf(form).forEach((button) => button.setAttribute('aria-busy', 'true'))
}

function wake(form) {
  delete form.dataset.posting
  buttonsOf(form).forEach((button) => button.removeAttribute('aria-busy'))
}

export function start() {
  document.addEventListener('submit', (event) => {
    const form = event.target
    if (form.method !== 'post' && !form.hasAttribute('hx-post')) return
    if (form.dataset.posting) {
      event.preventDefault()
      event.stopImmediatePropagation()
      return
    }
    // Not `disabled`: the pressed button's own name and value must still be sent.
    rest(form)
    if (form.hasAttribute('data-download')) setTimeout(() => wake(form), 3000)
  }, { capture: true })

  // A partial update leaves the form on the page; a request that htmx dropped must not leave it resting either.
  for (const name of ['htmx:finally:request', 'htmx:error']) {
    document.addEventListener(name, (event) => {
      const form = event.target.closest?.('form')
      if (form) wake(form)
    })
  }
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) document.querySelectorAll('form[data-posting]').forEach(wake)
  })
}
