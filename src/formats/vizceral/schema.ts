import { z } from 'zod'

/** What a note on a node or connection says; severity 0 info, 1 warning, 2 danger. */
const notice = z.object({
  title: z.string().min(1),
  subtitle: z.string().optional(),
  link: z.string().optional(),
  severity: z.literal([0, 1, 2]).optional(),
})

/** Requests per second by class: all of it counts as volume and becomes particles. */
const metrics = z.record(z.string(), z.number().min(0))

const connection = z.object({
  source: z.string().min(1),
  target: z.string().min(1),
  metrics: metrics.optional(),
  class: z.string().optional(),
  notices: z.array(notice).optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
})

/** A node of Netflix Vizceral's traffic data, root and leaves alike (github.com/Netflix/vizceral, wiki "How to use"). */
export const vizceralNode = z.object({
  name: z.string().min(1),
  renderer: z.enum(['global', 'region', 'focused', 'focusedChild', 'dns']).optional(),
  layout: z.enum(['ltrTree', 'ringCenter', 'ring', 'dns']).optional(),
  entryNode: z.string().optional(),
  displayName: z.string().optional(),
  class: z.string().optional(),
  node_type: z.enum(['default', 'azure', 'pipe', 'service', 'storage', 'user', 'users']).optional(),
  maxVolume: z.number().min(0).optional(),
  updated: z.number().optional(),
  serverUpdateTime: z.number().optional(),
  notices: z.array(notice).optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
  props: z.record(z.string(), z.unknown()).optional(),
  metrics: metrics.optional(),
  get nodes() {
    return z.array(vizceralNode).optional()
  },
  connections: z.array(connection).optional(),
})

export type VizceralNode = z.infer<typeof vizceralNode>
export type VizceralConnection = z.infer<typeof connection>
export type VizceralNotice = z.infer<typeof notice>
