import type { Comparison } from '../comparison.ts'

export const redis: Comparison = {
  protocol: 'redis',
  reference: 'redis',
  // errors have a code here, there they are all `ERROR`
  seen: {
    status: ({ status, outcome }) => (status && outcome !== 'ok' ? 'ERROR' : (status ?? '-')),
  },
  exceptions: [
    {
      file: /^zeek\/redis__(client-skip-while-off|reply-off-on-2conn)\.pcap$/,
      fields: ['status', 'outcome'],
      reason:
        'CLIENT REPLY OFF and SKIP want no reply: that none comes is right, and shifts no later one',
    },
  ],
}
