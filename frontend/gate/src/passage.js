/*
 * From somebody at the gate to a recorded verdict. A passage collects what the keeper finds; `step` says what is next:
 * identify (the pass is no help), checks, entry (to be written down), or verdict, which is recorded before it is told.
 */
import { decodePass, PassRefused } from './codec.js'
import { CHECK, HOW, IN, OUT, VERDICT } from './states.js'
import { decide } from './verdict.js'

const BLANK = {
  how: HOW.QR, pass: 'none', passId: null, kind: null, home: false, holder: null, party: 1, slip: false,
  writtenDown: false, visitor: null, refusesEntry: false, temperature: null, answered: 0, seen: 0, asUnknown: false,
}

export const passage = (session, found) => ({ ...BLANK, direction: session.direction, ...found })

/* Of a scanned text: whose pass it is, or what is wrong with it. */
export async function scanned(session, text) {
  const start = performance.now()
  try {
    const facts = await decodePass(text, session.keys, session.nowS)
    performance.measure('gate-verification', { start })
    const isDenied = Object.hasOwn(session.roster.denied, facts.pass)
    if (isDenied) return passage(session, { pass: 'denied', passId: facts.pass, denied: session.roster.denied[facts.pass] })
    const holder = session.roster.passes.get(facts.pass) ?? null
    const home = facts.estate === session.roster.gate.estate
    return passage(session, { pass: 'valid', passId: facts.pass, kind: facts.kind, home, holder })
  } catch (error) {
    if (error instanceof PassRefused) return passage(session, { pass: error.state })
    throw error
  }
}

export const ofHolder = (session, holder, how) => passage(session, { how, holder, passId: holder.pass })

export async function step(session, current) {
  const { roster } = session
  const isNoHelp = current.pass !== 'valid' && current.pass !== 'none' && !current.holder && !current.slip
  if (isNoHelp && !current.asUnknown) return { name: 'identify', current }
  const rule = roster.ruleAt(session.nowS)
  const answer = decide(rule, roster.gate, await knownOf(session, current, rule))
  if ('ask' in answer) return { name: 'checks', current, ask: answer.ask, rule }
  if (mustBeWrittenDown(current, answer)) return { name: 'entry', current, answer }
  const told = current.visitor && answer.next === 'write_down' ? { ...answer, next: 'recorded' } : answer
  return recorded(session, current, told)
}

function mustBeWrittenDown(current, answer) {
  if (current.visitor || current.refusesEntry || answer.verdict !== VERDICT.ADMIT_AFTER_ENTRY) return false
  return answer.next === 'write_down' || (current.how === HOW.VISITOR && current.direction === IN && answer.next === 'recorded')
}

async function knownOf(session, current, rule) {
  return {
    pass: current.pass,
    kind: current.kind,
    home: current.home,
    holder: current.holder && { kind: current.holder.kind, declaration: current.holder.declaration },
    written_down: current.writtenDown,
    refuses_entry: current.refusesEntry,
    slip: current.slip,
    direction: current.direction,
    minute: session.minute(),
    temperature: current.temperature,
    answered: current.answered,
    seen: current.seen,
    exits_used: await session.exitsUsed(current.holder, rule),
    manifest_age_s: session.roster.ageAt(session.nowS),
  }
}

async function recorded(session, current, answer) {
  const isSomebodyElse = (current.answered & ~current.seen & CHECK.IDENTITY) !== 0
  const passes = answer.verdict === VERDICT.ADMIT || answer.verdict === VERDICT.ADMIT_AFTER_ENTRY
  const counts = passes && current.direction === OUT && !isSomebodyElse ? (current.holder?.household || null) : null
  const observation = await session.record(
    {
      pass: current.passId,
      dir: current.direction,
      verdict: answer.verdict,
      reason: answer.reason,
      how: current.how,
      checks: current.seen,
      temp: current.temperature,
      party: current.party,
      annuls: null,
      visitor: passes ? current.visitor : null,
    },
    counts,
  )
  return { name: 'verdict', current, answer, seq: observation.seq }
}
