import assert from 'node:assert/strict'
import { test } from 'node:test'
import { format, parse } from '#model/endpoint.ts'
import type { Local } from '#model/flow.ts'
import { emptyWindow, type Subject } from '#model/window.ts'
import { parseConntrack } from './conntrack/proc-table.ts'
import { giveUpOwners, type NodeTables, nameOwners } from './owners.ts'

/** Owners by `local>remote`; originals from lines of the kernel's table. */
function tablesOf(owners: Record<string, string>, conntrack = ''): NodeTables {
  const originals = parseConntrack(conntrack)
  return {
    hostNamespace: 'host',
    addresses: new Set(['10.0.0.5', '172.18.0.1', '172.19.0.1', '127.0.0.1']),
    balancers: new Set(['172.19.0.2']),
    isSingle: namespace => namespace.startsWith('ns-'),
    ownerOf: (_, __, local, remote) => {
      const instance = owners[`${format(local)}>${format(remote)}`] ?? owners[format(local)]
      return instance === undefined ? undefined : { instance, isProxy: instance === 'proxy' }
    },
    original: (transport, client, server) =>
      originals.get(`${transport} ${format(client)}>${format(server)}`),
  }
}

function subjectOf(text: string): Subject {
  const [namespace, local, client, , server] = text.split(' ')
  const ends = { client: parse(client)!, server: parse(server)! }
  return { namespace, local: local as Local, transport: 'tcp', protocol: 'http', ...ends }
}

function owned(texts: string[], tables: NodeTables) {
  const windows = texts.map(text => ({
    ...emptyWindow(subjectOf(text)),
    counts: { ok: 1, warning: 0, error: 0 },
  }))
  const { windows: found, unowned, plumbing } = nameOwners(windows, tables)
  const lines = [...found, ...giveUpOwners(unowned, tables)].map(({ subject, counts }) => {
    const { client, server, clientOwner, serverOwner } = subject
    return `${format(client)} ${clientOwner ?? '-'} > ${format(server)} ${serverOwner ?? '-'} x${counts.ok}`
  })
  return { lines, plumbing, unowned: unowned.length }
}

test('connections of one process become one window again', () => {
  const tables = tablesOf({ '10.0.0.5:4000': 'process:1', '10.0.0.5:4001': 'process:1' })
  const seen = ['4000', '4001'].map(port => `host client 10.0.0.5:${port} > 198.51.100.7:443`)
  assert.deepEqual(owned(seen, tables).lines, ['10.0.0.5:0 process:1 > 198.51.100.7:443 - x2'])
})

test('both ends of a call over loopback have owners', () => {
  const tables = tablesOf({ '127.0.0.1:4000': 'process:1', '127.0.0.1:5432': 'process:2' })
  const { lines } = owned(['host both 127.0.0.1:4000 > 127.0.0.1:5432'], tables)
  assert.deepEqual(lines, ['127.0.0.1:0 process:1 > 127.0.0.1:5432 process:2 x1'])
})

test('what the proxy calls is plumbing, what calls the proxy is not', () => {
  const tables = tablesOf({
    '127.0.0.1:4000': 'process:1',
    '127.0.0.1:8080': 'proxy',
    '172.18.0.1:5000': 'proxy',
  })
  const seen = [
    'host both 127.0.0.1:4000 > 127.0.0.1:8080',
    'ns-vote server 172.18.0.1:5000 > 172.18.0.2:80',
  ]
  assert.deepEqual(owned(seen, tables), {
    lines: ['127.0.0.1:0 process:1 > 127.0.0.1:8080 - x1'],
    plumbing: 1,
    unowned: 0,
  })
})

test('a loopback address in a container is not the node’s', () => {
  const tables = tablesOf({ '127.0.0.1:4000': 'process:1' })
  const { lines } = owned(['ns-vote both 127.0.0.1:0 > 127.0.0.1:9000'], tables)
  assert.deepEqual(lines, ['127.0.0.1:0 - > 127.0.0.1:9000 - x1'])
})

