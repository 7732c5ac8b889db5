import type { Health, InstanceState, ServiceKind } from '#model/service.ts'
import type { Outcome } from '#model/transaction.ts'
import { panelTexts } from './panel-texts.ts'
import { plural } from './plural.ts'

/** Every word that the page says, so that it can be read, mended and translated in one place; of the panels beside it. */
export const texts = {
  ...panelTexts,
  product: 'Inkling',
  plural,
  close: 'Close',
  copy: 'Copy',
  copied: 'Copied',
  unknown: 'unknown',

  kpi: {
    services: 'Services',
    links: 'Links',
    requests: 'Requests',
    errors: 'Errors',
    p99: 'p99',
    p99Why: 'Estimated over all links from the median and p99 of each',
    attributed: 'Attributed',
    attributedWhy: (known: number, total: number) =>
      `${known.toLocaleString('en')} of ${total.toLocaleString('en')} requests have both services known`,
    perSecond: '/s',
  },

  bar: {
    table: 'Table',
    tableHint: 'Show services and links as a table (t)',
    map: 'Map',
    mapHint: 'Back to the map (t)',
    help: 'Keyboard and signs (?)',
    toLight: 'Light colours',
    toDark: 'Dark colours',
  },

  search: {
    label: 'Search services and links',
    placeholder: 'Search',
    none: 'Nothing by that name',
    more: (count: number) => `${count} found`,
    only: (text: string) => `Show only “${text}”`,
    filter: 'filter',
  },

  filter: {
    title: 'Show only',
    label: 'What is left off the map',
    hint: 'Filter: what is shown on the map and in the table',
    set: (count: number) => `Filter: ${plural(count, 'criterion', 'criteria')} set`,
    clear: 'Show everything',
    remove: 'Take away',
    name: 'Name contains',
    named: (name: string) => `“${name}”`,
    trouble: 'Requests',
    troubles: { any: 'all', warning: 'with trouble', error: 'with errors' },
    rate: 'At least, per second',
    anyRate: 'any',
    rateMin: (rate: string) => `≥ ${rate}/s`,
    protocols: 'Protocols',
    places: 'Places',
    hidden: 'Hidden',
    hiddenCount: (count: number) => `${count.toLocaleString('en')} hidden`,
    hide: 'Leave it off the map (h)',
    show: 'Show again',
    nothing: 'Nothing passes here.',
    problems: (count: number) => `${plural(count, 'problem')} not shown`,
  },

  live: {
    connecting: 'Connecting',
    waiting: 'Waiting',
    live: 'Live',
    ago: (age: string) => `${age} ago`,
    lost: 'Offline',
    label: 'State of agents and orchestrators',
    notices: (count: number) => plural(count, 'notice'),
  },

  status: {
    title: 'What watches',
    agents: 'Agents',
    orchestrators: 'Orchestrators',
    notices: 'Notices',
    noNotices: 'Nothing is missing and nothing was lost.',
    noAgents: 'No agent has reported yet.',
    noOrchestrators: 'None found on these nodes.',
    agent: (namespaces: number, flows: number) =>
      `${plural(namespaces, 'namespace')} · ${plural(flows, 'flow')}`,
    load: (cpu: string, memory: string) => `${cpu} of a core · ${memory}`,
    away: (age: string) => `away for ${age}`,
    reporting: (here: number, away: number) =>
      away === 0 ? here.toLocaleString('en') : `${here} of ${here + away} report`,
    more: (count: number) => `${count.toLocaleString('en')} more report.`,
    backlog: (age: string, size: string) => `${age} still to be told (${size})`,
    clock: (offset: string, isBehind: boolean) =>
      `clock ${offset} ${isBehind ? 'behind' : 'ahead'}, corrected`,
    way: (time: string) => `A question takes ${time} there and back`,
    version: (version: string) => `version ${version}`,
  },

  notice: {
    away: (node: string, age: string) => `The agent on ${node} has been away for ${age}.`,
    clock: (node: string, offset: string, isBehind: boolean) =>
      `The clock of ${node} is ${offset} ${isBehind ? 'behind' : 'ahead'}; its times are corrected.`,
    drops: (node: string, share: string, packets: string) =>
      `${node} could not keep up: ${share} of packets (${packets}) were dropped.`,
    evicted: (node: string, flows: string) =>
      `${node} let go of ${flows} flows that were still open, to stay within its memory.`,
    folded: (node: string, windows: string) =>
      `${node} folded ${windows} endpoints into "others": a second had too many.`,
    samples: (lines: string) => `${lines} log lines were left out; the counts are exact.`,
    noAgents: 'No agent is connected: nothing can be seen.',
    orchestrator: (name: string, text: string) => `${name}: ${text}`,
    says: (node: string, text: string) => `${node}: ${text}`,
  },

  stale: {
    label: 'State of the figures',
    lost: (age: string) => `Connection lost ${age} ago`,
    silent: (age: string) => `No figures for ${age}`,
    last: 'showing the last known state',
    retryIn: (age: string) => `next try in ${age}`,
    retrying: 'trying now',
    retry: 'Retry now',
  },

  empty: {
    title: 'Listening – no traffic seen yet',
    text: 'The map draws itself as soon as the first request crosses a watched link.',
    agents: (connected: number, all: number) =>
      all === 0
        ? 'No agent is connected yet.'
        : `${connected} of ${plural(all, 'agent')} connected.`,
    watching: (services: number) => `${plural(services, 'service')} known.`,
  },

  map: {
    label: 'Map of services and the calls between them',
    toTable: 'Skip the map: show services and links as a table',
    unsupported: 'This browser cannot draw the map: it has no WebGL 2. The table shows the same.',
    lost: 'The graphics context was lost; the map comes back by itself.',
    failed: 'The map could not be drawn. The table shows the same.',
  },

  legend: {
    dot: (requests: string) => `1 dot = ${requests} requests`,
    dotOne: '1 dot = 1 request',
    speed: 'density = rate · speed = latency',
    width: 'width = volume · glow = trouble',
    outcome: { ok: 'ok', warning: 'warning', error: 'error' } satisfies Record<Outcome, string>,
    reduced: 'motion reduced',
    pause: 'Let the dots stand (p): each leads to its requests',
    resume: 'Live again (p)',
    paused: 'Paused: point at a dot',
    slow: 'slow motion: a quarter of the speed (s)',
  },

  arranging: {
    tidy: 'Lay out anew (l): what was put elsewhere by hand goes back into the order',
    moved: (name: string) => `${name} stays there, for everybody who looks.`,
    tidied: () => 'Laid out anew, for everybody who looks.',
    undone: () => 'Undone.',
    unkept: () => 'The server did not keep it: others see it where it was.',
    undo: 'Undo',
    undoMore: 'Undo more',
    undoHint: 'Undo (u)',
  },

  place: {
    label: 'Where you are',
    everything: 'Everything',
    separator: ' / ',
    instances: 'Instances',
    machines: 'Machines',
    byMachine: 'Show what runs on which machine (g)',
    byGroup: 'Show projects, stacks and namespaces again (g)',
    unknownInstances: (why: string) => `Which instance talks with whom is not known: ${why}`,
    enter: 'Open',
    services: (count: number) => plural(count, 'service'),
    requests: 'Requests from elsewhere',
    inside: 'Inside',
    members: 'Services',
    more: (count: number) => `${count.toLocaleString('en')} more`,
    gone: 'Nothing of it is on the map any more.',
    river: (count: number) => plural(count, 'link'),
  },

  instance: {
    of: 'of',
    gone: 'It no longer runs.',
    silent: 'Nothing is said now',
    noFlow: 'In the last seconds nothing was said here.',
    wholeLink: 'The whole link',
    now: 'Means of the last five seconds. The lines below name this instance.',
    onMap: 'Show them on the map',
  },

  problems: {
    title: (count: number) => plural(count, 'problem'),
    more: (count: number) => `${count} more`,
    errors: (share: string) => `${share} errors`,
    warnings: (share: string) => `${share} warnings`,
    unhealthy: 'unhealthy',
  },

  kind: {
    compose: 'Compose service',
    swarm: 'Swarm service',
    marathon: 'Marathon app',
    mesos: 'Mesos task',
    kubernetes: 'Kubernetes workload',
    container: 'container',
    process: 'host process',
    host: 'host',
    internet: 'outside',
    external: 'outside party',
    group: 'Group',
    instance: 'Instance',
  } satisfies Record<ServiceKind | 'group' | 'instance', string>,

  health: {
    healthy: 'healthy',
    unhealthy: 'unhealthy',
    starting: 'starting',
    unknown: '',
  } satisfies Record<Health, string>,

  state: {
    starting: 'starting',
    running: 'running',
    paused: 'paused',
    restarting: 'restarting',
    unreachable: 'node unreachable',
    exited: 'exited',
  } satisfies Record<InstanceState, string>,

  table: {
    services: 'Services',
    links: 'Links',
    csv: 'Copy as CSV',
    name: 'Name',
    group: 'Group',
    kind: 'Kind',
    health: 'Health',
    instances: 'Instances',
    requests: 'Requests/s',
    calls: 'Calls/s',
    errors: 'Errors',
    warnings: 'Warnings',
    p50: 'p50',
    p99: 'p99',
    bytes: 'Bytes/s',
    client: 'Client',
    server: 'Server',
    protocol: 'Protocol',
    filtered: (shown: number, all: number) => `${shown} of ${all}`,
  },

  help: {
    title: 'Keyboard and signs',
    keys: [
      ['/', 'Search'],
      ['f', 'Fit the whole map'],
      ['e', 'Next problem'],
      ['t', 'Table instead of map'],
      ['← →', 'To the busiest caller, to the busiest call'],
      ['↑ ↓', 'To the next one beside'],
      ['Enter', 'Into the selected group or service'],
      ['Space', 'Pause the map, or the access log where one is open'],
      ['p', 'Pause the map: then point at a dot for its requests'],
      ['s', 'Slow motion: dots at a quarter of their speed'],
      ['Shift ↑', 'Move the selected service (any arrow)'],
      ['g', 'By machine, or by project, stack and namespace again'],
      ['h', 'Leave the selected service or group off the map'],
      ['l', 'Lay out this place anew'],
      ['u', 'Undo a move or a layout'],
      ['Esc', 'One step back: to the map, then out of a group'],
    ],
    signs: [
      'A moving dot is traffic: the denser the more, the faster the quicker the answer.',
      'Light dots went well. Diamonds are warnings (the client’s fault), crosses are errors (the server’s fault).',
      'The ring of a service shows its share of errors; its size tells how much goes through it.',
      'A cross in a disc at a ring: its own health check says that something of it is unwell.',
      'A hatched service is not watched: the agent of its node is away.',
      'A service can be dragged to where you want it (with a finger: rest on it first); all viewers see it there.',
      'A grey ring in dashes is gone: it is kept in mind for ten minutes where it was.',
      'Three small rings are a group of services. A double click goes in, to a service too: its callers stand left, what it calls right. Its loop is what its services say to each other.',
      'A plot says what was at the moment one points at, or goes to with the arrows; of a link, Enter shows its requests.',
      'A dashed ring is an outside party; a globe is everybody who comes from outside.',
    ],
  },

  announce: (services: number, rate: string, problems: readonly string[]) =>
    problems.length === 0
      ? `${plural(services, 'service')}, ${rate} requests per second, no problems.`
      : `${plural(problems.length, 'problem')}: ${problems.slice(0, 3).join('; ')}.`,
} as const
