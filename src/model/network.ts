/**
 * A network that an orchestrator made on this node. Its gateways are addresses of the node itself: a packet from one
 * of them comes from somebody on the node (a host process, a proxy, a masqueraded container), not from a container.
 */
export interface Network {
  /** What `Address.network` refers to. */
  readonly id: string
  readonly name: string
  /** `bridge`, `overlay`, `macvlan`, `host`, ... as the orchestrator calls it. */
  readonly driver: string
  readonly gateways: readonly string[]
  /** `172.18.0.0/16`, as configured. */
  readonly subnets: readonly string[]
  /** It spans nodes (an overlay), or its addresses leave the node untranslated: they mean the same on each node. */
  readonly isShared?: boolean
  /**
   * Addresses on it that are nobody's: this node's load balancers (Swarm's ingress sandbox). Behind one stands any client;
   * on a network of the node's own the node speaks with them.
   */
  readonly balancers?: readonly string[]
}