test('a masqueraded call on the uplink is the container’s', () => {
  const line =
    'ipv4     2 tcp      6 117 TIME_WAIT src=172.18.0.2 dst=198.51.100.7 sport=4000 dport=443 src=198.51.100.7 dst=10.0.0.5 sport=443 dport=4000 [ASSURED] mark=0 zone=0 use=2\n'
  const tables = tablesOf({}, line)
  const { lines } = owned(['host client 10.0.0.5:4000 > 198.51.100.7:443'], tables)
  assert.deepEqual(lines, ['172.18.0.2:0 - > 198.51.100.7:443 - x1'])
})

test('a process that calls a published port by loopback without a proxy is found behind two translations', () => {
  const line =
    'ipv4     2 tcp      6 117 TIME_WAIT src=127.0.0.1 dst=127.0.0.1 sport=4000 dport=8080 src=172.18.0.2 dst=172.18.0.1 sport=80 dport=4000 [ASSURED] mark=0 zone=0 use=2\n'
  const tables = tablesOf({ '127.0.0.1:4000': 'process:1' }, line)
  const { lines } = owned(['ns-vote server 172.18.0.1:4000 > 172.18.0.2:80'], tables)
  assert.deepEqual(lines, ['127.0.0.1:0 process:1 > 172.18.0.2:80 - x1'])
})

test('a connection that was not translated is not in the table, nor is a line that is none', () => {
  const plain =
    'ipv4     2 tcp      6 117 ESTABLISHED src=10.0.0.1 dst=10.0.0.2 sport=4000 dport=80 src=10.0.0.2 dst=10.0.0.1 sport=80 dport=4000 [ASSURED] mark=0 zone=0 use=2\nipv4 2 unknown 2 230 src=10.213.7.1 dst=224.0.0.22 [UNREPLIED]\n\n'
  assert.equal(parseConntrack(plain).size, 0)
})

test('in a namespace that containers share, or none lives in, the sockets tell who it is', () => {
  const tables = tablesOf({ '172.18.0.9:4000': 'docker:sidecar' })
  const { lines } = owned(['shared client 172.18.0.9:4000 > 172.18.0.2:80'], tables)
  assert.deepEqual(lines, ['172.18.0.9:0 docker:sidecar > 172.18.0.2:80 - x1'])
})

test('a socket whose owner is not known yet is kept to be asked about again', () => {
  const seen = ['host client 10.0.0.5:4000 > 198.51.100.7:443']
  const { lines, unowned } = owned(seen, tablesOf({}))
  assert.deepEqual([lines, unowned], [['10.0.0.5:0 - > 198.51.100.7:443 - x1'], 1])
})

test('so is one of the node whose call was translated on its way to a container', () => {
  const line =
    'ipv4     2 tcp      6 117 ESTABLISHED src=10.0.0.5 dst=10.0.0.5 sport=4000 dport=31000 src=172.18.0.2 dst=10.0.0.5 sport=80 dport=4000 [ASSURED] mark=0 zone=0 use=2\n'
  const seen = ['ns-vote server 10.0.0.5:4000 > 172.18.0.2:80']
  const before = owned(seen, tablesOf({}, line))
  assert.deepEqual(before, {
    lines: ['10.0.0.5:0 - > 172.18.0.2:80 - x1'],
    plumbing: 0,
    unowned: 1,
  })
  const { lines } = owned(seen, tablesOf({ '10.0.0.5:4000': 'docker:balancer' }, line))
  assert.deepEqual(lines, ['10.0.0.5:0 docker:balancer > 172.18.0.2:80 - x1'])
})

test('of two ends of the node one that is never found takes nothing from the other', () => {
  const tables = tablesOf({ '10.0.0.5:80': 'docker:web' })
  const { lines, unowned } = owned(['host both 10.0.0.5:4000 > 10.0.0.5:80'], tables)
  assert.deepEqual([lines, unowned], [['10.0.0.5:0 - > 10.0.0.5:80 docker:web x1'], 1])
  const other = tablesOf({ '10.0.0.5:4000': 'process:1' })
  const found = owned(['host both 10.0.0.5:4000 > 10.0.0.5:80'], other)
  assert.deepEqual(found.lines, ['10.0.0.5:0 process:1 > 10.0.0.5:80 - x1'])
})

