/*
 * The signed pass, read: base45, COSE_Sign1 and CWT by their exact layout, ES256 by WebCrypto. The counterpart of
 * src/shouwang/gates/rules/codec.py; tests/gates/vectors/passes.json drives both.
 *
 * There is no general CBOR here: a pass has one encoding, so reading it is holding it against that. Whatever differs by
 * a byte is unreadable, and nothing unsigned is ever told about.
 */
const PREFIX = 'SW1:'
const BYTES_MAX = 144
const TEXT_MAX = PREFIX.length + (BYTES_MAX / 2) * 3
const KID_BYTES = 8
const ID_BYTES = 8
const SIGNATURE_BYTES = 64
const KINDS_MAX = 5
const INSTANT_MAX = 253_402_300_799n // the end of year 9999, as the server's calendar has it
const ORDER_HALF = 0x7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8n

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:'
const VALUES = new Map([...ALPHABET].map((letter, value) => [letter, value]))

export class PassRefused extends Error {
  /* `state` is what a verdict knows of the pass: unreadable, unknown_version, bad_signature, not_yet_valid, expired. */
  constructor(state) {
    super(state)
    this.state = state
  }
}

/*
 * What a text says, once it has proved to be a pass of ours that holds at `nowS` (seconds since 1970).
 * `keys`: [{kid (hex), point (base64url x||y), from, until}]. Answers {pass, kind, estate, issued, from, until}.
 */
export async function decodePass(text, keys, nowS) {
  const { kid, protectedHeader, payload, signature } = parts(text)
  const message = toBeSigned(protectedHeader, payload)
  const vouching = []
  for (const key of keys) {
    if (key.kid === kid && (await isSigned(message, signature, key.point))) vouching.push(key)
  }
  if (vouching.length === 0) throw new PassRefused('bad_signature')
  const facts = factsOf(payload)
  const [key] = vouching
  if (facts.until > key.until || facts.issued < key.from) throw new PassRefused('bad_signature')
  if (nowS < facts.from) throw new PassRefused('not_yet_valid')
  if (nowS >= facts.until) throw new PassRefused('expired')
  return facts
}

/* Whether one of the keys signed these bytes at `atS`: how a manifest is believed. */
export async function isSignedByOne(bytes, signature, kid, keys, atS) {
  for (const key of keys) {
    const holds = key.kid === kid && key.from <= atS && atS < key.until
    if (holds && (await isSigned(bytes, signature, key.point))) return true
  }
  return false
}

export function base45Decode(text) {
  if (text.length % 3 === 1) throw new PassRefused('unreadable')
  const bytes = new Uint8Array(Math.floor(text.length / 3) * 2 + (text.length % 3 ? 1 : 0))
  for (let from = 0, to = 0; from < text.length; from += 3) {
    const letters = text.slice(from, from + 3)
    let value = 0
    for (let place = letters.length - 1; place >= 0; place -= 1) {
      const digit = VALUES.get(letters[place])
      if (digit === undefined) throw new PassRefused('unreadable')
      value = value * 45 + digit
    }
    if (value > (letters.length === 3 ? 0xffff : 0xff)) throw new PassRefused('unreadable')
    if (letters.length === 3) bytes[to++] = value >> 8
    bytes[to++] = value & 0xff
  }
  return bytes
}

export const fromBase64url = (text) =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0))

export const toBase64url = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')

export const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

export const fromHex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

function parts(text) {
  if (text.length > TEXT_MAX) throw new PassRefused('unreadable')
  if (!text.startsWith(PREFIX)) throw new PassRefused(/^SW[0-9]:/.test(text) ? 'unknown_version' : 'unreadable')
  const reader = new Reader(base45Decode(text.slice(PREFIX.length)), 'unreadable')
  reader.expect(0xd2, 0x84, 0x4d) // tag 18, four parts, the first of 13 bytes
  const protectedHeader = reader.take(13)
  if (!startsWith(protectedHeader, [0xa2, 0x01, 0x26, 0x04, 0x48])) throw new PassRefused('unreadable')
  reader.expect(0xa0)
  const payload = reader.take(Number(reader.head(2)))
  reader.expect(0x58, SIGNATURE_BYTES)
  const signature = reader.take(SIGNATURE_BYTES)
  reader.end()
  return { protectedHeader, payload, signature, kid: toHex(protectedHeader.slice(-KID_BYTES)) }
}

