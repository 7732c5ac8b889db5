import { uint24le } from '#lib/bytes.ts'

/*
 * Packets ("MySQL Packets", https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_packets.html): three
 * bytes of length, least first, one of number, which goes on from what the other side said and begins anew with each
 * command. A packet of the greatest length goes on in the next.
 *
 *     09 00 00 00  03 "SELECT 1"          07 00 00 01  00 00 00 02 00 00 00
 */

/** Length and number. */
export const headBytes = 4
/** A packet of this length is continued. */
export const lengthMax = 0xffffff

/** Length of the payload of the packet at `at`, of which at least the head is here. */
export const lengthAt: (bytes: Uint8Array, at: number) => number = uint24le

/** Size of the length-encoded integer that begins with a byte; 0 where none does. */
export function integerSize(first: number): number {
  if (first < 0xfb) return 1
  if (first === 0xfc) return 3
  if (first === 0xfd) return 4
  return first === 0xfe ? 9 : 0
}

/** What a packet of the server begins with; in rows only the last two mark anything. */
export const marks = {
  ok: 0x00,
  more: 0x01,
  factor: 0x02,
  file: 0xfb,
  end: 0xfe,
  error: 0xff,
} as const

/** Capabilities ("Capabilities Flags"), as far as they change what follows. */
export const capabilities = {
  connectWithDatabase: 1 << 3,
  compress: 1 << 5,
  protocol41: 1 << 9,
  ssl: 1 << 11,
  secureConnection: 1 << 15,
  pluginAuth: 1 << 19,
  lengthEncodedAuth: 1 << 21,
  deprecateEof: 1 << 24,
  zstd: 1 << 26,
} as const

/** Flags of the server's status ("SERVER_STATUS_flags_enum"). */
export const statusFlags = { moreResults: 0x0008, cursorExists: 0x0040 } as const

/** An EOF packet is no longer; an OK packet that ends a result is at least as long as `okMin`. */
export const eofMax = 5
export const okMin = 7

/** Whether a definition of a column is at `at`: its catalog is always `def`. */
export const isDefinition = (bytes: Uint8Array, at: number): boolean =>
  bytes[at] === 3 && bytes[at + 1] === 0x64 && bytes[at + 2] === 0x65 && bytes[at + 3] === 0x66
