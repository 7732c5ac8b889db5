/** Live packets of Linux network namespaces. Read `ring-source.ts` first, then `ring.ts` and `filter.ts`. */
export type { Passage } from './filter.ts'
export type { NamespaceRef } from './namespace-door.ts'
export { blockTimeoutMs } from './ring.ts'
export { type Attachment, namespacesMax, type RingSettings, RingSource } from './ring-source.ts'
export type { TapTally } from './tap.ts'
