import assert from 'node:assert/strict'
import { test } from 'node:test'
import { explainMissing, missingPrivilege, parseCapabilities } from './privilege.ts'

const program = '/opt/node'
const all = (1n << 13n) | (1n << 19n) | (1n << 21n)

test('what is there is not missed', () => {
  assert.equal(explainMissing({ platform: 'linux', capabilities: all, program }), undefined)
})

test('what is missing is named, with every way to go on', () => {
  const capabilities = all & ~(1n << 21n)
  const sentence = explainMissing({ platform: 'linux', capabilities, program }) ?? ''
  assert.match(sentence, /lacks CAP_SYS_ADMIN \(to enter containers' networks\): run it with sudo/)
  assert.match(
    sentence,
    /setcap cap_net_raw,cap_sys_ptrace,cap_sys_admin,cap_net_admin\+ep \/opt\/node"/,
  )
  assert.match(sentence, /inkling replay FILE\.pcap/)
  assert.doesNotMatch(sentence, /CAP_NET_RAW/)
  const none = explainMissing({ platform: 'linux', capabilities: undefined, program }) ?? ''
  assert.match(none, /CAP_NET_RAW \(to see packets\), CAP_SYS_PTRACE/)
})

test('other systems are pointed to Docker', () => {
  const sentence = explainMissing({ platform: 'darwin', capabilities: undefined, program }) ?? ''
  assert.match(sentence, /^Live capture needs Linux: run "docker run .*--pid=host --net=host/)
})

test('each answer is one sentence', () => {
  for (const platform of ['linux', 'darwin']) {
    const sentence = explainMissing({ platform, capabilities: 0n, program }) ?? ''
    assert.match(sentence, /^[A-Z].*\.$/)
    assert.doesNotMatch(sentence, /\n|\. [A-Z]/)
  }
})

test('capabilities are read from the status of a process', () => {
  assert.equal(
    parseCapabilities('Name:\tnode\nCapInh:\t0\nCapEff:\t000001ffffffffff\n'),
    0x1ffffffffffn,
  )
  assert.equal(parseCapabilities('Name:\tnode\n'), undefined)
})

test('this process gets an answer', () => {
  const answer = missingPrivilege()
  assert.ok(answer === undefined || answer.startsWith('Live capture'))
})
