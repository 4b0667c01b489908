/* Elements without a framework: h('button', {class: 'big', onclick}, 'text', child). */
const SVG = 'http://www.w3.org/2000/svg'

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value)
    else if (value === true) element.setAttribute(name, '')
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value)
  }
  element.append(...children.flat().filter((child) => child !== null && child !== false && child !== undefined))
  return element
}

export const button = (words, onclick, attributes = {}) => h('button', { type: 'button', class: 'btn', onclick, ...attributes }, words)

/* One shape a verdict, so that it is told apart without colour: circle, triangle, square, diamond. */
const SHAPES = {
  done: 'M50 5a45 45 0 1 1 0 90a45 45 0 1 1 0-90zM28 52l15 15 30-32',
  waiting: 'M50 8 96 90H4zM50 36v26M50 72v6',
  stopped: 'M8 8h84v84H8zM30 30l40 40M70 30 30 70',
  overdue: 'M50 3 97 50 50 97 3 50zM50 28v44M28 50h44',
}

export function shape(tone) {
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('viewBox', '0 0 100 100')
  svg.setAttribute('class', 'shape')
  svg.setAttribute('aria-hidden', 'true')
  const path = document.createElementNS(SVG, 'path')
  path.setAttribute('d', SHAPES[tone])
  svg.append(path)
  return svg
}

/* A labelled field; `attributes` go to the input. */
export function field(label, attributes) {
  const id = `field-${attributes.name}`
  return h('div', { class: 'field' }, h('label', { for: id }, label), h('input', { id, autocomplete: 'off', ...attributes }))
}

/* A question with answers side by side; none is chosen beforehand. `answers`: [[value, words]]. */
export function choice(question, name, answers) {
  const options = answers.map(([value, words]) =>
    h('label', {}, h('input', { type: 'radio', name, value, required: true }), h('span', {}, words)),
  )
  return h('fieldset', { class: 'choice' }, h('legend', {}, question), h('div', {}, options))
}

export const valuesOf = (form) => Object.fromEntries(new FormData(form))
