/* Whether a manifest is believed: signed by a key we had, for this phone, and no older than the one we have. */
import { fromBase64url, isSignedByOne } from './codec.js'

const FORMAT = 1

/* The body, or null. `device`: {id, keys}; `compiledAt` of the manifest in hand, 0 without one. */
export async function believed(answer, device, compiledAt) {
  const { body, signature } = read(answer)
  if (!body || body.format !== FORMAT || body.device !== device.id || body.compiled_at < compiledAt) return null
  const bytes = new TextEncoder().encode(answer.signed)
  const isSigned = await isSignedByOne(bytes, signature, answer.kid, device.keys, body.compiled_at)
  return isSigned ? body : null
}

/* What cannot even be read (a proxy's page, half an answer) is not believed either. */
function read(answer) {
  if (typeof answer?.signed !== 'string' || typeof answer.signature !== 'string') return {}
  try {
    return { body: JSON.parse(answer.signed), signature: fromBase64url(answer.signature) }
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof DOMException) return {}
    throw error
  }
}

/* The deny list after a delta: only one that begins where ours ends fits. null asks for all of it. */
export function withDelta(denied, delta) {
  if (delta.after === 0) return { number: delta.number, passes: delta.passes }
  if (!denied || denied.number !== delta.after) return null
  return { number: delta.number, passes: { ...denied.passes, ...delta.passes } }
}