/* Of a payload that one of our keys signed: what does not read then is an older or newer format of ours. */
function factsOf(payload) {
  const reader = new Reader(payload, 'unknown_version')
  reader.expect(0xa5, 0x04)
  const until = reader.instant()
  reader.expect(0x05)
  const from = reader.instant()
  reader.expect(0x06)
  const issued = reader.instant()
  reader.expect(0x07, 0x40 + ID_BYTES)
  const id = reader.take(ID_BYTES)
  reader.expect(0x3a, 0x00, 0x01, 0x11, 0x6f, 0x82) // -70000: [kind, estate]
  const kind = Number(reader.head(0))
  const estate = Number(reader.head(0))
  reader.end()
  const pass = new DataView(id.buffer, id.byteOffset).getBigUint64(0)
  const isRead = kind >= 1 && kind <= KINDS_MAX && Number.isSafeInteger(estate) && estate >= 1 && pass >> 63n === 0n
  if (!isRead) throw new PassRefused('unknown_version')
  return { pass: pass.toString(), kind, estate, issued, from, until }
}

/* Reads CBOR heads in their shortest form only; anything else is refused as `state`. */
class Reader {
  constructor(bytes, state) {
    this.bytes = bytes
    this.state = state
    this.at = 0
  }

  take(count) {
    if (this.at + count > this.bytes.length) throw new PassRefused(this.state)
    this.at += count
    return this.bytes.slice(this.at - count, this.at)
  }

  expect(...wanted) {
    if (!startsWith(this.take(wanted.length), wanted)) throw new PassRefused(this.state)
  }

  head(major) {
    const [first] = this.take(1)
    const short = first & 0x1f
    if (first >> 5 !== major || short > 27) throw new PassRefused(this.state)
    if (short < 24) return BigInt(short)
    const width = 1 << (short - 24)
    const value = this.take(width).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
    const least = width === 1 ? 24n : 1n << BigInt(width * 4)
    if (value < least) throw new PassRefused(this.state)
    return value
  }

  instant() {
    const seconds = this.head(0)
    if (seconds > INSTANT_MAX) throw new PassRefused(this.state)
    return Number(seconds)
  }

  end() {
    if (this.at !== this.bytes.length) throw new PassRefused(this.state)
  }
}

const startsWith = (bytes, wanted) => wanted.every((byte, place) => bytes[place] === byte)

function byteString(bytes) {
  const head = bytes.length < 24 ? [0x40 + bytes.length] : [0x58, bytes.length]
  return [...head, ...bytes]
}

function toBeSigned(protectedHeader, payload) {
  const context = new TextEncoder().encode('Signature1')
  return Uint8Array.from([
    0x84, 0x60 + context.length, ...context, ...byteString(protectedHeader), 0x40, ...byteString(payload),
  ])
}

const verifiers = new Map()

async function isSigned(message, signature, point) {
  const s = BigInt(`0x${toHex(signature.slice(32))}`)
  if (s > ORDER_HALF) return false // (r, n - s) verifies too: without this a pass would have two texts
  if (!verifiers.has(point)) verifiers.set(point, importPoint(point))
  const key = await verifiers.get(point)
  return key !== null && crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, signature, message)
}

/* null for what is no point of the curve: such a key vouches for nothing. */
async function importPoint(point) {
  try {
    const raw = Uint8Array.from([0x04, ...fromBase64url(point)])
    return await crypto.subtle.importKey('raw', raw, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify'])
  } catch (error) {
    if (error instanceof DOMException) return null
    throw error
  }
}
