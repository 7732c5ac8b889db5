import { cut } from '#lib/text.ts'
import type { Service } from '#model/service.ts'

/** Characters of a name in any format. */
const nameMax = 120

/**
 * The one name of a service in formats that know services by name alone: `shop/vote`. It depends on nothing but the
 * service, so that it stays the same whatever comes beside it. What is no container says what it is: `process:sshd`.
 */
export function nameOf({ id, name, kind, group }: Service): string {
  const own = kind === 'process' || kind === 'host' ? id : [...group, name].join('/')
  return cut(own, nameMax)
}

/** The names of services by id. */
export function namesOf(services: readonly Service[]): ReadonlyMap<string, string> {
  return new Map(services.map(service => [service.id, nameOf(service)]))
}
