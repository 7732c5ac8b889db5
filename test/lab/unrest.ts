import type { Truth } from './truth.ts'

/** Something done to a cluster while visitors call its services. */
export interface Change {
  readonly name: string
  readonly fromMs: number
  readonly toMs: number
}

/** What happened to a cluster under load. */
export interface Unrest {
  readonly changes: readonly Change[]
  readonly truth: Truth
  readonly fromMs: number
  readonly toMs: number
}

/** Who answers says who it is; this stands for a call that nobody answered. */
export const unanswered = 'nobody'
