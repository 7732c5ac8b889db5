/**
 * A small snapshot of ours in Vizceral's form, with one of each thing: two regions and one that is not there yet, every
 * shape, notices, a class nobody knows, both directions of a pair, a node that calls itself.
 */
export const fixture = {
  renderer: 'global',
  name: 'edge',
  entryNode: 'INTERNET',
  updated: 1_700_000_000_000,
  nodes: [
    { renderer: 'region', name: 'INTERNET', class: 'normal', nodes: [], connections: [] },
    {
      renderer: 'region',
      name: 'north',
      displayName: 'NORTH',
      maxVolume: 1000,
      updated: 1_700_000_000_000,
      class: 'normal',
      nodes: [
        { renderer: 'focusedChild', name: 'INTERNET', node_type: 'users' },
        {
          renderer: 'focusedChild',
          name: 'web',
          node_type: 'service',
          metadata: { owner: 'storefront' },
          nodes: [{ name: 'web-1', metrics: { normal: 100, danger: 2 } }, { name: 'web-2' }],
        },
        {
          renderer: 'focusedChild',
          name: 'orders',
          class: 'warning',
          notices: [
            {
              title: 'Slow since noon',
              subtitle: 'p99',
              link: 'https://example.com/',
              severity: 1,
            },
          ],
        },
        { renderer: 'focusedChild', name: 'queue', node_type: 'pipe' },
        { renderer: 'focusedChild', name: 'ledger', node_type: 'storage' },
        { renderer: 'focusedChild', name: 'alone' },
        { name: 'scenery' },
      ],
      connections: [
        { source: 'INTERNET', target: 'web', metrics: { normal: 190, warning: 8, danger: 2 } },
        {
          source: 'web',
          target: 'orders',
          metrics: { normal: 90, throttled: 10 },
          class: 'warning',
        },
        { source: 'orders', target: 'web', metrics: { normal: 4 } },
        { source: 'orders', target: 'orders', metrics: { normal: 1 } },
        { source: 'orders', target: 'queue', metrics: { normal: 40 }, metadata: { p50Ms: 12.5 } },
        {
          source: 'queue',
          target: 'ledger',
          metrics: { normal: 30, danger: 10 },
          class: 'danger',
          notices: [{ title: '25 % errors', severity: 2 }],
        },
      ],
    },
    {
      renderer: 'region',
      name: 'south',
      maxVolume: 500,
      updated: 1_699_999_000_000,
      nodes: [{ renderer: 'focusedChild', name: 'web' }],
      connections: [],
    },
    { renderer: 'region', name: 'west' },
  ],
  connections: [
    { source: 'INTERNET', target: 'north', metrics: { normal: 190, warning: 8, danger: 2 } },
    { source: 'INTERNET', target: 'south', metrics: { normal: 60 } },
    { source: 'north', target: 'south', metrics: { normal: 5 } },
  ],
}
