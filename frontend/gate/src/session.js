/*
 * The phone in use: who it is, what it carries, what time it is. Opens what is kept, takes a manifest in, lets it go.
 * Everything a verdict needs is in memory after `open`; the scan path never awaits a network.
 */
import * as server from './server.js'
import { believed, withDelta } from './believing.js'
import { isRevoked } from './queue.js'
import { Clock, dayOf, minuteOf, windowStart } from './clock.js'
import { Roster } from './roster.js'
import { Store } from './store.js'
import { Vault } from './vault.js'

export const APP_VERSION = '1.0'

export class Session extends EventTarget {
  static async open(storeName) {
    const session = new Session(await Store.open(storeName))
    await session.reload()
    return session
  }

  constructor(store) {
    super()
    this.store = store
    this.tabs = new BroadcastChannel('shouwang-gate')
    this.tabs.onmessage = async () => {
      await this.reload()
      this.changed()
    }
    this.vault = new Vault(store)
  }

  /* Reads what is kept; another tab may have changed it. */
  async reload() {
    this.device = (await this.store.get('device')) ?? null
    this.clock = new Clock(await this.store.get('clock'))
    this.direction = (await this.store.get('direction')) ?? 1
    this.received = (await this.store.get('received')) ?? null
    this.roster = null
    const carried = await this.vault.open('roster', await this.store.get('manifest'))
    if (carried) this.roster = new Roster(carried.body, carried.denied.passes)
    await this.dropIfOld()
  }

  get nowS() {
    return Math.floor(this.clock.now() / 1000)
  }

  get keys() {
    return this.roster?.keys ?? this.device?.keys ?? []
  }

  changed() {
    this.dispatchEvent(new Event('change'))
  }

  /* Who the phone is, or what it carries: other tabs must know at once. */
  changedForAll() {
    this.tabs.postMessage('changed')
    this.changed()
  }

  async enrol(code, name) {
    const asked = Date.now()
    const answer = await server.enrol({ code, name, clock_ms: asked })
    if (answer?.status !== 200 && answer?.status !== 201) return answer
    const { device, key, profile, keys, gate, received_ms: serverMs } = answer.body
    this.clock.measure(serverMs, asked, Date.now())
    this.device = { id: device, key, profile, keys, gate, name, isRevoked: false }
    await this.store.put('device', this.device)
    await this.store.put('clock', this.clock.state)
    this.changedForAll()
    return answer
  }

  /* Asks for a manifest and takes it in when it is believed: 'taken', 'offline', 'revoked', 'refused'. */
  async fetchManifest() {
    const kept = await this.vault.open('roster', await this.store.get('manifest'))
    let answer = await server.manifest(this.device.key, kept?.denied.number ?? 0)
    if (isRevoked(answer)) return 'revoked'
    if (answer?.status !== 200) return 'offline'
    let body = await believed(answer.body, this.device, kept?.body.compiled_at ?? 0)
    let denied = body && withDelta(kept?.denied, body.denied)
    if (body && !denied) {
      answer = await server.manifest(this.device.key, 0)
      body = await believed(answer?.body, this.device, kept?.body.compiled_at ?? 0)
      denied = body && withDelta(null, body.denied)
    }
    if (!denied) return 'refused'
    await this.#take(body, denied)
    return 'taken'
  }

  async #take(body, denied) {
    await this.store.put('manifest', await this.vault.seal('roster', { body, denied }))
    this.device = { ...this.device, keys: body.keys }
    await this.store.put('device', this.device)
    this.roster = new Roster(body, denied.passes)
    this.changedForAll()
  }

  /* The roster names people: past its time it goes, with its key. Scans that wait stay. */
  async dropIfOld() {
    if (this.roster?.mustGoAt(this.nowS)) await this.dropRoster()
  }

  async dropRoster() {
    this.roster = null
    await this.store.remove('manifest')
    await this.vault.drop('roster')
    this.changedForAll()
  }

  async revoke(mustWipe = false) {
    this.device = { ...this.device, isRevoked: true, mustWipe: mustWipe || this.device.mustWipe === true }
    await this.store.put('device', this.device)
    await this.dropRoster()
  }

  async wipe() {
    const { key } = this.device
    this.device = null
    this.roster = null
    await this.store.wipe()
    this.changedForAll()
    await server.wiped(key)
  }

  async setDirection(direction) {
    this.direction = direction
    await this.store.put('direction', direction)
    this.changed()
  }

  /* What every observation carries of its moment. */
  stamp() {
    const ms = this.clock.now()
    return { at_ms: ms, day: dayOf(ms), manifest_at: this.roster?.compiledAt ?? 0 }
  }

  minute() {
    return minuteOf(this.clock.now())
  }

  today() {
    return dayOf(this.clock.now())
  }

  async exitsUsed(holder, rule) {
    if (!rule.exits || !holder?.household) return 0
    return this.store.exitsSince(holder.household, windowStart(this.today(), rule.exits.days))
  }

  async record(draft, household) {
    const visitor = draft.visitor ? await this.vault.seal('visitors', draft.visitor) : undefined
    const observation = await this.store.record(this.device.id, { ...draft, ...this.stamp(), visitor }, household)
    await this.store.put('clock', this.clock.state)
    this.changed()
    return observation
  }

  async annul(seq) {
    const undo = await this.store.annul(this.device.id, seq, this.stamp())
    this.changed()
    return undo
  }
}
