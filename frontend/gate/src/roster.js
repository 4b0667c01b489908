/*
 * A manifest that was believed, made quick to ask: who holds a pass, whose ID number it is, who lives where, which rule
 * holds now. Reads format 2 of docs/gate-formats.md; never asks a network.
 */
import { fromHex, toBase64url } from './codec.js'

const FOUND_MAX = 20
const DIGEST_BYTES = 16

export class Roster {
  /* `denied`: {pass id: reason}, everything told so far. */
  constructor(body, denied) {
    this.gate = body.gate
    this.compiledAt = body.compiled_at
    this.keys = body.keys
    this.rules = body.rules
    this.slips = body.slips
    this.holders = body.roster
    this.denied = denied
    this.secret = body.secret
    this.passes = new Map(body.roster.filter((holder) => holder.pass).map((holder) => [holder.pass, holder]))
    this.digests = new Map(body.roster.filter((holder) => holder.digest).map((holder) => [holder.digest, holder]))
  }

  /* The segment that covers this second; past the last one the last, as of a manifest that is stale anyway. */
  ruleAt(seconds) {
    return this.rules.find((rule) => rule.from <= seconds && seconds < rule.until) ?? this.rules.at(-1)
  }

  ageAt(seconds) {
    return Math.max(seconds - this.compiledAt, 0)
  }

  isStaleAt(seconds) {
    return this.ageAt(seconds) > this.gate.stale_after_hours * 3600
  }

  mustGoAt(seconds) {
    return this.ageAt(seconds) > this.gate.wipe_after_hours * 3600
  }

  slipOn(day) {
    return this.slips.find((slip) => slip.on === day) ?? null
  }

  /* Who lives with somebody; nobody with a guest, whose number is 0. */
  household(number) {
    return number === 0 ? [] : this.holders.filter((holder) => holder.household === number)
  }

  async byIdNumber(number) {
    return this.digests.get(await digestOf(this.secret, number)) ?? null
  }

  /* By words in any order: a name or its initials, a building, a room, the last four of the ID number. */
  search(text) {
    const words = text.trim().toLowerCase().split(/[\s,，、\-－—栋号楼室]+/u).filter(Boolean)
    if (words.length === 0) return []
    return this.holders.filter((holder) => words.every((word) => isOf(holder, word))).slice(0, FOUND_MAX)
  }
}

function isOf(holder, word) {
  const plain = [holder.building, holder.room, holder.tail].map((part) => String(part ?? '').toLowerCase().replace(/[号栋楼座室]+$/u, ''))
  return plain.includes(word) || holder.initials.startsWith(word) || isName(holder.name, word)
}

/* `张晓强` and `张` both find 张*强: the roster knows first and last character only. */
function isName(masked, word) {
  const name = [...masked]
  const typed = [...word]
  if (typed.length > name.length || !/\p{Script=Han}/u.test(word)) return false
  return typed.every((letter, place) => name[place] === '*' || name[place] === letter)
}

export async function digestOf(secret, number) {
  const hmac = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', fromHex(secret), hmac, false, ['sign'])
  const whole = await crypto.subtle.sign(hmac, key, new TextEncoder().encode(number.trim().toUpperCase()))
  return toBase64url(new Uint8Array(whole).slice(0, DIGEST_BYTES))
}

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]

/* GB 11643: a mistyped number is told before anybody is said to be unknown. */
export function isIdNumber(text) {
  const number = text.trim().toUpperCase()
  if (!/^\d{17}[\dX]$/.test(number)) return false
  const sum = WEIGHTS.reduce((total, weight, place) => total + weight * Number(number[place]), 0)
  return '10X98765432'[sum % 11] === number[17]
}