test('a port that was kept is asked about, though its namespace has one container by now', () => {
  const tables = tablesOf({ '172.18.0.9:4000': 'docker:sidecar' })
  const seen = ['ns-web client 172.18.0.9:4000 > 172.18.0.2:80']
  assert.deepEqual(owned(seen, tables).lines, ['172.18.0.9:0 docker:sidecar > 172.18.0.2:80 - x1'])
  assert.equal(owned(seen, tablesOf({})).unowned, 0)
})

/** A call of a port of the node that leads to the balancer at 172.19.0.2. */
const balanced = (source: string, target: string): string =>
  `ipv4     2 tcp      6 117 ESTABLISHED src=${source} dst=${target} sport=4000 dport=8080 src=172.19.0.2 dst=172.19.0.1 sport=8080 dport=4000 [ASSURED] mark=0 zone=0 use=2\n`
const toBalancer = 'host client 172.19.0.1:4000 > 172.19.0.2:8080'

for (const ip of ['10.0.0.5', '127.0.0.1']) {
  test(`a process that calls a port of ${ip} that leads to a balancer called that port`, () => {
    const owners = { [`${ip}:4000>${ip}:8080`]: 'process:1', [`${ip}:8080`]: 'process:engine' }
    const { lines } = owned([toBalancer], tablesOf(owners, balanced(ip, ip)))
    assert.deepEqual(lines, [`${ip}:0 process:1 > ${ip}:8080 - x1`])
  })
}

test('a process that calls the balancer itself called that port of the node', () => {
  const { lines } = owned([toBalancer], tablesOf({ '172.19.0.1:4000': 'process:1' }))
  assert.deepEqual(lines, ['172.19.0.1:0 process:1 > 172.19.0.1:8080 - x1'])
})

test('a caller that cannot be named is the node’s all the same', () => {
  const tables = tablesOf({}, balanced('10.0.0.5', '10.0.0.5'))
  const { lines, unowned } = owned([toBalancer], tables)
  assert.deepEqual([lines, unowned], [['10.0.0.5:0 - > 10.0.0.5:8080 - x1'], 1])
})

test('what the node says to a balancer for a container is the container’s call, seen there', () => {
  const tables = tablesOf({}, balanced('172.18.0.2', '10.0.0.5'))
  assert.deepEqual(owned([toBalancer], tables), { lines: [], plumbing: 1, unowned: 0 })
})

test('so it is where a process of the node waits on the port that the container was lent', () => {
  const owners = { '172.19.0.1:4000': 'process:waiting' }
  const tables = tablesOf(owners, balanced('172.18.0.2', '10.0.0.5'))
  assert.deepEqual(owned([toBalancer], tables), { lines: [], plumbing: 1, unowned: 0 })
})

test('what it says for nobody knows whom is told by nobody', () => {
  assert.deepEqual(owned([toBalancer], tablesOf({})), { lines: [], plumbing: 0, unowned: 1 })
  const backwards = 'host server 172.19.0.2:8080 > 172.19.0.1:4000'
  assert.deepEqual(owned([backwards], tablesOf({})), { lines: [], plumbing: 1, unowned: 0 })
})

test('another’s network may have the balancer’s address', () => {
  const seen = ['ns-web client 172.19.0.9:0 > 172.19.0.2:8080']
  assert.deepEqual(owned(seen, tablesOf({})).lines, ['172.19.0.9:0 - > 172.19.0.2:8080 - x1'])
})

test('a port of the node that nobody holds leads elsewhere: nobody is sought who answers there', () => {
  const seen = ['host server 203.0.113.9:4000 > 10.0.0.5:30080']
  assert.equal(owned(seen, tablesOf({})).unowned, 1)
  assert.equal(owned(seen, { ...tablesOf({}), isUnheld: () => true }).unowned, 0)
})
