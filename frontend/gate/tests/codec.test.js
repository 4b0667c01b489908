/* The signed pass by the vectors that Python reads too; run by tests/gates/test_phone_modules.py under Node. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { base45Decode, decodePass, PassRefused } from '../src/codec.js'

const file = new URL('../../../tests/gates/vectors/passes.json', import.meta.url)
const vectors = JSON.parse(readFileSync(file, 'utf8'))

async function stateOf(text) {
  try {
    await decodePass(text, vectors.keys, vectors.now)
    return 'valid'
  } catch (error) {
    if (error instanceof PassRefused) return error.state
    throw error
  }
}

for (const { case: name, text, facts } of vectors.good) {
  test(`good: ${name}`, async () => {
    assert.deepEqual(await decodePass(text, vectors.keys, vectors.now), facts)
  })
}

for (const { case: name, text, state } of vectors.hostile) {
  test(`hostile: ${name}`, async () => {
    assert.equal(await stateOf(text), state)
  })
}

test('no bit of a pass can be turned', async () => {
  const whole = base45Decode(vectors.good[0].text.slice(4))
  const accepted = []
  for (let place = 0; place < whole.length; place += 1) {
    for (let bit = 0; bit < 8; bit += 1) {
      const turned = Uint8Array.from(whole)
      turned[place] ^= 1 << bit
      if ((await stateOf(`SW1:${base45Encode(turned)}`)) === 'valid') accepted.push([place, bit])
    }
  }
  assert.deepEqual(accepted, [])
})

test('a pass cut at any place is refused', async () => {
  const { text } = vectors.good[0]
  for (let length = 0; length < text.length; length += 1) {
    assert.notEqual(await stateOf(text.slice(0, length)), 'valid')
  }
})

function base45Encode(bytes) {
  const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:'
  let text = ''
  for (let at = 0; at < bytes.length; at += 2) {
    const isPair = at + 1 < bytes.length
    let value = isPair ? bytes[at] * 256 + bytes[at + 1] : bytes[at]
    for (let digits = isPair ? 3 : 2; digits > 0; digits -= 1) {
      text += alphabet[value % 45]
      value = Math.floor(value / 45)
    }
  }
  return text
}
