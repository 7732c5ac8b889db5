import type { View } from './camera.ts'
import type { DistrictTable } from './districts.ts'
import type { Focus } from './focus.ts'
import { labelColours, type Wish } from './labels.ts'
import type { Rates } from './rates.ts'
import type { World } from './world.ts'

/** A node's radius on screen, CSS pixels; the shader (curve.ts) says the same. */
export function radiusPx(world: World, slot: number, scale: number): number {
  return Math.min(46, Math.max(3.6, world.nodeTable[slot * 8] * scale))
}

/** From this far away the members of a group are stars: only those that matter keep their names. */
const starScale = 0.36
const starWorth = 9

/** Every name that could be shown, with what it is worth: selected > found > trouble > entry > busy. */
export function wishesOf(
  world: World,
  rates: Rates,
  districts: DistrictTable,
  focus: Focus,
  { x, y, scale }: View,
): Wish[] {
  const wishes: Wish[] = []
  for (const slot of world.nodeOf) {
    const node = world.nodes[slot]!
    if (world.placed[slot] === 0) continue
    const worth = importance(world, rates, focus, slot)
    if (node.district !== undefined && worth < starWorth && scale < starScale) continue
    wishes.push({
      key: node.id,
      text: node.label,
      anchor: slot,
      x: world.places[slot * 4 + 2] * scale + x,
      y: world.places[slot * 4 + 3] * scale + y,
      radius: radiusPx(world, slot, scale),
      importance: worth,
      colour: colourOf(world, rates, slot),
      kind: node.glyph === 'entry' ? 'entry' : 'node',
    })
  }
  districts.list.forEach(({ name, box }, anchor) => {
    const wide = (box.right - box.left) * scale
    const at = { x: box.left * scale + x, y: box.top * scale + y, radius: 0 }
    const colour = scale < starScale ? labelColours.text : labelColours.secondary
    const worth = { importance: 1e4 + wide, colour }
    if (wide > 52)
      wishes.push({
        key: `district ${anchor} ${name}`,
        text: name,
        anchor,
        ...at,
        ...worth,
        kind: 'district',
      })
  })
  return wishes
}

function importance(world: World, rates: Rates, focus: Focus, slot: number): number {
  const is = (target: Focus['selected']) => target?.kind === 'service' && target.slot === slot
  if (is(focus.selected) || is(focus.hovered)) return 1e5
  if (focus.found?.has(slot)) return 1000
  const focused = focus.selected ?? focus.hovered
  const lit = focused && world.nodeTable[slot * 8 + 5] === 1 ? 30 : 0
  const trouble =
    shareOfErrors(rates, slot) > 0.01 ? 20 : shareOfWarnings(rates, slot) > 0.05 ? 10 : 0
  const entry = world.nodes[slot]!.glyph === 'entry' ? 15 : 0
  return lit + trouble + entry + Math.log10(1 + (rates.node[slot * 3] ?? 0))
}

function colourOf(world: World, rates: Rates, slot: number): number {
  if (world.nodes[slot]!.isGhost) return labelColours.secondary
  if (shareOfErrors(rates, slot) > 0.02) return labelColours.error
  if (shareOfWarnings(rates, slot) > 0.1) return labelColours.warning
  return world.nodes[slot]!.glyph === 'external' ? labelColours.secondary : labelColours.text
}

function shareOfErrors({ node }: Rates, slot: number): number {
  return node[slot * 3] > 0 ? node[slot * 3 + 2] / node[slot * 3] : 0
}

function shareOfWarnings({ node }: Rates, slot: number): number {
  return node[slot * 3] > 0 ? node[slot * 3 + 1] / node[slot * 3] : 0
}
