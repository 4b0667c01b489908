/*
 * The side bar as a drawer on narrow screens. Without script the menu button is a plain link to it (`:target`).
 * Hooks: [data-drawer-open] on the button, [data-drawer] on the side bar. It closes on Escape, on a press beside it, and
 * when the focus leaves it.
 */
export function start() {
  const drawer = document.querySelector('[data-drawer]')
  const opener = document.querySelector('[data-drawer-open]')
  if (!drawer || !opener) return
  const isOpen = () => drawer.classList.contains('is-open')

  opener.setAttribute('role', 'button')
  const set = (open) => {
    drawer.classList.toggle('is-open', open)
    opener.setAttribute('aria-expanded', String(open))
  }
  const openIt = () => {
    set(true)
    drawer.querySelector('a, button').focus()
  }
  const closeIt = () => {
    set(false)
    opener.focus()
  }
  opener.setAttribute('aria-expanded', 'false')

  document.addEventListener('click', (event) => {
    if (event.target.closest('[data-drawer-open]')) {
      event.preventDefault()
      if (isOpen()) closeIt()
      else openIt()
    } else if (isOpen() && !drawer.contains(event.target)) {
      event.preventDefault() // a press beside the drawer only closes it
      closeIt()
    }
  })
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && isOpen()) closeIt()
    if (event.key === ' ' && event.target === opener) {
      event.preventDefault()
      opener.click()
    }
  })
  document.addEventListener('focusin', (event) => {
    if (isOpen() && !drawer.contains(event.target) && event.target !== opener) set(false)
  })
  // Turned or widened: the side bar stands beside the page again.
  matchMedia('(min-width: 62rem)').addEventListener('change', ({ matches }) => { if (matches && isOpen()) set(false) })
}
