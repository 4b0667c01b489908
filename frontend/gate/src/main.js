/*
 * The keeper's phone: one screen at a time, one next action on it. This module only leads from screen to screen; what is
 * decided stands in verdict.js, what is kept in store.js, what is sent in sync.js.
 */
import './gate.css'
import { Camera } from './camera.js'
import { button, h } from './dom.js'
import { isIdNumber } from './roster.js'
import { checks, entry, identify, verdict } from './screens/passing.js'
import { enrolment, noRoster, scan, selfCheck } from './screens/duty.js'
import { find, slip } from './screens/finding.js'
import { log } from './screens/log.js'
import { ofHolder, passage, scanned, step } from './passage.js'
import { Session } from './session.js'
import { play } from './sound.js'
import { HOW } from './states.js'
import { Sync } from './sync.js'
import { listenForWedge } from './wedge.js'
import { ageWords } from './words.js'

const SCREENS = { identify, checks, entry, verdict }
const OUTDATE_MS = 30_000

class App {
  constructor(session, root) {
    this.session = session
    this.sync = new Sync(session)
    this.camera = new Camera((text, frameMs) => this.scan(text, frameMs))
    this.cameraState = null
    this.video = h('video', { muted: true, playsinline: true, 'aria-label': '摄像头画面' })
    this.video.muted = true
    this.isOnDuty = false
    this.isBusy = false
    this.typedMeanwhile = []
    this.isLit = false
    this.place = h('strong', {})
    this.line = h('span', { class: 'line' })
    this.age = h('p', { class: 'age' })
    this.title = h('h1', { tabindex: '-1' })
    this.body = h('div', {})
    this.update = h('div', { class: 'update', hidden: true })
    const bar = h('div', { class: 'bar' }, this.place, this.line)
    root.append(h('header', {}, bar, this.age, this.update), h('main', {}, this.title, this.body))
  }

  async start() {
    this.session.addEventListener('change', () => this.tell())
    listenForWedge((text) => this.typed(text))
    addEventListener('popstate', () => this.home())
    setInterval(() => this.pass(), OUTDATE_MS)
    this.tell()
    if (this.session.device) this.sync.start()
    await this.home()
  }

  /* Where the phone stands now: not enrolled, cannot decide, before the shift, or scanning. */
  async home() {
    const { session } = this
    if (!session.device) return this.show(enrolment)
    if (session.device.isRevoked || (!session.roster && this.isOnDuty)) return this.show(noRoster)
    if (!this.isOnDuty) return this.show(selfCheck)
    await this.startCamera()
    return this.show(scan)
  }

  async show(screen, details) {
    const { title, body, tone, focus, isScan, takesScans, returnsMs } = await screen(this, details)
    clearTimeout(this.returning)
    this.screen = screen
    this.details = details
    this.takesScans = Boolean(isScan || takesScans || screen === identify)
    this.camera.isPaused = !isScan
    document.body.className = `${tone ? `tone-${tone}` : ''} ${isScan ? 'wide' : ''} ${screen === verdict ? 'told' : ''}`
    this.title.textContent = title
    this.body.replaceChildren(...body.filter(Boolean))
    if (isScan && this.cameraState === 'on') this.video.play()
    ;(focus ?? this.title).focus({ preventScroll: true })
    scrollTo(0, 0)
    if (!isScan && history.state === null) history.pushState('screen', '')
    if (returnsMs) this.returning = setTimeout(() => this.home(), returnsMs)
  }

  /* The same screen with what is so by now; focus and place stay. */
  async refresh() {
    const { screen, details } = this
    const { body } = await screen(this, details)
    if (screen === this.screen) this.body.replaceChildren(...body.filter(Boolean))
  }

  /* One at a time: a second tap or card waits for nothing and does nothing. */
  once(action) {
    return async (event) => {
      event?.preventDefault()
      if (this.isBusy) return
      this.isBusy = true
      document.body.setAttribute('aria-busy', 'true')
      try {
        await action(event)
      } finally {
        this.isBusy = false
        document.body.removeAttribute('aria-busy')
      }
      const [text] = this.typedMeanwhile.splice(0)
      if (text) this.typed(text)
    }
  }

  scan(text, frameMs = performance.now()) {
    return this.once(async () => {
      if (!this.session.roster) return
      await this.take(await scanned(this.session, text))
      requestAnimationFrame(() => performance.measure('gate-decision', { start: frameMs }))
    })()
  }

