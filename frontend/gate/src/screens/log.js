/* What was recorded, what waits, what the server has and what it refused; taking a verdict back. */
import { button, h } from '../dom.js'
import { receivedLine } from '../queue.js'
import { ageWords, logLine, QUARANTINE_WORDS } from '../words.js'
import { selfCheck } from './duty.js'

const RECENT = 20
const UNDO_MS = 15 * 60_000

export async function log(app) {
  const { session } = app
  const { store, device, roster } = session
  const waiting = await store.count(device.id, 'waiting')
  const refused = await store.ofStanding(device.id, 'quarantined')
  const recent = await store.recent(device.id, RECENT)
  const now = session.clock.now()
  const send = button('立即上传和更新', app.once(async () => {
    await app.sync.run({ isAsked: true })
    if (session.device) await app.show(log)
  }), { class: 'btn primary' })
  const rows = recent.map((kept) => h('li', {}, h('span', {}, h('b', {}, `${kept.seq}`), ` ${logLine(kept)}`),
    kept.annulled_by ? h('em', {}, `已由 ${kept.annulled_by} 号撤销`) : null,
    canBeTakenBack(kept, now) ? button('撤销', app.once(async () => {
      await session.annul(kept.seq)
      app.sync.soon()
      await app.show(log)
    }), { 'aria-label': `撤销第 ${kept.seq} 号` }) : null))
  return {
    title: '记录与上传',
    body: [
      h('p', { class: 'received' }, receivedLine(session.received)),
      h('p', {}, `待上传 ${waiting} 条。名册${roster ? ageWords(roster.ageAt(session.nowS)) + '更新' : '没有'}。本机 ${device.name}，编号 ${device.id}。`),
      refused.length ? quarantine(refused) : null,
      h('div', { class: 'actions' }, send, button('返回扫码', () => app.home()), button('班前自检', () => app.show(selfCheck))),
      h('h2', {}, '最近记录'),
      recent.length ? h('ol', { class: 'log' }, rows) : h('p', {}, '还没有。'),
    ],
  }
}

const canBeTakenBack = (kept, now) => kept.annuls === null && !kept.annulled_by && now - kept.at_ms <= UNDO_MS

/* Kept in sight, never sent again by itself, never dropped. */
function quarantine(refused) {
  return h('section', { class: 'banner' },
    h('h2', {}, `被退回 ${refused.length} 条`),
    h('p', {}, '留在本机，不会丢。请告诉社区。'),
    h('ul', {}, refused.map((kept) => h('li', {}, `第 ${kept.seq} 号：${QUARANTINE_WORDS[kept.code.split(':')[0]] ?? kept.code}`))))
}
