import { type LayoutGraph, layout, type Place } from './index.ts'

/** A question to the worker. */
export interface LayoutQuestion {
  readonly ticket: number
  readonly graph: LayoutGraph
  readonly previous: ReadonlyMap<string, Place>
  /** Where hands have put somebody, who may be away. */
  readonly hands: ReadonlyMap<string, Place>
}

export interface LayoutAnswer {
  readonly ticket: number
  readonly positions: Float32Array<ArrayBuffer>
}

addEventListener('message', ({ data }: MessageEvent<LayoutQuestion>) => {
  const { ticket, graph, previous, hands } = data
  const positions = layout(graph, previous, hands) as Float32Array<ArrayBuffer>
  const answer: LayoutAnswer = { ticket, positions }
  postMessage(answer, { transfer: [positions.buffer] })
})
