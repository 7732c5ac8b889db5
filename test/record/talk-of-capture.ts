/**
 * Writes one conversation of a capture file as a talk, the notation of protocol fixtures:
 *
 *     node test/record/talk-of-capture.ts FILE.pcap [INDEX] > src/protocols/NAME/fixtures/x.talk
 *
 * INDEX counts flows with payload from 0. Text is shown as text, what is none as hexadecimal bytes.
 */
import { argv, stderr, stdout } from 'node:process'
import { openPcapFile } from '#capture/pcap-file/index.ts'
import { Flows } from '#flows/flows.ts'
import { format } from '#model/endpoint.ts'
import type { OpenFlow } from '#model/flow.ts'

interface Recorded {
  readonly flow: OpenFlow
  readonly lines: string[]
}

const [file, index = '0'] = argv.slice(2)
const recorded: Recorded[] = []
const flows = new Flows({
  open(flow) {
    const lines: string[] = []
    recorded.push({ flow, lines })
    return {
      read: (side, bytes, start, end) => lines.push(...piece(side, bytes.subarray(start, end))),
      gap: (side, lostBytes) => lines.push(`${'><'[side]} lost ${lostBytes}`),
      close() {},
    }
  },
})
const source = openPcapFile(file)
while (!source.ended) source.drain(packet => flows.add(packet), 1024)
flows.flush(0)

const spoken = recorded.filter(({ lines }) => lines.length > 0)
for (const [i, { flow, lines }] of spoken.entries()) {
  const ends = `${format(flow.client)} > ${format(flow.server)}`
  stderr.write(`${i}: ${flow.transport} ${ends}, ${lines.length} lines\n`)
}
const chosen = spoken[Number(index)]
if (chosen) {
  if (chosen.flow.transport === 'udp') stdout.write('udp\n')
  stdout.write(`${chosen.lines.join('\n')}\n`)
}

/** A piece as lines of at most about 90 characters. */
function piece(side: 0 | 1, bytes: Uint8Array): string[] {
  const lines: string[] = []
  let line = ''
  for (const [, text, other] of runs(bytes)) {
    const word =
      text === undefined ? `x'${Buffer.from(other, 'latin1').toString('hex')}'` : quoted(text)
    if (line !== '' && line.length + word.length > 88) {
      lines.push(line)
      line = ''
    }
    line += line === '' ? word : ` ${word}`
  }
  lines.push(line)
  return lines.map((words, i) => (i === 0 ? `${'><'[side]} ${words}` : `  ${words}`))
}

/** Runs of printable text, at most 70 characters, and of other bytes, at most 32. */
function runs(bytes: Uint8Array) {
  const text = Buffer.from(bytes).toString('latin1')
  return text.matchAll(/([ -~\n]{4,70})|((?:(?![ -~\n]{4}).){1,32})/gs)
}

function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`
}
