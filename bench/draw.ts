// What the map costs the page: script time per frame at rest, while somebody zooms and per second of data, what a frame
// allocates and sends to the GPU, its draw calls; at 200/420 and at 2,000/10,000 services and links with 200,000 dots
// on their way. Fails when the large one costs more than it may. Drawing itself is left out, as a software renderer
// would be the bench. Needs Chromium.
import { missing, Studio } from '#web/draw/demo/browser.ts'
import { type Cost, costOf } from '#web/draw/demo/cost.ts'
import { report } from './figures.ts'

const budget = { scriptMs: 0.5, drawCalls: 16, dots: 200_000 }

if (missing) {
  console.error(missing)
  process.exit(2)
}
const studio = await Studio.open()
try {
  told('200/420', await costOf(studio, { nodes: 200, links: 420, requestsPerSecond: 9000 }))
  const large = { nodes: 2000, links: 10_000, requestsPerSecond: 49_000 }
  judge(told('2000/10000', await costOf(studio, large)))
} finally {
  await studio.close()
}

function told(name: string, cost: Cost): Cost {
  report(`draw ${name}`, {
    'dots on their way': cost.dots,
    'script ms per frame at rest (median)': cost.restMs,
    'script ms per frame at rest (p95)': cost.restP95Ms,
    'script ms per frame while zooming (median)': cost.zoomMs,
    'script ms per frame while zooming (p95)': cost.zoomP95Ms,
    'script ms per second of data, with its frame (median)': cost.secondMs,
    'calls that send data, 50 frames between seconds': cost.uploads,
    'bytes sent, 50 frames between seconds': cost.uploadedBytes,
    'bytes allocated, 50 frames between seconds': cost.allocatedBytes,
    'draw calls of the most expensive frame': cost.drawCalls,
  })
  for (const allocator of cost.allocators) console.log(`  allocated by ${allocator}`)
  return cost
}

function judge(cost: Cost): void {
  const faults = [
    cost.dots < budget.dots && `${cost.dots} dots are fewer than ${budget.dots}`,
    cost.restMs > budget.scriptMs && `a frame at rest takes ${cost.restMs} ms`,
    cost.zoomMs > budget.scriptMs && `a frame while zooming takes ${cost.zoomMs} ms`,
    cost.uploads > 0 && `${cost.uploads} uploads between seconds`,
    cost.allocatedBytes > 0 && `${cost.allocatedBytes} bytes allocated between seconds`,
    cost.drawCalls > budget.drawCalls && `${cost.drawCalls} draw calls`,
  ].filter(fault => fault !== false)
  for (const fault of faults) console.error(`draw: ${fault}`)
  if (faults.length > 0) process.exitCode = 1
}
