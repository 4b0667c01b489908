/* A <details data-menu> closes when something else is pressed, when focus leaves it, and on Escape. */
export function start() {
  const openMenus = () => document.querySelectorAll('details[data-menu][open]')
  const closeUnless = (target) => openMenus().forEach((menu) => { if (!menu.contains(target)) menu.open = false })

  document.addEventListener('click', (event) => closeUnless(event.target))
  document.addEventListener('focusin', (event) => closeUnless(event.target))
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return
    openMenus().forEach((menu) => {
      menu.open = false
      menu.querySelector('summary').focus()
    })
  })
}
