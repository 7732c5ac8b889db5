/**
 * Keeps a stable slot for each id across scenes: what stays keeps its slot (and so its history and its dots on their
 * way), what is new gets a free one, what is gone keeps its slot until it has faded.
 */
export class Slots {
  /** One past the highest slot ever given. */
  size = 0
  private readonly byId = new Map<string, number>()
  private readonly ids: (string | undefined)[] = []
  private readonly freeAtMs: number[] = []
  private readonly free: number[] = []
  private readonly restMs: number

  /** `restMs`: how long a slot rests after its id is gone before another may have it. */
  constructor(restMs: number) {
    this.restMs = restMs
  }

  /** The slots of these ids, in order; `added` and `gone` hear of the changes. */
  assign(
    ids: readonly string[],
    nowMs: number,
    heard: { added(slot: number): void; gone(slot: number): void },
  ): Int32Array {
    this.release(nowMs)
    const present = new Set(ids)
    for (const [id, slot] of this.byId) {
      if (present.has(id) || this.freeAtMs[slot] > 0) continue
      this.freeAtMs[slot] = nowMs + this.restMs
      heard.gone(slot)
    }
    return Int32Array.from(ids, id => this.slotOf(id, heard.added))
  }

  /** True while the slot's id is in the scene. */
  isPresent(slot: number): boolean {
    return this.ids[slot] !== undefined && this.freeAtMs[slot] === 0
  }

  /** True while the slot is not free: present or fading. */
  isTaken(slot: number): boolean {
    return this.ids[slot] !== undefined
  }

  private slotOf(id: string, added: (slot: number) => void): number {
    const known = this.byId.get(id)
    if (known !== undefined) {
      if (this.freeAtMs[known] > 0) added(known)
      this.freeAtMs[known] = 0
      return known
    }
    const slot = this.free.pop() ?? this.size++
    this.byId.set(id, slot)
    this.ids[slot] = id
    this.freeAtMs[slot] = 0
    added(slot)
    return slot
  }

  private release(nowMs: number): void {
    for (let slot = 0; slot < this.size; slot++) {
      const id = this.ids[slot]
      if (id === undefined || this.freeAtMs[slot] === 0 || this.freeAtMs[slot] > nowMs) continue
      this.byId.delete(id)
      this.ids[slot] = undefined
      this.free.push(slot)
    }
  }
}
