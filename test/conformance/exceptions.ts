import type { Exception } from './comparison.ts'

/** Where Inkling and the reference rightly differ, whatever the protocol. Others are in the files of `protocols/`. */
export const commonExceptions: readonly Exception[] = []
