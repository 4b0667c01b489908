/*
 * What a keeper is told: a pure function of the rule, the gate and what is known. It is rules/verdicts.py, clause by
 * clause; tests/gates/vectors/verdicts.json drives both. Answers { ask } (bits of the checks still to be made) or
 * { verdict, reason, next }.
 */
import { CHECK, IN, KIND, OUT, REASON, VERDICT } from './states.js'

const NOT_ADMITTED = 0
const AFTER_ENTRY = 1
const CATEGORIES = {
  [KIND.RESIDENT]: 'resident', [KIND.STAFF]: 'staff', [KIND.VISITOR]: 'visitor', [KIND.HELPER]: 'helper',
  [KIND.INSTITUTION]: 'institution',
}
const CREDENTIALS = CHECK.HEALTH_CODE | CHECK.TRIP_CARD
const PROBLEMS = {
  unreadable: REASON.UNREADABLE,
  unknown_version: REASON.UNKNOWN_VERSION,
  bad_signature: REASON.BAD_SIGNATURE,
  not_yet_valid: REASON.NOT_YET_VALID,
  expired: REASON.EXPIRED,
  denied: REASON.DENIED,
}

export function decide(rule, gate, known) {
  const person = personOf(gate, known)
  const isStale = known.manifest_age_s > gate.stale_after_hours * 3600
  if (isStale && gate.stale_policy === 'refuse') return refuse(person, REASON.STALE_MANIFEST, 'use_paper', 'use_paper')
  const missing = asked(rule, known) & ~known.answered
  if (missing) return { ask: missing }
  return (
    health(rule, known, person) ||
    mayNotComeIn(rule, known, person) ||
    mayNotGoOut(rule, gate, known, person) ||
    toBeWrittenDown(rule, known, person) ||
    declaration(rule, known, person) ||
    admit(person, isStale)
  )
}

const outcome = (verdict, reason, next) => ({ verdict, reason, next })

function personOf(gate, known) {
  const isSomebodyElse = (known.answered & ~known.seen & CHECK.IDENTITY) !== 0
  const problem = isSomebodyElse ? REASON.NOT_THE_HOLDER : (PROBLEMS[known.pass] ?? REASON.NONE)
  const [category, isOnRoster] = categoryOf(known, isSomebodyElse)
  const livesHere = category === 'resident' || category === 'institution'
  const isKeptInside = gate.kind === 'institution' && category === 'staff'
  const goesHomeward = known.direction === IN ? livesHere : !livesHere && category !== 'unknown' && !isKeptInside
  return { category, problem, isOnRoster, livesHere, goesHomeward }
}

function categoryOf(known, isSomebodyElse) {
  if (!isSomebodyElse) {
    if (known.holder) return [CATEGORIES[known.holder.kind], true]
    if (known.pass === 'valid') return [known.home ? CATEGORIES[known.kind] : 'elsewhere', false]
  }
  if (known.slip) return ['resident', true] // the community gave the slip to somebody it knows
  return [known.written_down ? 'visitor' : 'unknown', false]
}

function refuse(person, reason, next, homeward = 'recorded') {
  if (person.goesHomeward) return outcome(VERDICT.ADMIT_AFTER_ENTRY, reason, homeward)
  return outcome(VERDICT.TURN_BACK, reason, next)
}

function asked(rule, known) {
  let checks = rule.checks
  if (known.holder?.declaration === 'symptoms') checks |= CHECK.TEMPERATURE
  if (known.pass !== 'valid' && !known.holder) checks &= ~CHECK.IDENTITY // there is nobody to compare with
  return checks
}

function health(rule, known, person) {
  if (known.temperature !== null && known.temperature >= rule.fever_from_tenths) {
    return outcome(VERDICT.FEVER_CLINIC, REASON.FEVER, 'clinic')
  }
  const unseen = rule.checks & ~known.seen
  if (unseen & CHECK.MASK) return refuse(person, REASON.NO_MASK, 'put_on_mask', 'hand_out_mask')
  if (unseen & CREDENTIALS) return refuse(person, REASON.CREDENTIALS_MISSING, 'show_credentials')
  return null
}

function mayNotComeIn(rule, known, person) {
  if (known.direction !== IN || person.livesHere || rule.who[person.category] !== NOT_ADMITTED) return null
  if (person.problem === REASON.UNKNOWN_VERSION) return outcome(VERDICT.TURN_BACK, person.problem, 'update')
  if (person.problem) return outcome(VERDICT.TURN_BACK, person.problem, 'look_up')
  const reason = person.category === 'elsewhere' ? REASON.NOT_OF_ESTATE : REASON.KIND_REFUSED
  return outcome(VERDICT.TURN_BACK, reason, 'ask_community')
}

function mayNotGoOut(rule, gate, known, person) {
  if (known.direction !== OUT) return null
  if (gate.kind === 'institution') {
    const inside = person.livesHere ? 'resident' : person.category
    if (rule.inside_leave[inside] === 0) return outcome(VERDICT.TURN_BACK, REASON.NOT_TO_LEAVE, 'ask_community')
  }
  if (!person.livesHere && person.category !== 'unknown') return null
  const [first, last] = rule.leave_hours
  if (known.minute < first * 60 || known.minute >= last * 60) {
    return outcome(VERDICT.TURN_BACK, REASON.OUT_OF_HOURS, 'come_in_hours')
  }
  if (person.livesHere && rule.exits && known.exits_used >= rule.exits.count) {
    return outcome(VERDICT.TURN_BACK, REASON.QUOTA_USED, 'ask_community')
  }
  return null
}

function toBeWrittenDown(rule, known, person) {
  const isNew = person.livesHere && !person.isOnRoster
  const isUnmeasured = (rule.checks & CHECK.TEMPERATURE) !== 0 && known.temperature === null
  const isAsked =
    known.direction === IN ? rule.who[person.category] === AFTER_ENTRY || isNew : person.category === 'unknown' || isNew
  if (!isAsked && !isUnmeasured) return null
  if (known.refuses_entry) return refuse(person, REASON.ENTRY_REFUSED, 'ask_community')
  const next = person.isOnRoster || known.written_down ? 'recorded' : 'write_down'
  return outcome(VERDICT.ADMIT_AFTER_ENTRY, told(person) || REASON.ENTRY_ASKED, next)
}

/* It decides nothing: it is told. */
function declaration(rule, known, person) {
  if (!known.holder || !person.isOnRoster) return null
  if (known.holder.declaration === 'symptoms') return outcome(VERDICT.ADMIT, REASON.SYMPTOMS, 'ask_symptoms')
  if (rule.declaration_every_days !== null && known.holder.declaration !== 'declared') {
    return outcome(VERDICT.ADMIT, REASON.DECLARATION_DUE, 'remind')
  }
  return null
}

function admit(person, isStale) {
  return outcome(VERDICT.ADMIT, told(person) || (isStale ? REASON.STALE_MANIFEST : REASON.NONE), 'pass')
}

function told(person) {
  if (person.problem) return person.problem
  if (person.category === 'elsewhere') return REASON.NOT_OF_ESTATE
  return person.livesHere && !person.isOnRoster ? REASON.NOT_ON_ROSTER : REASON.NONE
}
