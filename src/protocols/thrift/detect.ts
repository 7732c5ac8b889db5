import { latin1 } from '#lib/text.ts'
import type { Transport } from '#model/flow.ts'
import type { Evidence } from '../protocol.ts'
import { needMore } from '../stream.ts'
import { maybeFields } from './fields.ts'
import { asks, Header } from './header.ts'

/** A name that long, as languages write them, is no accident. */
const name = /^[A-Za-z_][\w.$:/-]{2,}$/

/**
 * A header of the binary protocol proves itself: a mark, a type, a name of the length that it says, the beginning of a
 * struct behind it. Of the other forms two lengths that fit do, of a frame and of a name. Without a frame they are weak:
 * the compact header is also that of a WebSocket's binary message which holds a text, the older one has only its name.
 */
export function detect(
  bytes: Uint8Array,
  start: number,
  end: number,
  transport: Transport,
): Evidence {
  const header = new Header()
  const taken = header.read(bytes, start, end, transport)
  if (taken === needMore) return transport === 'udp' ? 'no' : 'maybe'
  const { form, frameBytes, nameStart, nameEnd } = header
  if (taken < 0 || nameStart === nameEnd) return 'no'
  if (start + taken === end) return transport === 'udp' ? 'no' : 'maybe'
  if (!maybeFields(form === 'compact', bytes[start + taken])) return 'no'
  const isName = name.test(latin1(bytes, nameStart, nameEnd))
  if (form === 'older' && !isName) return 'no'
  const isAlone = frameBytes === 0 && transport === 'tcp'
  const isStrong = form === 'binary' || (isName && !isAlone)
  if (asks(header.type)) return isStrong ? 'request' : 'weak-request'
  return isStrong ? 'response' : 'weak-response'
}
