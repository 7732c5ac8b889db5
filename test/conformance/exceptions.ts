import type { Exception } from './comparison.ts'

/** Where Inkling and the reference rightly differ, whatever the protocol. Others are in the files of `protocols/`. */
export const commonExceptions: readonly Exception[] = [
  {
    file: /socks/,
    fields: ['count'],
    reason: 'what follows a SOCKS greeting is the flow of somebody else, and SOCKS is not decoded',
  },
]
