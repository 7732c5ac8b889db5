import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from '#model/endpoint.ts'
import type { Instance, Service } from '#model/service.ts'
import type { Subject } from '#model/window.ts'
import type { End } from './attribute.ts'
import { Observers } from './observers.ts'
import type { NodePlace } from './places.ts'

const place: NodePlace = { node: 'n1', hostNamespace: 'host', addresses: new Set(['10.0.0.5']) }
const front: Service = { id: 'marathon:/front', name: 'front', kind: 'marathon', group: [] }
const internet: Service = { id: 'internet', name: 'INTERNET', kind: 'internet', group: [] }
const caller: End = { service: internet, endpoint: parse('203.0.113.9:0')!, known: true }

function endOf(id: string, task: string | undefined): End {
  const instance: Instance = {
    ...{ id, name: id, state: 'running', health: 'unknown', restarts: 0, sinceMs: 0 },
    ...{ addresses: [], published: [], mounts: [], labels: {}, ...(task ? { task } : {}) },
  }
  return { service: front, instance, endpoint: parse('172.17.0.2:80')!, known: true }
}

const subjectOf = (namespace: string, server: string): Subject => ({
  ...{ namespace, local: 'server', transport: 'tcp', protocol: 'http' },
  ...{ client: caller.endpoint, server: parse(server)! },
})

test('a call to a task is one, whether its engine or its orchestrator says whose the port is', () => {
  const observers = new Observers()
  const own = endOf('docker:c', 't')
  const told = endOf('marathon:t', 't')
  const inside = subjectOf('ns-c', '172.17.0.2:80')
  const uplink = subjectOf('host', '10.0.0.5:31000')
  assert.equal(observers.counts(inside, caller, own, place, 1000), true)
  assert.equal(observers.counts(uplink, caller, told, place, 1000), false)
  const other = endOf('docker:d', undefined)
  assert.equal(observers.counts(uplink, caller, other, place, 1000), true)
})
