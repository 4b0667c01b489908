/*
 * What is sent, and what an answer means: pure, so that every lost answer can be tested. Nothing leaves the queue
 * without the server's word for it, item by item; what is refused is kept in sight and not sent again.
 */
export const BATCH_MAX = 200
const RETRY_LEAST_MS = 2_000
const RETRY_MOST_MS = 60_000

/* One observation as format 4 has it; `visitor` is opened by then. */
export function itemOf({ seq, day, at_ms, pass, dir, verdict, reason, how, checks, temp, party, annuls, manifest_at }, visitor) {
  const item = { seq, day, at_ms, pass, dir, verdict, reason, how, checks, temp, party, annuls, manifest_at }
  return visitor ? { ...item, visitor } : item
}

/*
 * What to do after an answer to the batch `seqs`: {settled: [[seq, standing, code]], halve, retryMs, isRevoked,
 * mustWipe}. `answer`: {status, body, retryAfter} or null when none came; `failures` counts answers in a row that took
 * nothing.
 */
export function readAnswer(seqs, answer, failures) {
  const plan = { settled: [], halve: false, retryMs: null, isRevoked: false, mustWipe: answer?.body?.wipe === true }
  if (answer === null) return { ...plan, retryMs: patience(failures) }
  if (isRevoked(answer)) return { ...plan, isRevoked: true, settled: answer.body?.held ? seqs.map(held) : [] }
  if (answer.status === 400 || answer.status === 413) return { ...plan, ...unreadBatch(seqs, answer, failures) }
  const answers = answer.body?.answers
  if (answer.status !== 200 || !Array.isArray(answers) || answers.length !== seqs.length) {
    const asked = Number(answer.retryAfter) * 1000
    return { ...plan, retryMs: asked > 0 ? asked : patience(failures) }
  }
  return { ...plan, settled: seqs.map((seq, place) => [seq, ...standingOf(answers[place])]) }
}

/* The server's own word; somebody else's 401 on the way (a proxy, a hotel) must not close a gate. */
export const isRevoked = (answer) => answer?.status === 401 && answer.body?.code === 'device.revoked'

/* Of a revoked phone: sealed at the server, until a person judges it. */
const held = (seq) => [seq, 'quarantined', 'held']

/* A batch that the server cannot read is halved until the item that spoils it stands alone. */
function unreadBatch(seqs, answer, failures) {
  if (seqs.length > 1) return { halve: true }
  if (seqs.length === 1) return { settled: [[seqs[0], 'quarantined', `batch_${answer.status}`]] }
  return { retryMs: patience(failures) }
}

function standingOf(answer) {
  if (answer === 'created' || answer === 'exists') return ['sent', '']
  const code = typeof answer === 'string' ? answer.replace(/^rejected:/, '') : 'unclear'
  return ['quarantined', code]
}

export const patience = (failures) => Math.min(RETRY_LEAST_MS * 2 ** Math.min(failures, 10), RETRY_MOST_MS)

/* `1-4,312 已上传，无遗漏`: what the server says it has, with what it lacks. */
export function receivedLine(received) {
  if (!received || !received.through) return '还没有上传过记录'
  const through = received.through.toLocaleString('en-US')
  if (received.missing.length === 0) return `1-${through} 已上传，无遗漏`
  const gaps = received.missing.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join('、')
  return `收到 1-${through}，缺 ${gaps}`
}

/* What the server lacks although it once confirmed it: sent again, and met there if it is there after all. */
export const toSendAgain = (missing, sentSeqs) =>
  sentSeqs.filter((seq) => missing.some(([first, last]) => first <= seq && seq <= last))
