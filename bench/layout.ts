// What the layout costs in its worker, question and answer included: 2,000 services and 10,000 links laid out afresh, one
// service more, and 30 % of them others (a fifth of those who stay placed by hand), with how far those who stay drift.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { cluster } from '#web/draw/demo/synthetic.ts'
import type { LayoutGraph, Place } from '#web/layout/index.ts'
import { median, report } from './figures.ts'

const runs = 15
const fullMsMax = 250
const updateMsMax = 200

type Places = ReadonlyMap<string, Place>
const nobody: Places = new Map()

/** The page's worker, in a thread of Node's that speaks as a browser's does. */
const worker = new Worker(
  `const { parentPort } = require('node:worker_threads')
  globalThis.addEventListener = (_, hear) => parentPort.on('message', data => hear({ data }))
  globalThis.postMessage = (answer, { transfer }) => parentPort.postMessage(answer, transfer)
  import(${JSON.stringify(new URL('../src/web/layout/worker.ts', import.meta.url).href)})
    .then(() => parentPort.postMessage('ready'))`,
  { eval: true },
)
await once(worker, 'message')
let tickets = 0

async function ask(graph: LayoutGraph, previous: Places, hands: Places): Promise<Float32Array> {
  worker.postMessage({ ticket: ++tickets, graph, previous, hands })
  const [{ positions }] = (await once(worker, 'message')) as [{ positions: Float32Array }]
  return positions
}

/** Median milliseconds of a question, the message there and back included. */
async function timeOf(graph: LayoutGraph, previous: Places, hands: Places): Promise<number> {
  const times: number[] = []
  for (let run = 0; run < runs; run++) {
    const from = performance.now()
    await ask(graph, previous, hands)
    times.push(performance.now() - from)
  }
  return median(times)
}

function graphOf(nodes: number, links: number, seed?: number): LayoutGraph {
  const { scene, rates } = cluster(nodes, links, seed)
  return {
    nodes: scene.nodes.map(({ id, district }) => ({ id, group: district })),
    links: scene.links.map(({ client, server }, i) => ({ client, server, rate: rates[i] })),
  }
}

const placesOf = (graph: LayoutGraph, positions: Float32Array): Places =>
  new Map(graph.nodes.map(({ id }, i) => [id, { x: positions[i * 2], y: positions[i * 2 + 1] }]))

/** The same with 30 % of the nodes replaced by others of their groups. */
function churned(graph: LayoutGraph): LayoutGraph {
  const nodes = graph.nodes.map((node, i) => (i % 10 < 3 ? { ...node, id: `new ${i}` } : node))
  return { ...graph, nodes }
}

let isWithin = true
for (const [nodes, links] of [
  [200, 420],
  [2000, 10_000],
]) {
  const graph = graphOf(nodes, links)
  const fullMs = await timeOf(graph, nobody, nobody)
  const places = placesOf(graph, await ask(graph, nobody, nobody))
  const { group } = graph.nodes[nodes >> 1]
  const oneMore = {
    nodes: [...graph.nodes, { id: 'new', group }],
    links: [...graph.links, { client: nodes >> 1, server: nodes, rate: 1 }],
  }
  const oneMs = await timeOf(oneMore, places, nobody)
  const others = churned(graph)
  const churnMs = await timeOf(others, places, nobody)
  const hands: Places = new Map([...places].filter((_, i) => i % 5 === 4))
  const previous: Places = new Map([...places].filter(([id]) => !hands.has(id)))
  const handsMs = await timeOf(others, previous, hands)
  const after = placesOf(others, await ask(others, previous, hands))
  const drift = [...places].reduce((most, [id, { x, y }]) => {
    const now = after.get(id)
    return now ? Math.max(most, Math.hypot(now.x - x, now.y - y)) : most
  }, 0)
  report(`layout ${nodes}/${links}`, {
    'full, ms (median)': fullMs,
    'one service more, ms (median)': oneMs,
    '30 % others, ms (median)': churnMs,
    '30 % others, a fifth placed by hand, ms (median)': handsMs,
    'furthest drift of those who stay': drift,
  })
  isWithin &&=
    fullMs <= fullMsMax && Math.max(oneMs, churnMs, handsMs) <= updateMsMax && drift === 0
}
await worker.terminate()
if (!isWithin) {
  console.error(
    `The layout takes longer than ${fullMsMax} ms, ${updateMsMax} ms for an update, or moves who stands.`,
  )
  process.exit(1)
}
