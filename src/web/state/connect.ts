import type { Frame, Names, Places, Status } from './feed.ts'
import type { Reach } from './page.ts'

/** What the wire says, decoded by whoever knows its format. */
export interface Wire {
  /** undefined when the text is no message. */
  decodeText(
    text: string,
  ):
    | ({ type: 'topology' } & Names)
    | ({ type: 'status' } & Status)
    | ({ type: 'places' } & Places)
    | undefined
  /** undefined when the bytes are no frame. */
  decodeFrame(bytes: ArrayBuffer): Frame | undefined
}

export interface FeedEvents {
  names(names: Names): void
  status(status: Status): void
  places(places: Places): void
  frame(frame: Frame): void
  reach(reach: Reach): void
}

export interface Connection {
  /** Tries again now instead of when the wait is over. */
  retry(): void
  close(): void
}

const firstWaitMs = 500
const waitMaxMs = 10_000
/** A connection over which nothing comes for this long is taken for dead: frames come each second. */
export const silenceMaxMs = 15_000

/** Wait before attempt `attempt` (0 is the first after a loss): doubles, with up to 20 % taken off by chance. */
export function waitMs(attempt: number, random: number): number {
  return Math.round(Math.min(waitMaxMs, firstWaitMs * 2 ** attempt) * (1 - 0.2 * random))
}

/** Follows the live feed at `url`, and connects again, for ever, with growing waits. */
export function connect(url: string, wire: Wire, events: FeedEvents): Connection {
  let socket: WebSocket | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let attempt = 0
  let lostMs: number | undefined
  let closed = false

  const open = () => {
    clearTimeout(timer)
    socket = new WebSocket(url)
    socket.binaryType = 'arraybuffer'
    socket.onopen = () => guard()
    socket.onmessage = ({ data }) => {
      attempt = 0
      lostMs = undefined
      guard()
      deliver(data, wire, events)
    }
    socket.onclose = () => wait()
  }
  const guard = () => {
    clearTimeout(timer)
    timer = setTimeout(drop, silenceMaxMs)
  }
  const drop = () => {
    abandon(socket)
    wait()
  }
  const wait = () => {
    if (closed) return
    clearTimeout(timer)
    lostMs ??= Date.now()
    const untilMs = Date.now() + waitMs(attempt++, Math.random())
    events.reach({ kind: 'waiting', sinceMs: lostMs, untilMs })
    timer = setTimeout(open, untilMs - Date.now())
  }
  events.reach({ kind: 'connecting' })
  open()
  return {
    retry: () => {
      abandon(socket)
      open()
    },
    close: () => {
      closed = true
      clearTimeout(timer)
      abandon(socket)
    },
  }
}

/** Closes without hearing of it. */
function abandon(socket: WebSocket | undefined): void {
  if (!socket) return
  socket.onopen = socket.onmessage = socket.onclose = null
  socket.close()
}

function deliver(data: unknown, wire: Wire, events: FeedEvents): void {
  if (data instanceof ArrayBuffer) {
    const frame = wire.decodeFrame(data)
    if (!frame) return
    events.reach({ kind: 'open' })
    events.frame(frame)
    return
  }
  const message = wire.decodeText(String(data))
  if (!message) return
  events.reach({ kind: 'open' })
  if (message.type === 'topology') events.names(message)
  else if (message.type === 'status') events.status(message)
  else if (message.type === 'places') events.places(message)
  // Whatever else it is, a newer server says it.
}
