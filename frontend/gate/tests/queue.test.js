/* What an answer means for what was sent: nothing leaves without the server's word, nothing is sent blindly again. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { itemOf, patience, readAnswer, receivedLine, toSendAgain } from '../src/queue.js'

const still = { settled: [], halve: false, retryMs: null, isRevoked: false, mustWipe: false }
const well = (answers, more = {}) => ({ status: 200, body: { answers, ...more } })

test('each item is settled by its own answer', () => {
  assert.deepEqual(readAnswer([5, 6, 7], well(['created', 'exists', 'rejected:sequence_reused']), 0), {
    ...still,
    settled: [[5, 'sent', ''], [6, 'sent', ''], [7, 'quarantined', 'sequence_reused']],
  })
})

test('an answer that nobody knows puts its item aside', () => {
  assert.deepEqual(readAnswer([5], well([null]), 0).settled, [[5, 'quarantined', 'unclear']])
})

test('no answer settles nothing and is waited for longer each time', () => {
  assert.deepEqual(readAnswer([5], null, 0), { ...still, retryMs: 2000 })
  assert.deepEqual(readAnswer([5], null, 3), { ...still, retryMs: 16_000 })
  assert.equal(patience(50), 60_000)
})

test('too few answers settle nothing', () => {
  assert.deepEqual(readAnswer([5, 6], well(['created']), 0), { ...still, retryMs: 2000 })
})

test('a server that sheds load says when to come again', () => {
  assert.deepEqual(readAnswer([5], { status: 503, body: {}, retryAfter: '7' }, 0), { ...still, retryMs: 7000 })
})

test('a page of somebody else in between (a hotel, a proxy) settles nothing', () => {
  assert.deepEqual(readAnswer([5], { status: 200, body: null }, 0), { ...still, retryMs: 2000 })
})

test('a batch that cannot be read is halved until one item is left, which is put aside', () => {
  assert.deepEqual(readAnswer([5, 6], { status: 413, body: null }, 0), { ...still, halve: true })
  assert.deepEqual(readAnswer([5], { status: 400, body: null }, 0), { ...still, settled: [[5, 'quarantined', 'batch_400']] })
  assert.deepEqual(readAnswer([], { status: 400, body: null }, 0), { ...still, retryMs: 2000 })
})

test('a revoked phone keeps what it has', () => {
  assert.deepEqual(readAnswer([5], { status: 401, body: { code: 'device.revoked' } }, 0), { ...still, isRevoked: true })
  assert.deepEqual(readAnswer([5], { status: 401, body: { code: 'device.revoked', wipe: true } }, 0), { ...still, isRevoked: true, mustWipe: true })
})

test('a 401 that is not the word of our server closes no gate', () => {
  for (const body of [null, {}, { code: 'device.unknown' }]) {
    assert.deepEqual(readAnswer([5], { status: 401, body }, 0), { ...still, retryMs: 2000 })
  }
})

test('what a server holds of a revoked phone is not sent again', () => {
  const settled = [[5, 'quarantined', 'held']]
  assert.deepEqual(readAnswer([5], { status: 401, body: { code: 'device.revoked', held: true } }, 0), { ...still, isRevoked: true, settled })
})

test('what was taken is settled before the wipe that comes with it', () => {
  assert.deepEqual(readAnswer([5], well(['created'], { wipe: true }), 0), { ...still, settled: [[5, 'sent', '']], mustWipe: true })
})

test('an item says nothing of how the phone keeps it', () => {
  const facts = {
    seq: 1, day: '2020-03-18', at_ms: 2, pass: '3', dir: 1, verdict: 1, reason: 0, how: 1, checks: 0, temp: null, party: 1,
    annuls: null, manifest_at: 4,
  }
  const kept = { ...facts, device: 7, standing: 'waiting', code: '', annulled_by: 9, visitor: { iv: 1, bytes: 2 } }
  assert.deepEqual(itemOf(kept, null), facts)
  assert.deepEqual(itemOf(kept, { name: '客' }), { ...facts, visitor: { name: '客' } })
})

test('the line tells what the server has and what it lacks', () => {
  assert.equal(receivedLine({ through: 4312, missing: [] }), '1-4,312 已上传，无遗漏')
  assert.equal(receivedLine({ through: 50, missing: [[41, 44], [47, 47]] }), '收到 1-50，缺 41-44、47')
  assert.equal(receivedLine({ through: 0, missing: [] }), '还没有上传过记录')
  assert.equal(receivedLine(null), '还没有上传过记录')
})

test('what the server lacks although it had confirmed it is sent again', () => {
  assert.deepEqual(toSendAgain([[41, 44], [47, 47]], [40, 41, 43, 45, 47]), [41, 43, 47])
})
