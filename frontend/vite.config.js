/*
 * Builds what the web shell serves: one script, one style sheet, one icon sprite, all with hashed names, and the
 * manifest that django-vite reads; beside it the keeper's phone (gate/) with its service worker and its code reader.
 * Nothing is fetched at run time; nothing built is committed.
 */
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'
import { iconSprite } from './icon-sprite.js'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  root: here('.'),
  base: './',
  publicDir: false,
  plugins: [iconSprite({ name: 'src/icons.svg' })],
  css: { preprocessorOptions: { scss: { loadPaths: [here('node_modules')], quietDeps: true } } },
  build: {
    outDir: here('../src/shouwang/web/static/dist'),
    emptyOutDir: true,
    manifest: 'manifest.json',
    target: 'chrome111',
    modulePreload: false,
    assetsInlineLimit: 0,
    rollupOptions: { input: { main: here('src/main.js'), gate: here('gate/src/main.js'), gate_worker: here('gate/sw.js') } },
  },
})