  /* From a scanner that types: a pass, or the number of an ID card. */
  typed(text) {
    if (this.isBusy) {
      this.typedMeanwhile = [text] // the card was there: it is read when the hand is free
      return
    }
    if (!this.takesScans || !this.session.roster) return
    if (!isIdNumber(text)) {
      this.scan(text)
      return
    }
    this.once(async () => {
      const holder = await this.session.roster.byIdNumber(text)
      if (holder) await this.take(ofHolder(this.session, holder, HOW.ID_NUMBER))
      else await this.take(passage(this.session, { how: HOW.ID_NUMBER }))
    })()
  }

  passage(found) {
    return passage(this.session, found)
  }

  takeHolder(holder, how) {
    return this.take(ofHolder(this.session, holder, how))
  }

  /* The next step of somebody at the gate; a verdict is on the disk when it is shown. */
  async take(current) {
    const next = await step(this.session, current)
    await this.show(SCREENS[next.name], next)
    if (next.name !== 'verdict') return
    play(next.answer.verdict)
    this.sync.soon()
  }

  find() {
    return this.show(find)
  }

  slip() {
    return this.show(slip)
  }

  log() {
    return this.show(log)
  }

  visitor() {
    return this.once(() => this.take(this.passage({ how: HOW.VISITOR, writtenDown: true })))()
  }

  async startCamera() {
    const isLive = this.camera.stream?.getVideoTracks()[0].readyState === 'live'
    if (!isLive) this.cameraState = await this.camera.start(this.video)
  }

  async toggleTorch() {
    this.isLit = !this.isLit
    await this.camera.light(this.isLit)
  }

  /* The header: where, on line or not, how old the roster is, what waits. */
  async tell() {
    const { session, sync } = this
    const gate = session.roster?.gate ?? session.device?.gate
    this.place.textContent = gate ? `${gate.estate_name ?? ''} ${gate.name ?? ''}` : '守望卡口'
    this.line.textContent = sync.isOnline === null ? '' : sync.isOnline ? '已联网' : '离线'
    if (!session.device) {
      this.age.textContent = ''
      if (this.screen && this.screen !== enrolment) await this.home() // wiped
      return
    }
    const cannotDecide = session.device.isRevoked || !session.roster
    if (cannotDecide && this.takesScans) await this.home()
    const waiting = await session.store.count(session.device.id, 'waiting')
    const refused = await session.store.count(session.device.id, 'quarantined')
    const { roster } = session
    const isStale = roster?.isStaleAt(session.nowS) ?? true
    this.age.className = isStale ? 'age stale' : 'age'
    this.age.replaceChildren(
      h('b', {}, roster ? `名册 ${ageWords(roster.ageAt(session.nowS))}更新` : '没有名册'),
      h('span', {}, `待上传 ${waiting}${refused ? ` · 退回 ${refused}` : ''}`),
    )
    const told = `${waiting} ${refused} ${session.received?.through}`
    if (this.screen === log && told !== this.told) await this.refresh()
    this.told = told
  }

  /* Time passes: the age in the header grows, a roster past its time goes. */
  async pass() {
    await this.session.dropIfOld()
    await this.tell()
  }

  offerUpdate(worker) {
    const take = button('更新卡口程序', () => {
      navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true })
      worker.postMessage('take-over')
    })
    this.update.replaceChildren('有新的程序。', take)
    this.update.hidden = false
  }
}

/* The page and everything it needs are kept by the service worker: it opens with the network off. */
async function keepOffline(app) {
  if (!navigator.serviceWorker) return
  const registration = await navigator.serviceWorker.register('/gate/sw.js', { scope: '/gate/' })
  if (registration.waiting && navigator.serviceWorker.controller) app.offerUpdate(registration.waiting)
  registration.addEventListener('updatefound', () => {
    const worker = registration.installing
    worker.addEventListener('statechange', () => {
      if (worker.state === 'installed' && navigator.serviceWorker.controller) app.offerUpdate(worker)
    })
  })
}

/* What nobody foresaw is said, not swallowed: a keeper must not wait before a screen that stands still. */
function tellOfErrors(app) {
  const tell = () => {
    app.update.replaceChildren('程序出错，已记录的不会丢。', button('重新打开', () => location.reload()))
    app.update.hidden = false
  }
  addEventListener('error', tell)
  addEventListener('unhandledrejection', tell)
}

const app = new App(await Session.open(), document.getElementById('app'))
tellOfErrors(app)
await app.start()
keepOffline(app).catch((error) => {
  // Without it the phone works as long as the page stays open; offline the registration of a new worker must fail.
  if (!(error instanceof TypeError || error instanceof DOMException)) throw error
})
navigator.wakeLock?.request('screen').catch(() => { /* a phone may refuse to stay lit; it scans all the same */ })
