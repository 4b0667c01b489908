/*
 * Sending what waits and fetching what is new, one tab at a time. A batch that got no answer is sent again as it was: its
 * numbers make it the same batch. Nobody waits for it: the scan path does not know of this module.
 */
import * as server from './server.js'
import { BATCH_MAX, itemOf, readAnswer, toSendAgain } from './queue.js'
import { APP_VERSION } from './session.js'

const LOCK = 'shouwang-gate-sync'
const EVERY_MS = 60_000
const SOON_MS = 1_500
const MANIFEST_EVERY_MS = 5 * 60_000

export class Sync {
  constructor(session) {
    this.session = session
    this.failures = 0
    this.limit = BATCH_MAX
    this.timer = null
    this.isOnline = null
    this.manifestAskedMs = 0
  }

  start() {
    addEventListener('online', () => this.soon(0))
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && this.soon(0))
    this.soon(0)
  }

  soon(inMs = SOON_MS) {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.run(), inMs)
  }

  /* One round; `true` when everything that waited was taken and the manifest is new. */
  async run({ isAsked = false } = {}) {
    clearTimeout(this.timer)
    const round = () => this.#round(isAsked)
    try {
      return (await navigator.locks.request(LOCK, isAsked ? {} : { ifAvailable: true }, (lock) => lock && round())) === true
    } finally {
      clearTimeout(this.timer)
      this.timer = setTimeout(() => this.run(), this.waitMs ?? EVERY_MS)
      this.session.changed()
    }
  }

  async #round(isAsked) {
    const { session } = this
    this.waitMs = null
    if (!session.device) return false
    await session.dropIfOld()
    const { isRevoked } = session.device
    if (isRevoked && !(await session.store.count(session.device.id, 'waiting'))) return this.#wipeIfTold()
    if (!(await this.#drain())) return false
    if (session.device.isRevoked) return this.#wipeIfTold()
    const isDue = Date.now() - this.manifestAskedMs > MANIFEST_EVERY_MS
    if (!isAsked && !isDue && session.roster) return true
    const outcome = await session.fetchManifest()
    if (outcome === 'revoked') await session.revoke()
    if (outcome === 'taken') this.manifestAskedMs = Date.now()
    this.manifestOutcome = outcome
    return outcome === 'taken'
  }

  /* A phone told to wipe hands over first what the server will hold of its queue; its roster is gone by then. */
  async #wipeIfTold() {
    if (this.session.device.mustWipe) await this.session.wipe()
    return false
  }

  /* Batch by batch until nothing waits; false when the server could not take all. */
  async #drain() {
    for (let isFirst = true; ; isFirst = false) {
      const batch = await this.session.store.waiting(this.session.device.id, this.limit)
      if (batch.length === 0 && !isFirst) return true
      if (!(await this.#send(batch))) return false
      if (batch.length === 0) return true
    }
  }

  async #send(batch) {
    const { session } = this
    const { store, device } = session
    const items = await Promise.all(batch.map(async (kept) => itemOf(kept, await session.vault.open('visitors', kept.visitor))))
    const askedMs = Date.now()
    const answer = await server.observations(device.key, { ...(await this.#report()), items })
    if (answer?.status === 200) session.clock.measure(answer.body?.received_ms, askedMs, Date.now())
    this.isOnline = answer !== null
    const plan = readAnswer(batch.map(({ seq }) => seq), answer, this.failures)
    if (plan.settled.length) await store.settle(device.id, plan.settled)
    if (answer?.status === 200) await this.#heard(answer.body)
    if (plan.mustWipe || plan.isRevoked) await session.revoke(plan.mustWipe)
    if (plan.halve) this.limit = Math.max(1, batch.length >> 1)
    else if (plan.settled.length) this.limit = BATCH_MAX
    this.failures = plan.retryMs === null ? 0 : this.failures + 1
    this.waitMs = plan.retryMs
    session.changed()
    if (plan.isRevoked && !plan.settled.length && batch.length) {
      await this.#wipeIfTold() // nothing of it will be held
      return false
    }
    return plan.retryMs === null
  }

  async #report() {
    const { session } = this
    const { id } = session.device
    return {
      clock_ms: Date.now(),
      waiting: await session.store.count(id, 'waiting'),
      quarantined: await session.store.count(id, 'quarantined'),
      manifest_at: session.roster?.compiledAt ?? null,
      persisted: (await navigator.storage?.persisted?.()) ?? null,
      app: APP_VERSION,
    }
  }

  async #heard({ received }) {
    const { session } = this
    const { id } = session.device
    await session.store.put('clock', session.clock.state)
    if (!received) return
    session.received = received
    await session.store.put('received', received)
    const sent = received.missing.length ? await session.store.ofStanding(id, 'sent') : []
    const again = toSendAgain(received.missing, sent.map(({ seq }) => seq))
    if (again.length) await session.store.settle(id, again.map((seq) => [seq, 'waiting', '']))
    await session.store.forgetOld(id, session.clock.now())
  }
}
