import { layout } from '../../layout/index.ts'
import { createFlowMap } from '../index.ts'
import { cluster, smallCluster } from './synthetic.ts'

/**
 * The map alone, with invented traffic: `?nodes=200&links=420&theme=light&tier=2&still&seed=7`. The bench and the
 * browser test drive it through `window.demo`.
 */
const asked = new URLSearchParams(location.search)
const nodes = Number(asked.get('nodes') ?? 0)
const made =
  nodes > 0
    ? cluster(nodes, Number(asked.get('links') ?? nodes * 2), Number(asked.get('seed') ?? 7))
    : smallCluster()
const light = asked.get('theme') === 'light'
const canvas = document.querySelector('canvas')!
document.body.style.background = light ? '#f5f7fa' : '#0b0e14'

const map = createFlowMap(canvas, {
  select: target => map.select(target),
  open: target => {
    if (target.kind === 'service') map.focus(target.index)
  },
})
const { scene } = made
const graph = {
  nodes: scene.nodes.map(({ id, group, glyph }) => ({
    id,
    group: group[0],
    side:
      glyph === 'entry'
        ? ('entry' as const)
        : glyph === 'external'
          ? ('outside' as const)
          : undefined,
  })),
  links: scene.links.map(({ client, server }, i) => ({ client, server, rate: made.rates[i] })),
}
const before = performance.now()
const positions = layout(graph, new Map())
const layoutMs = performance.now() - before
map.setTheme(light ? 'light' : 'dark')
map.setReducedMotion(asked.has('still'))
map.setScene(scene)
map.setPositions(positions)

let second = 0
function push(): void {
  second++
  map.pushFrame(made.frame(second, 1.7e12 + second * 1000))
}
push()
const timer = setInterval(push, 1000)

declare global {
  interface Window {
    demo: unknown
  }
}
window.demo = { map, made, canvas, push, layoutMs, positions, stop: () => clearInterval(timer) }
