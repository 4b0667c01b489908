/* Time, roster, and what makes a manifest believed. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { believed, withDelta } from '../src/believing.js'
import { Clock, dayOf, minuteOf, timeOf, windowStart } from '../src/clock.js'
import { toBase64url, toHex } from '../src/codec.js'
import { digestOf, isIdNumber, Roster } from '../src/roster.js'
import { ageWords, addressOf, tenthsOf } from '../src/words.js'

const MIDNIGHT = Date.parse('2020-03-18T00:00:00+08:00')

test('a day begins at midnight in Shanghai', () => {
  assert.deepEqual([dayOf(MIDNIGHT - 1), dayOf(MIDNIGHT)], ['2020-03-17', '2020-03-18'])
  assert.deepEqual([minuteOf(MIDNIGHT - 1), minuteOf(MIDNIGHT), minuteOf(MIDNIGHT + 60_000)], [1439, 0, 1])
  assert.equal(timeOf(MIDNIGHT + 8 * 3_600_000), '08:00')
})

test('a window of days ends with today', () => {
  assert.deepEqual([windowStart('2020-03-01', 1), windowStart('2020-03-01', 2)], ['2020-03-01', '2020-02-29'])
})

test('a clock that is wrong by years is put right by the server', () => {
  let bare = 5_000
  const clock = new Clock({}, () => bare)
  assert.equal(clock.measure(MIDNIGHT, 4_000, 6_000), true)
  assert.equal(clock.now(), MIDNIGHT)
  bare += 60_000
  assert.equal(clock.now(), MIDNIGHT + 60_000)
})

test('a clock set back does not run back', () => {
  let bare = 100_000
  const clock = new Clock({}, () => bare)
  clock.now()
  bare = 50_000
  assert.equal(clock.now(), 100_000)
})

test('a slow answer tells no time', () => {
  const clock = new Clock({}, () => 0)
  assert.equal(clock.measure(MIDNIGHT, 0, 10_001), false)
  assert.equal(clock.measuredAtMs, null)
})

const holder = (changes) => ({
  pass: '1', kind: 1, name: '张*强', tail: '1234', building: '3号楼', room: '502', initials: 'zxq', digest: null, household: 1,
  declaration: 'none', ...changes,
})
const people = [
  holder({}),
  holder({ pass: null, name: '张*', tail: '5678', room: '601', initials: 'zw', household: 2, digest: null }),
  holder({ pass: '3', name: '李*梅', tail: '502X', building: '5', room: '3', initials: 'lxm', household: 2 }),
]
const roster = new Roster(
  {
    gate: { stale_after_hours: 24, wipe_after_hours: 72 }, compiled_at: 1000, keys: [], secret: 'ab'.repeat(32), roster: people,
    rules: [{ from: 0, until: 10, name: 'one' }, { from: 10, until: 20, name: 'two' }], slips: [{ on: '2020-03-18', word: '海棠' }],
  },
  {},
)
const found = (text) => roster.search(text).map(({ name }) => name)

test('a person is found by name, initials, address and tail in any order', () => {
  assert.deepEqual(found('zxq'), ['张*强'])
  assert.deepEqual(found('张'), ['张*强', '张*'])
  assert.deepEqual(found('张晓强'), ['张*强'])
  assert.deepEqual(found('张晓梅'), [])
  assert.deepEqual(found('3-502'), ['张*强'])
  assert.deepEqual(found('3号楼 502室'), ['张*强'])
  assert.deepEqual(found('601 zw'), ['张*'])
  assert.deepEqual(found('502x'), ['李*梅'])
  assert.deepEqual(found('  '), [])
})

test('the rule is that of the second', () => {
  assert.deepEqual([0, 9, 10, 19, 99].map((second) => roster.ruleAt(second).name), ['one', 'one', 'two', 'two', 'two'])
})

test('a roster is stale after its hours, and goes after its hours', () => {
  assert.deepEqual([1000 + 86_400, 1001 + 86_400].map((second) => roster.isStaleAt(second)), [false, true])
  assert.deepEqual([1000 + 259_200, 1001 + 259_200].map((second) => roster.mustGoAt(second)), [false, true])
})

test('an ID number is checked by its last character, and looked up by its digest alone', async () => {
  assert.deepEqual(['110105194912310021', '11010519491231002X', '11010519491231002x', '1101051949123'].map(isIdNumber), [
    false, true, true, false,
  ])
  const digest = await digestOf('ab'.repeat(32), '11010519491231002x')
  assert.equal(digest.length, 22)
  assert.equal(digest, await digestOf('ab'.repeat(32), ' 11010519491231002X '))
})

async function signed(body, keys) {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
  const point = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)).slice(1)
  const kid = toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', point)).slice(0, 8))
  keys.push({ kid, point: toBase64url(point), from: 0, until: 5000 })
  const text = JSON.stringify(body)
  for (;;) {
    const bytes = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, pair.privateKey, new TextEncoder().encode(text))
    const signature = new Uint8Array(bytes)
    if (signature[32] < 0x7f) return { signed: text, kid, signature: toBase64url(signature) }
  }
}

test('a manifest is believed when one of our keys signed it, for this phone, and no older than ours', async () => {
  const keys = []
  const answer = await signed({ format: 1, device: 7, compiled_at: 1000 }, keys)
  const device = { id: 7, keys }
  assert.equal((await believed(answer, device, 1000)).device, 7)
  assert.equal(await believed(answer, { id: 8, keys }, 0), null)
  assert.equal(await believed(answer, device, 1001), null)
  assert.equal(await believed(answer, { id: 7, keys: [{ ...keys[0], until: 1000 }] }, 0), null)
  assert.equal(await believed(answer, { id: 7, keys: [] }, 0), null)
  assert.equal(await believed({ ...answer, signed: answer.signed.replace('1000', '2000') }, device, 0), null)
  assert.equal(await believed({ signed: 5 }, device, 0), null)
  assert.equal(await believed({ ...answer, signed: '<html>' }, device, 0), null)
  assert.equal(await believed({ ...answer, signature: '通行' }, device, 0), null)
  assert.equal(await believed(null, device, 0), null)
  const newer = await signed({ format: 2, device: 7, compiled_at: 1000 }, keys)
  assert.equal(await believed(newer, device, 0), null)
})

test('a delta of the deny list fits where ours ends', () => {
  const ours = { number: 4, passes: { 1: 'lost' } }
  assert.deepEqual(withDelta(ours, { after: 4, number: 5, passes: { 2: 'replaced' } }), { number: 5, passes: { 1: 'lost', 2: 'replaced' } })
  assert.equal(withDelta(ours, { after: 3, number: 5, passes: {} }), null)
  assert.equal(withDelta(null, { after: 4, number: 5, passes: {} }), null)
  assert.deepEqual(withDelta(ours, { after: 0, number: 2, passes: {} }), { number: 2, passes: {} })
})

test('what the keeper types and reads', () => {
  assert.deepEqual(['36.5', '365', '37。3', '300', '30', '46', '3', ''].map(tenthsOf), [365, 365, 373, 300, 300, null, null, null])
  assert.deepEqual([0, 119, 120, 7199, 7200, 172_800].map(ageWords), ['刚刚', '刚刚', '2 分钟前', '119 分钟前', '2 小时前', '2 天前'])
  assert.deepEqual([holder({}), holder({ building: '3', room: '2502室' }), holder({ building: '', room: '' })].map(addressOf), [
    '3号楼 502 室', '3 号楼 2502室', '',
  ])
})
