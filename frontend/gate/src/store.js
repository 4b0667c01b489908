/*
 * What the phone keeps, in IndexedDB. A scan's number comes from a counter in the same transaction that writes the scan,
 * so two tabs never share one and none is skipped; the write is on the disk before it is answered.
 *
 * observations: {device, seq, standing: waiting | sent | quarantined, code, ...format 4}; exits: what a quota counts.
 */
import { openDB } from 'idb'

const VERSION = 1
const UNDO_MS = 15 * 60_000
const KEEP_SENT_MS = 24 * 3_600_000
const KEEP_EXITS_MS = 15 * 24 * 3_600_000
const ON_DISK = { durability: 'strict' }

export class Store {
  static async open(name = 'shouwang-gate') {
    const db = await openDB(name, VERSION, {
      upgrade(fresh) {
        fresh.createObjectStore('state')
        const observations = fresh.createObjectStore('observations', { keyPath: ['device', 'seq'] })
        observations.createIndex('standing', ['device', 'standing', 'seq'])
        fresh.createObjectStore('exits', { keyPath: ['device', 'seq'] }).createIndex('household', 'household')
      },
      blocking: (_current, _blocked, event) => event.target.close(),
    })
    return new Store(db)
  }

  constructor(db) {
    this.db = db
  }

  get(name) {
    return this.db.get('state', name)
  }

  put(name, value) {
    return this.db.put('state', value, name)
  }

  remove(name) {
    return this.db.delete('state', name)
  }

  /* Writes one observation under the next number of the device and answers it. `household` counts it as an exit. */
  async record(device, draft, household = null) {
    const tx = this.db.transaction(['state', 'observations', 'exits'], 'readwrite', ON_DISK)
    const observation = await addNext(tx, device, draft)
    if (household !== null) {
      tx.objectStore('exits').add({ device, seq: observation.seq, household, day: draft.day, at_ms: draft.at_ms })
    }
    await tx.done
    return observation
  }

  /* Takes a verdict back by another observation; null when it is too late, or was done. */
  async annul(device, seq, stamp) {
    const tx = this.db.transaction(['state', 'observations', 'exits'], 'readwrite', ON_DISK)
    const observations = tx.objectStore('observations')
    const taken = await observations.get([device, seq])
    if (!taken || taken.annuls !== null || taken.annulled_by || stamp.at_ms - taken.at_ms > UNDO_MS) {
      await tx.done
      return null
    }
    const { visitor: _kept, ...facts } = taken
    const undo = await addNext(tx, device, { ...facts, ...stamp, annuls: seq })
    observations.put({ ...taken, annulled_by: undo.seq })
    tx.objectStore('exits').delete([device, seq])
    await tx.done
    return undo
  }

  /* The next so many that wait, in the order they were made. */
  waiting(device, count) {
    return this.db.getAllFromIndex('observations', 'standing', standing(device, 'waiting'), count)
  }

  ofStanding(device, name) {
    return this.db.getAllFromIndex('observations', 'standing', standing(device, name))
  }

  count(device, name) {
    return this.db.countFromIndex('observations', 'standing', standing(device, name))
  }

  /* The latest first. */
  async recent(device, count) {
    const found = []
    const range = IDBKeyRange.bound([device, 0], [device, Infinity])
    let cursor = await this.db.transaction('observations').store.openCursor(range, 'prev')
    while (cursor && found.length < count) {
      found.push(cursor.value)
      cursor = await cursor.continue()
    }
    return found
  }

  /* `settled`: [[seq, standing, code]]. A row that is gone, or was settled by another tab, stays so. */
  async settle(device, settled) {
    const tx = this.db.transaction('observations', 'readwrite', ON_DISK)
    for (const [seq, name, code] of settled) {
      const observation = await tx.store.get([device, seq])
      if (observation) tx.store.put({ ...observation, standing: name, code })
    }
    await tx.done
  }

  /* Forgets what was confirmed a day ago, and exits that no window reaches. What waits or was refused stays. */
  async forgetOld(device, nowMs) {
    const tx = this.db.transaction(['observations', 'exits'], 'readwrite')
    for (const old of await tx.objectStore('observations').index('standing').getAll(standing(device, 'sent'))) {
      if (nowMs - old.at_ms > KEEP_SENT_MS) tx.objectStore('observations').delete([device, old.seq])
    }
    for (const exit of await tx.objectStore('exits').getAll()) {
      if (nowMs - exit.at_ms > KEEP_EXITS_MS) tx.objectStore('exits').delete([exit.device, exit.seq])
    }
    await tx.done
  }

  async exitsSince(household, day) {
    const exits = await this.db.getAllFromIndex('exits', 'household', household)
    return exits.filter((exit) => exit.day >= day).length
  }

  /* What a wipe leaves: bare facts of scans that the server has not confirmed. No name, no roster, no key. */
  async wipe() {
    const tx = this.db.transaction(['state', 'observations', 'exits'], 'readwrite', ON_DISK)
    tx.objectStore('state').clear()
    tx.objectStore('exits').clear()
    for (const kept of await tx.objectStore('observations').getAll()) {
      const { visitor: _gone, ...facts } = kept
      if (kept.standing === 'sent') tx.objectStore('observations').delete([kept.device, kept.seq])
      else tx.objectStore('observations').put(facts)
    }
    await tx.done
  }

  leftBehind() {
    return this.db.count('observations')
  }
}

const standing = (device, name) => IDBKeyRange.bound([device, name, 0], [device, name, Infinity])

async function addNext(tx, device, draft) {
  const state = tx.objectStore('state')
  const seq = ((await state.get(`seq:${device}`)) ?? 0) + 1
  const observation = { ...draft, device, seq, standing: 'waiting', code: '' }
  state.put(seq, `seq:${device}`)
  tx.objectStore('observations').add(observation)
  return observation
}
