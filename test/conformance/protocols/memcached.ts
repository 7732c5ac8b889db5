import type { Comparison } from '../comparison.ts'

/** There every word of the line, here the first key and how many more: `k1 +2`. */
function keys(resource: string | null): string {
  const [first = '', ...more] = (resource ?? '').split(' ')
  return more.length > 0 ? `${first} +${more.length}` : first
}

export const memcached: Comparison = {
  protocol: 'memcached',
  reference: 'memcached',
  expected: {
    resource: one => keys(one.resource),
    // there `END` after any number of items, the number itself, and the document's words for binary statuses
    status: one => {
      if (one.oneway || one.status === null) return '-'
      const status = String(one.status)
      const isRetrieval = /^g(et|at)/.test(one.method ?? '')
      if (isRetrieval && status === 'key not found') return 'MISS'
      if (isRetrieval && status === 'ok') return 'HIT'
      if (isRetrieval && status === 'END') return hits(one.hits as number, one.resource ?? '')
      return /^\d+$|^ok$/.test(status) ? 'OK' : status
    },
    // what wants no answer is right without one, and a miss is ok in the binary protocol, too
    outcome: one => (one.ok || one.oneway || one.status === 'key not found' ? 'ok' : 'not ok'),
  },
  exceptions: [],
}

function hits(count: number, resource: string): string {
  if (count === 0) return 'MISS'
  return count < resource.split(' ').length ? 'PARTIAL' : 'HIT'
}
