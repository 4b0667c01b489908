/* What a keeper is told, by the table that Python reads too. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { CHECK_WORDS, REASON_WORDS, VERDICT_WORDS } from '../src/states.js'
import { decide } from '../src/verdict.js'

const file = new URL('../../../tests/gates/vectors/verdicts.json', import.meta.url)
const table = JSON.parse(readFileSync(file, 'utf8'))

function told(answer) {
  if ('ask' in answer) {
    return { asks: Object.entries(CHECK_WORDS).filter(([bit]) => answer.ask & bit).map(([, word]) => word) }
  }
  return { gives: [VERDICT_WORDS[answer.verdict], REASON_WORDS[answer.reason], answer.next] }
}

for (const { case: name, rule, gate, known, ...expected } of table.cases) {
  test(name, () => {
    const answer = decide(table.rules[rule], table.gates[gate], { ...table.unless_said, ...known })
    assert.deepEqual(told(answer), expected)
  })
}
