/*
 * A scanner that types (keyboard wedge): letters one after another and Enter, while no field has the focus. A second's
 * pause begins anew, so that a stray key is not the head of the next card.
 */
const GAP_MS = 1_000
const LEAST = 6

export function listenForWedge(onText) {
  let text = ''
  let lastMs = 0
  addEventListener('keydown', (event) => {
    const isTyping = event.target instanceof HTMLInputElement && event.target.type !== 'radio'
    if (isTyping || event.ctrlKey || event.altKey || event.metaKey) return
    const isQuick = event.timeStamp - lastMs < GAP_MS
    lastMs = event.timeStamp
    if (event.key === 'Enter') {
      const whole = text
      text = ''
      if (!isQuick || whole.length < LEAST) return
      event.preventDefault() // Enter of a scanner must not press the button that has the focus
      onText(whole)
      return
    }
    if (event.key.length === 1) text = isQuick ? text + event.key : event.key
  }, { capture: true })
}
