import type { ServerHello } from './hello.ts'

/*
 * What the length of an encrypted record of TLS 1.3 proves (RFC 8446 section 5.2): it is that of what it holds, and of
 * a type and a tag. Nothing but an alert is two bytes long in a handshake, and a lone Finished is as long as its hash.
 * Both are without padding, which nobody adds to them.
 */

const typeBytes = 1
const alertBytes = 2
const messageHeadBytes = 4

const aes256GcmSha384 = 0x1302
const aes128Ccm8 = 0x1305

const tagBytes = (cipher: number): number => (cipher === aes128Ccm8 ? 8 : 16)
const hashBytes = (cipher: number): number => (cipher === aes256GcmSha384 ? 48 : 32)

/** Length of an encrypted record that holds an alert. */
export function alertLength({ cipher }: ServerHello): number {
  return alertBytes + typeBytes + tagBytes(cipher)
}

/** Length of an encrypted record that holds a Finished and nothing else. */
export function finishedLength({ cipher }: ServerHello): number {
  return messageHeadBytes + hashBytes(cipher) + typeBytes + tagBytes(cipher)
}
