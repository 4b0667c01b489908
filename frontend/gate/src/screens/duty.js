/* Before and during a shift: enrolment, self-check, the scan screen, and what stands there when the phone cannot decide. */
import { button, field, h, shape, valuesOf } from '../dom.js'
import { ageWords, DIRECTION_WORDS, spanWords } from '../words.js'
import { IN, OUT } from '../states.js'
import { allowSound } from '../sound.js'
import { warmUp } from '../camera.js'

const CLOCK_ASKED_MS = 26 * 3_600_000
const CLOCK_OFF_MS = 120_000

export async function enrolment(app) {
  const trouble = h('p', { class: 'trouble', role: 'alert' })
  const left = await app.session.store.leftBehind()
  const send = h('button', { class: 'btn primary', type: 'submit' }, '登记本机')
  const form = h(
    'form',
    {
      onsubmit: app.once(async () => {
        const { code, name } = valuesOf(form)
        const answer = await app.session.enrol(code.trim(), name.trim())
        if (!app.session.device) {
          trouble.textContent = answer === null ? '没有网络，登记本机须联网。' : (answer.body?.message ?? '登记码不对，或已经用过。')
          return
        }
        await navigator.storage?.persist?.()
        await app.sync.run({ isAsked: true })
        await app.home()
      }),
    },
    field('登记码', { name: 'code', required: true, autocapitalize: 'characters', maxlength: 40, class: 'code' }),
    field('本机叫什么', { name: 'name', required: true, maxlength: 40, placeholder: '南门 1 号机' }),
    trouble,
    send,
  )
  return {
    title: '登记本机',
    body: [
      h('p', {}, '向社区要一个登记码。登记一次，以后没有网络也能值守。'),
      form,
      left ? h('p', { class: 'note' }, `本机留有 ${left} 条未上传的旧记录，请交社区。`) : null,
    ],
  }
}

export async function selfCheck(app) {
  const { session } = app
  await app.startCamera()
  const items = await checksOf(app)
  const isReady = items.every(({ tone }) => tone === 'done')
  const begin = button(isReady ? '开始值守' : '仍要开始值守', async () => {
    allowSound()
    await warmUp()
    app.isOnDuty = true
    await app.home()
  }, { class: 'btn primary' })
  const again = button('再查一次', app.once(async () => {
    await app.sync.run({ isAsked: true })
    await (session.device ? app.show(selfCheck) : app.home())
  }))
  const list = items.map(({ tone, name, words }) =>
    h('li', { class: `tone-${tone}` }, shape(tone), h('span', {}, h('strong', {}, name), h('span', {}, words))),
  )
  const actions = session.roster ? [begin, again] : [again]
  return { title: '班前自检', body: [h('ul', { class: 'checks' }, list), h('div', { class: 'actions' }, actions)] }
}

async function checksOf(app) {
  const { session } = app
  const { roster, clock, device } = session
  const isPersisted = (await navigator.storage?.persist?.()) ?? false
  const waiting = await session.store.count(device.id, 'waiting')
  const quarantined = await session.store.count(device.id, 'quarantined')
  const measured = clock.measuredAtMs !== null && clock.now() - clock.measuredAtMs < CLOCK_ASKED_MS
  const off = Math.abs(clock.offsetMs)
  const item = (name, isGood, good, bad, tone = 'waiting') => ({ name, tone: isGood ? 'done' : tone, words: isGood ? good : bad })
  const age = roster && ageWords(roster.ageAt(session.nowS))
  return [
    app.sync.manifestOutcome === 'refused' ? item('下发内容', false, '', '不是本系统签发的，没有采用，请联系社区', 'overdue') : null,
    item('名册和规则', roster && !roster.isStaleAt(session.nowS), `${age}更新`, roster ? `${age}更新，已过时，请联网` : '没有，请联网', 'overdue'),
    item('待上传', waiting + quarantined === 0, '没有', `${waiting} 条待上传，${quarantined} 条被退回`),
    item('摄像头', app.cameraState === 'on', '可用', app.cameraState === 'refused' ? '没有允许使用，请在浏览器里允许' : '没有，可用扫码枪或查身份证号'),
    item('时间', measured && off < CLOCK_OFF_MS, '准', measured ? `本机时间差 ${spanWords(off / 1000)}，已按服务器校正` : '还没有和服务器校对'),
    item('存储', isPersisted, '不会被系统清理', '可能被系统清理：请把本页添加到主屏幕'),
  ].filter(Boolean)
}

export function scan(app) {
  const { session } = app
  const { roster } = session
  const turn = (direction) => h('label', {}, h('input', {
    type: 'radio', name: 'direction', value: direction, checked: session.direction === direction,
    onchange: () => session.setDirection(direction),
  }), h('span', {}, DIRECTION_WORDS[direction]))
  const stale = roster.isStaleAt(session.nowS)
  const policy = roster.gate.stale_policy === 'refuse' ? '改用纸质登记表，居民回家照常' : '照常放行，记录会标记'
  const torch = app.camera.hasTorch ? button('照明', () => app.toggleTorch()) : null
  const picture = app.cameraState === 'on'
    ? h('div', { class: 'picture' }, app.video, h('div', { class: 'aim', 'aria-hidden': 'true' }))
    : h('p', { class: 'picture off' }, '没有摄像头：用扫码枪扫，或查身份证号')
  return {
    title: '对准通行码',
    isScan: true,
    body: [
      h('fieldset', { class: 'choice direction' }, h('legend', { class: 'hidden' }, '方向'), h('div', {}, turn(IN), turn(OUT))),
      stale ? h('p', { class: 'banner' }, `名册已过时（${ageWords(roster.ageAt(session.nowS))}更新）：${policy}。请联网。`) : null,
      picture,
      h('div', { class: 'actions grid' },
        button('查身份证号、姓名', () => app.find(), { class: 'btn primary' }),
        button('访客', () => app.visitor()),
        button('当日纸条', () => app.slip()),
        button('记录与上传', () => app.log()),
        torch),
      h('details', {}, h('summary', {}, '今天的规则'), h('ul', {}, (roster.ruleAt(session.nowS)?.sentences ?? []).map((words) => h('li', {}, words)))),
    ],
  }
}

/* No roster: dropped after its time, or never fetched. */
export function noRoster(app) {
  const words = app.session.device.isRevoked
    ? '本机已停用，名册已清除。未上传的记录还在，请把本机交给社区。'
    : '名册没有，或超过时限没有联网已清除。请先用纸质登记表，联网后更新。'
  const again = button('联网更新', app.once(async () => {
    await app.sync.run({ isAsked: true })
    await app.home()
  }), { class: 'btn primary' })
  return {
    title: app.session.device.isRevoked ? '本机已停用' : '暂不能扫码',
    body: [h('p', { class: 'banner' }, words), h('div', { class: 'actions' }, again, button('记录与上传', () => app.log()))],
  }
}
