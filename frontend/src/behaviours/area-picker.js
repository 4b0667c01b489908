/*
 * Choosing a place. The field is a text input that holds a 12- or 15-digit code and works as such without script.
 * With script: a search box (name, pinyin, initials) with suggestions, and drop-downs that go down the tree level by
 * level. Hook: [data-area-picker] on the input. Addresses: data-area-search-url and data-area-children-url on <body>,
 * both answering {"results": [{"code", "name", "path", "has_children"}]}.
 */
const DELAY_MS = 200
let count = 0

async function fetchAreas(url, params) {
  const answer = await fetch(`${url}?${new URLSearchParams(params)}`, { headers: { Accept: 'application/json' } })
  return answer.ok ? (await answer.json()).results : []
}

function element(tag, attributes, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  made.append(...children)
  return made
}

/** The search box as an ARIA combobox; `choose(area)` is called with the suggestion taken. */
function searchBox(input, urls, texts, choose) {
  const listId = `area-suggestions-${++count}`
  const list = element('ul', { id: listId, class: 'area-suggestions', role: 'listbox', 'aria-label': texts.suggestions, hidden: '' })
  const note = element('span', { class: 'visually-hidden', role: 'status' })
  let areas = []
  let active = -1
  let timer
  let asked = 0

  Object.entries({
    role: 'combobox', 'aria-autocomplete': 'list', 'aria-controls': listId, 'aria-expanded': 'false', autocomplete: 'off',
    placeholder: texts.placeholder,
  }).forEach(([name, value]) => input.setAttribute(name, value))

  const close = () => {
    list.hidden = true
    input.setAttribute('aria-expanded', 'false')
    input.removeAttribute('aria-activedescendant')
    active = -1
  }
  const mark = (index) => {
    active = index
    ;[...list.children].forEach((option, i) => option.setAttribute('aria-selected', String(i === index)))
    list.children[index]?.scrollIntoView({ block: 'nearest' })
    input.setAttribute('aria-activedescendant', list.children[index]?.id ?? '')
  }
  const take = (index) => {
    choose(areas[index])
    close()
  }
  const show = (found) => {
    areas = found
    list.replaceChildren(...found.map((area, i) => {
      const option = element('li', { role: 'option', id: `${listId}-${i}`, 'aria-selected': 'false' },
        area.name, element('small', {}, area.path))
      option.addEventListener('pointerdown', (event) => event.preventDefault())
      option.addEventListener('click', () => take(i))
      return option
    }))
    list.hidden = found.length === 0
    input.setAttribute('aria-expanded', String(found.length > 0))
    note.textContent = texts.found.replace('0', found.length)
    active = -1
  }
  input.addEventListener('input', () => {
    clearTimeout(timer)
    const question = input.value.trim()
    if (!question) return close()
    timer = setTimeout(async () => {
      const mine = ++asked
      const found = await fetchAreas(urls.search, { q: question })
      if (mine === asked) show(found) // a slow earlier answer must not replace a later one
    }, DELAY_MS)
  })
  input.addEventListener('keydown', (event) => {
    if (list.hidden) return
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      mark((active + (event.key === 'ArrowDown' ? 1 : -1) + areas.length) % areas.length)
    } else if (event.key === 'Enter' && active >= 0) {
      event.preventDefault()
      take(active)
    } else if (event.key === 'Escape') {
      event.preventDefault()
      close()
    }
  })
  input.addEventListener('blur', close)
  return [list, note]
}

/** Drop-downs from the top of the tree (or of `root`) downwards; each choice opens the next level. */
function cascade(root, urls, texts, choose) {
  const row = element('div', { class: 'area-cascade' })

  async function addLevel(parent, depth) {
    const areas = await fetchAreas(urls.children, parent ? { parent } : {})
    if (!areas.length) return
    const select = element('select', { class: 'form-select', 'aria-label': `${texts.level} ${depth}` },
      element('option', { value: '' }, texts.pick),
      ...areas.map(({ code, name }) => element('option', { value: code }, name)))
    select.addEventListener('change', () => {
      while (select.nextSibling) select.nextSibling.remove()
      const area = areas.find(({ code }) => code === select.value)
      if (!area) return
      choose(area)
      if (area.has_children) addLevel(area.code, depth + 1)
    })
    row.append(select)
  }

  const box = element('details', { class: 'area-levels' }, element('summary', {}, texts.browse), row)
  box.addEventListener('toggle', () => { if (box.open && !row.children.length) addLevel(root, 1) })
  return box
}

function attach(input) {
  if (input.dataset.areaReady) return
  input.dataset.areaReady = 'yes'
  const body = document.body.dataset
  const urls = { search: body.areaSearchUrl, children: body.areaChildrenUrl }
  const texts = {
    placeholder: body.areaPlaceholder, suggestions: body.areaSuggestions, found: body.areaFound,
    browse: body.areaBrowse, level: body.areaLevel, pick: body.areaPick,
  }
  const wrap = element('div', { class: 'area-picker' })
  const path = element('p', { class: 'area-path', 'aria-live': 'polite' }, input.dataset.areaPath ?? '')
  const choose = (area) => {
    input.value = area.code
    path.textContent = area.path
    input.dispatchEvent(new Event('change', { bubbles: true }))
  }
  input.before(wrap)
  wrap.append(input, ...searchBox(input, urls, texts, choose), path, cascade(input.dataset.areaRoot, urls, texts, choose))
}

export function enhance(root) {
  if (!document.body.dataset.areaSearchUrl) return
  root.querySelectorAll('input[data-area-picker]').forEach(attach)
}
