import { clientSide, otherSide, type Side } from '#model/side.ts'
import type { Outcome } from '#model/transaction.ts'

/** What the absence of a code, or of a whole CLOSE, is called (RFC 6455, 7.4.1). Neither is ever sent. */
export const noCode = 1005
export const noClose = 1006

const normal = new Set([1000, 1001, noCode])
/** Of what the other side said: it is no WebSocket, no data wanted, no UTF-8, not allowed, too large, lacks an extension. */
const complaints = new Set([1002, 1003, 1007, 1008, 1009, 1010])
/** Of its own: failed, come again later, its upstream failed (RFC 6455, 7.4.1; IANA's registry of close codes). */
const troubles = new Set([1011, 1013, 1014])

/**
 * What a close code of one side means. A restart (1012), what applications mean by theirs (3000 to 4999), and what must
 * not be sent are nobody's fault, and not normal either.
 */
export function outcomeOf(code: number, by: Side): Outcome {
  if (normal.has(code)) return 'ok'
  if (complaints.has(code)) return faultOf(otherSide(by))
  return troubles.has(code) ? faultOf(by) : 'warning'
}

const faultOf = (side: Side): Outcome => (side === clientSide ? 'warning' : 'error')
