import { cut } from '#lib/text.ts'
import type { Service } from '#model/service.ts'
import { nameOf } from '../names.ts'

/** The node at which traffic enters, by the name that Vizceral gives it. */
export const entryName = 'INTERNET'

const lookalikes: Readonly<Record<string, string>> = {
  '<': '‹',
  '>': '›',
  '&': '＆',
  '"': '”',
  "'": '’',
}

/** Characters of any text. */
const textMax = 160

/** Vizceral puts texts into its page as markup: what could be markup becomes its lookalike. Bounded. */
export const harmless = (text: string): string =>
  cut(text, textMax)
    .toWellFormed()
    .replace(/[<>&"']/g, mark => lookalikes[mark])

/**
 * Names of services by id, unique because Vizceral knows nodes by name alone. What enters from outside has the name
 * of the entry, and nobody else has; of two alike the one whose id sorts later carries it.
 */
export function vizceralNames(services: readonly Service[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  const taken = new Set([entryName])
  for (const service of services.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    if (service.kind === 'internet') {
      names.set(service.id, entryName)
      continue
    }
    const own = harmless(nameOf(service))
    const name = taken.has(own) ? harmless(`${own} (${service.id})`) : own
    taken.add(name)
    names.set(service.id, name)
  }
  return names
}
