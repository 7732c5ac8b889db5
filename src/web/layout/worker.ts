import { type LayoutGraph, layout, type Place } from './index.ts'

/** A question to the worker. */
export interface LayoutQuestion {
  readonly ticket: number
  readonly graph: LayoutGraph
  readonly previous: ReadonlyMap<string, Place>
}

export interface LayoutAnswer {
  readonly ticket: number
  readonly positions: Float32Array<ArrayBuffer>
}

addEventListener('message', ({ data }: MessageEvent<LayoutQuestion>) => {
  const positions = layout(data.graph, data.previous) as Float32Array<ArrayBuffer>
  const answer: LayoutAnswer = { ticket: data.ticket, positions }
  postMessage(answer, { transfer: [positions.buffer] })
})
