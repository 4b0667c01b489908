/*
 * Sealing what names people: AES-GCM under keys that WebCrypto never gives out. Two keys: the roster's is dropped with
 * the roster, the visitors' lives until the phone is wiped, so that dropping a roster loses no scan.
 */
const AES = { name: 'AES-GCM', length: 256 }
const IV_BYTES = 12

export class Vault {
  constructor(store) {
    this.store = store
  }

  async seal(purpose, value) {
    const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
    const bytes = new TextEncoder().encode(JSON.stringify(value))
    return { iv, bytes: await crypto.subtle.encrypt({ name: AES.name, iv }, await this.#key(purpose), bytes) }
  }

  /* null when its key is gone. */
  async open(purpose, sealed) {
    const key = await this.store.get(nameOf(purpose))
    if (!key || !sealed) return null
    const bytes = await crypto.subtle.decrypt({ name: AES.name, iv: sealed.iv }, key, sealed.bytes)
    return JSON.parse(new TextDecoder().decode(bytes))
  }

  drop(purpose) {
    return this.store.remove(nameOf(purpose))
  }

  async #key(purpose) {
    return (await this.store.get(nameOf(purpose))) ?? this.#keep(purpose, await crypto.subtle.generateKey(AES, false, ['encrypt', 'decrypt']))
  }

  /* Of two tabs that make a key at once the first one's is kept. */
  async #keep(purpose, made) {
    const tx = this.store.db.transaction('state', 'readwrite')
    const kept = (await tx.store.get(nameOf(purpose))) ?? made
    tx.store.put(kept, nameOf(purpose))
    await tx.done
    return kept
  }
}

const nameOf = (purpose) => `key:${purpose}`
