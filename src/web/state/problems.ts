import type { Topology } from './feed.ts'
import type { LinkColumns } from './figures.ts'
import type { Selection } from './view.ts'

/** Share of errors from which a link counts as a problem: every large system has a few. */
export const errorShareMin = 0.005
/** Share of warnings from which a link counts as a problem. */
export const warningShareMin = 0.1
/** Requests per second below which a share says nothing. */
const requestsMin = 0.05
/** Problems that are kept, the worst first; the screen says how many more there are. */
export const problemsMax = 50

/** A link or a service that is in trouble now. */
export interface Problem {
  readonly kind: 'errors' | 'warnings' | 'unhealthy'
  readonly target: Selection
  readonly name: string
  /** Of a link: two services may talk in several. */
  readonly protocol?: string
  /** Share of requests in trouble, 0 to 1; 1 for an unhealthy service. */
  readonly share: number
  /** Requests in trouble per second. */
  readonly rate: number
}

/** Links with errors or many warnings and unhealthy services, the worst first, as far as they are `shown`; and how many are not. */
export function problemsOf(
  topology: Topology,
  links: LinkColumns,
  isShown: (target: Selection) => boolean,
): { problems: Problem[]; hiddenProblems: number } {
  const all = [...unhealthy(topology), ...troubledLinks(topology, links)]
  const problems = all.filter(({ target }) => isShown(target)).sort(worstFirst)
  return { problems: problems.slice(0, problemsMax), hiddenProblems: all.length - problems.length }
}

function unhealthy(topology: Topology): Problem[] {
  return topology.services
    .filter(service => service.health === 'unhealthy')
    .map(({ id, name }) => ({
      kind: 'unhealthy',
      target: { kind: 'service', id },
      name,
      share: 1,
      rate: 0,
    }))
}

function troubledLinks(topology: Topology, links: LinkColumns): Problem[] {
  const problems: Problem[] = []
  topology.links.forEach((link, i) => {
    if (links.requests[i] < requestsMin) return
    const kind =
      links.errorShare[i] >= errorShareMin
        ? 'errors'
        : links.warningShare[i] >= warningShareMin
          ? 'warnings'
          : undefined
    if (!kind) return
    const share = kind === 'errors' ? links.errorShare[i] : links.warningShare[i]
    problems.push({
      kind,
      target: { kind: 'link', id: link.id },
      name: `${topology.services[link.client]?.name} → ${topology.services[link.server]?.name}`,
      protocol: link.protocol,
      share,
      rate: share * links.requests[i],
    })
  })
  return problems
}

const ranks = { errors: 0, unhealthy: 0, warnings: 1 }

/** Errors before warnings; then by how much is hurt, where a large share of few weighs as a small share of many. */
function worstFirst(a: Problem, b: Problem): number {
  return ranks[a.kind] - ranks[b.kind] || weight(b) - weight(a) || (a.name < b.name ? -1 : 1)
}

const weight = ({ share, rate }: Problem) => share * Math.log2(2 + rate)
