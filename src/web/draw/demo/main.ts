import { layout } from '../../layout/index.ts'
import type { View } from '../camera.ts'
import { createFlowMap, type Target } from '../index.ts'
import { busied, cluster, smallCluster } from './synthetic.ts'

/**
 * The map alone, with invented traffic: `?nodes=200&links=420&busy=9000&theme=light&tier=2&still&seed=7`. The bench and the
 * browser test drive it through `window.demo`.
 */
const asked = new URLSearchParams(location.search)
const nodes = Number(asked.get('nodes') ?? 0)
const invented =
  nodes > 0
    ? cluster(nodes, Number(asked.get('links') ?? nodes * 2), Number(asked.get('seed') ?? 7))
    : smallCluster()
const busy = Number(asked.get('busy') ?? 0)
const made = busy > 0 ? busied(invented, busy) : invented
const light = asked.get('theme') === 'light'
const canvas = document.querySelector('canvas')!
document.body.style.background = light ? '#f5f7fa' : '#0b0e14'

let view: View = { x: 0, y: 0, scale: 1 }
const seen: { lost: boolean[]; hovered: Target | undefined; selected: Target | undefined } = {
  lost: [],
  hovered: undefined,
  selected: undefined,
}
const map = createFlowMap(canvas, {
  hover: target => {
    seen.hovered = target
  },
  select: target => {
    seen.selected = target
  },
  open: target => {
    if (target.kind === 'service') map.focus(target.index)
  },
  camera: ({ x, y, scale }) => {
    view = { x, y, scale }
  },
  lost: lost => {
    seen.lost.push(lost)
  },
})
const { scene } = made
const graph = {
  nodes: scene.nodes.map(({ id, district, glyph }) => ({
    id,
    group: district,
    side:
      glyph === 'entry'
        ? ('entry' as const)
        : glyph === 'external'
          ? ('outside' as const)
          : undefined,
  })),
  links: scene.links.map(({ client, server }, i) => ({ client, server, rate: made.rates[i] })),
}
const positions = layout(graph, new Map())
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

function screenOf(node: number): [number, number] {
  return [positions[node * 2] * view.scale + view.x, positions[node * 2 + 1] * view.scale + view.y]
}

declare global {
  interface Window {
    demo: unknown
  }
}
const stop = () => clearInterval(timer)
window.demo = Object.assign(seen, { map, made, canvas, push, positions, screenOf, stop })
