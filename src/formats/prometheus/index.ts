import type { Format } from '../format.ts'
import { formatExposition } from './exposition.ts'
import { linkMetrics } from './links.ts'
import { ownMetrics } from './own.ts'

/** What Prometheus and all that speak its text format scrape: links as a service graph, and our own figures. */
export const prometheus: Format = {
  name: 'prometheus',
  contentType: 'text/plain; version=0.0.4; charset=utf-8',
  render: facts => formatExposition([...linkMetrics(facts), ...ownMetrics(facts)]),
}
