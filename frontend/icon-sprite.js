/*
 * A Vite plugin that makes one SVG sprite of the icons we name: line icons from @tabler/icons, status shapes drawn here.
 * Templates use them with the `icon` and `status` tags. A name that the icon set lacks stops the build.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const ICONS = [
  'alert-triangle', 'arrow-left', 'arrows-sort', 'bell', 'book', 'building', 'building-community', 'calendar', 'cash',
  'chart-bar', 'check', 'chevron-down', 'chevron-left', 'chevron-right', 'chevrons-left', 'chevrons-right',
  'circle-check', 'circle-x', 'clipboard-list', 'clock', 'download', 'edit', 'eye', 'file-text', 'filter', 'gavel',
  'heart-handshake', 'history', 'home', 'info-circle', 'key', 'lock', 'logout', 'map-pin', 'menu-2', 'plus', 'printer',
  'report', 'search', 'settings', 'shield-check', 'sort-ascending', 'sort-descending', 'table-export', 'trash',
  'upload', 'user', 'users', 'x',
]

/* One shape per tone, so that a status is told apart without colour and on a black-and-white print. */
const SHAPES = {
  'shape-neutral': '<circle cx="8" cy="8" r="5" fill="none" stroke="currentColor" stroke-width="2"/>',
  'shape-progress': '<circle cx="8" cy="8" r="5" fill="none" stroke="currentColor" stroke-width="2"/><path d="M8 3a5 5 0 0 1 0 10z"/>',
  'shape-waiting': '<path d="M8 2.5 14 13H2z"/>',
  'shape-done': '<circle cx="8" cy="8" r="6"/>',
  'shape-stopped': '<rect x="3" y="3" width="10" height="10"/>',
  'shape-overdue': '<path d="m8 1.5 6.5 6.5L8 14.5 1.5 8z"/>',
}

function lineIcon(name) {
  const path = createRequire(import.meta.url).resolve(`@tabler/icons/outline/${name}.svg`)
  const inner = readFileSync(path, 'utf8').replace(/<!--[^]*?-->/g, '').match(/<svg[^>]*>([^]*)<\/svg>/)[1]
  return `<symbol id="${name}" viewBox="0 0 24 24">${inner.replace(/\s+/g, ' ').trim()}</symbol>`
}

function shape([name, inner]) {
  return `<symbol id="${name}" viewBox="0 0 16 16">${inner}</symbol>`
}

export function iconSprite({ name }) {
  return {
    name: 'shouwang-icon-sprite',
    buildStart() {
      const symbols = [...ICONS.map(lineIcon), ...Object.entries(SHAPES).map(shape)].join('')
      this.emitFile({
        type: 'asset',
        name: 'icons.svg',
        originalFileName: name,
        source: `<svg xmlns="http://www.w3.org/2000/svg">${symbols}</svg>`,
      })
    },
  }
}
