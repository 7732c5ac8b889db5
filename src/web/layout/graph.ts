/** What is laid out: names and links, nothing of how they are drawn. `client` and `server` are indexes of nodes. */
export interface LayoutGraph {
  readonly nodes: readonly LayoutNode[]
  readonly links: readonly LayoutLink[]
}

export interface LayoutNode {
  readonly id: string
  /** Nodes of one group lie together; undefined: alone. */
  readonly group?: string | undefined
  /** `entry` stands at the left, where traffic comes in; `outside` at the right, where it leaves. */
  readonly side?: 'entry' | 'outside' | undefined
}

export interface LayoutLink {
  readonly client: number
  readonly server: number
  /** Requests a second: heavy links are drawn straighter and cross less. */
  readonly rate: number
}

/** The centre of a node, world units (CSS pixels at scale 1). */
export interface Place {
  readonly x: number
  readonly y: number
}

/** Room for a ring and a name under it: no two nodes are closer than this on both axes. */
export const cell = { width: 168, height: 96 } as const

/** Space between the centres of a group's outermost nodes and its edge. */
export const districtPad = { x: 84, top: 66, bottom: 60 } as const

/** Between two districts, and between a district and a node that belongs to none. */
export const districtGap = 44
