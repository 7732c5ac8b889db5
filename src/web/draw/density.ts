/**
 * How many requests one dot stands for. One number for the whole map, so that twice the rate is twice the dots on
 * every link; 1 as long as there is room, then 2, 5, 10, 20, 50, ...
 */

/** Room for dots: born a second on the whole map, and on one link before it becomes a solid bar. */
export interface Room {
  readonly bornMax: number
  readonly bornMaxPerLink: number
}

/** Wire figures are within 3 %: near whole numbers are whole. */
const wireError = 0.031

function step(index: number): number {
  return [1, 2, 5][index % 3] * 10 ** Math.floor(index / 3)
}

function stepFor(needed: number): number {
  let index = 0
  while (step(index) < needed && index < 60) index++
  return index
}

/** Grows at once when there is no room, shrinks only when there has been plenty for a while. */
export class Density {
  private index = 0
  private calmSeconds = 0
  private readonly calmNeeded: number

  constructor(calmNeeded = 8) {
    this.calmNeeded = calmNeeded
  }

  get requestsPerDot(): number {
    return step(this.index)
  }

  /** Once a second: requests a second on the whole map and on the busiest link. */
  update(total: number, busiest: number, room: Room): number {
    const needed = Math.max(total / room.bornMax, busiest / room.bornMaxPerLink)
    const fitting = stepFor(needed)
    const roomy = stepFor(needed * 1.6)
    if (fitting > this.index) {
      this.index = fitting
      this.calmSeconds = 0
    } else if (roomy < this.index) this.calm(roomy)
    else this.calmSeconds = 0
    return this.requestsPerDot
  }

  private calm(roomy: number): void {
    this.calmSeconds++
    if (this.calmSeconds < this.calmNeeded) return
    this.index = roomy
    this.calmSeconds = 0
  }
}

/** A rate as it was counted: what the wire's rounding made of a small whole number is undone. */
export function counted(rate: number): number {
  const whole = Math.round(rate)
  return whole <= 16 && Math.abs(rate - whole) <= wireError * whole ? whole : rate
}

/** Dots a second for bytes that carry no known transactions: one more for each factor of 100 above 100 B/s, halved. */
export function quietDots(bytesPerSecond: number): number {
  return bytesPerSecond > 0 ? 0.25 * Math.log10(1 + bytesPerSecond / 100) : 0
}
