import type { Outcome, Transaction } from '#model/transaction.ts'
import type { Answer } from './pair.ts'

/** What was asked or said, as far as it is told. */
export interface Asked {
  readonly method: string
  readonly resource: string
  /** First byte. */
  readonly startUs: number
  readonly bytes: number
  /** Bytes of it were lost. */
  readonly gap: boolean
  /** The trace that it says it is part of. */
  readonly traceId?: string | undefined
}

/** A request with its answer. `lost`: bytes were lost besides those of the two. */
export function answered(
  protocol: string,
  { method, resource, startUs, bytes, gap, traceId }: Asked,
  answer: Answer,
  lost: boolean,
): Transaction {
  return {
    protocol,
    method,
    resource,
    status: answer.status,
    outcome: answer.outcome,
    startUs,
    durationUs: Math.max(0, answer.endUs - startUs),
    requestBytes: bytes,
    responseBytes: answer.bytes,
    gap: gap || answer.gap || lost,
    names: answer.names,
    traceId,
  }
}

/** What has no answer: none came, none was wanted, or what one side says of its own accord, which may have a status. */
export function unanswered(
  protocol: string,
  { method, resource, startUs, bytes, gap, traceId }: Asked,
  outcome: Outcome,
  lost = false,
  status?: string,
): Transaction {
  return {
    protocol,
    method,
    resource,
    status,
    outcome,
    startUs,
    durationUs: undefined,
    requestBytes: bytes,
    responseBytes: 0,
    gap: gap || lost,
    names: undefined,
    traceId,
  }
}
