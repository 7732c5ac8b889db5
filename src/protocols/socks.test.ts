import assert from 'node:assert/strict'
import { test } from 'node:test'
import { protocols } from './index.ts'
import { formatTransaction, hear, parseTalk } from './talk.ts'

const get = '> "GET /a HTTP/1.1\\r\\n\\r\\n"\n'
const ok = '< "HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n"\n'
const lines = (text: string) => hear(parseTalk(text), protocols).transactions.map(formatTransaction)

for (const [what, preface] of Object.entries({
  'version 5': "> x'050100'\n< x'0500'\n> x'050100030373686f0050'\n< x'05000001 0a000002 0050'\n",
  'version 5 with a password':
    "> x'0502 0002'\n< x'0502'\n> x'01 03616e6e 03707764'\n< x'0100'\n" +
    "> x'05010001 0a000002 0050'\n< x'05000004 00000000000000000000000000000001 0050'\n",
  'version 4': "> x'0401 0050 0a000002 616e6e 00'\n< x'005a 0050 0a000002'\n",
  'version 4a': "> x'0401 0050 00000001 00 73686f70 00'\n< x'005a 0000 00000000'\n",
})) {
  test(`what a client and a SOCKS proxy agree upon (${what}) is passed over`, () => {
    assert.deepEqual(lines(preface + get + ok), ['http GET /a 200 ok 19>38 bytes 1000us'])
  })

  test(`a flow that begins as SOCKS (${what}) and goes on otherwise is bytes`, () => {
    const said = preface.trimEnd().split('\n')
    for (const [index, line] of said.entries()) {
      const others = [line.replace(/x'..(?:.|$)/, "x'77 "), line.replace(/ ?..'$/, "'"), '< lost 7']
      for (const other of index === 0 ? [] : others) {
        assert.deepEqual(lines(`${said.with(index, other).join('\n')}\n${get}${ok}`), [])
      }
    }
  })
}

test('a SOCKS proxy that refuses leaves nothing to decode', () => {
  const refused = "> x'050100'\n< x'05ff'\n"
  const failed =
    "> x'050100'\n< x'0500'\n> x'05010001 0a000002 0050'\n< x'05050001 00000000 0000'\n"
  assert.deepEqual(lines(refused + get + ok), [])
  assert.deepEqual(lines(failed + get + ok), [])
})

test('who speaks first behind a SOCKS proxy may do so at once', () => {
  const connected = "> x'0401 0050 0a000002 00'\n< x'005a 0050 0a000002'"
  assert.deepEqual(lines(`${connected} "HTTP/1.1 100 Continue\\r\\n\\r\\n"\n${get}${ok}`), [
    'http GET /a 200 ok 19>38 bytes 1000us',
  ])
})
