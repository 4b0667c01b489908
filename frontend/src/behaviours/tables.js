/*
 * On a phone each row becomes a card, so every cell needs its column's name: taken from the table's head, not typed twice.
 * Roles are set because a table laid out as blocks loses them. Without script the table scrolls inside its own box.
 */
function label(table) {
  const names = [...table.querySelectorAll('thead th')].map((cell) => cell.textContent.trim())
  const setRole = (selector, role) => table.querySelectorAll(selector).forEach((cell) => cell.setAttribute('role', role))
  table.setAttribute('role', 'table')
  setRole('thead, tbody, tfoot', 'rowgroup')
  setRole('tr', 'row')
  setRole('thead th', 'columnheader')
  setRole('td', 'cell')
  setRole('tbody th, tfoot th', 'rowheader')
  for (const row of table.tBodies[0]?.rows ?? []) {
    let column = 0
    for (const cell of row.cells) {
      if (cell.colSpan === 1) cell.dataset.label = names[column] ?? ''
      if (cell.childNodes.length > 1) keepTogether(cell)
      column += cell.colSpan
    }
  }
  table.closest('.table-scroll').classList.add('as-cards')
}

// A card sets the column's name on the left and the value on the right: a link and the words after it are one value.
function keepTogether(cell) {
  const value = document.createElement('div')
  value.append(...cell.childNodes)
  cell.append(value)
}

export function enhance(root) {
  root.querySelectorAll('.table-scroll:not([data-keep-table]) > table').forEach(label)
}
