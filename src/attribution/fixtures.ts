import type { Instance, ServiceGroup, ServiceKind } from '#model/service.ts'

/** An instance for tests that holds nothing but what is said. */
export function instanceOf(id: string, more: Partial<Instance> = {}): Instance {
  return {
    ...{ id, name: id, state: 'running', health: 'unknown', restarts: 0, sinceMs: 1000 },
    ...{ addresses: [], published: [], mounts: [], labels: {} },
    ...more,
  }
}

export function groupOf(id: string, kind: ServiceKind, ...instances: Instance[]): ServiceGroup {
  return { service: { id, name: id, kind, group: [] }, instances }
}
