import { X509Certificate } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import type { Server } from 'node:https'
import { createSecureContext } from 'node:tls'
import { codeOf, Fault, messageOf } from '#lib/fault.ts'

/** Files in PEM form: the certificate with those that lead to who signed it, and its key. */
export interface TlsFiles {
  readonly cert: string
  readonly key: string
}

export interface TlsPair {
  readonly cert: Buffer
  readonly key: Buffer
  /** The last moment at which it is valid. */
  readonly untilMs: number
}

export interface TlsLog {
  info(text: string): void
  warn(text: string): void
}

const lookMs = 10_000

/** Reads both; what is wrong with them is one sentence. */
export function readTls(files: TlsFiles): TlsPair {
  const cert = readPem(files.cert, 'certificate')
  const key = readPem(files.key, 'key')
  const untilMs = validUntil(cert, files)
  try {
    createSecureContext({ cert, key })
  } catch (error) {
    throw new Fault(sentenceOf(error, files))
  }
  return { cert, key, untilMs }
}

/** Text of certificates in PEM form, of who may sign. */
export function readCa(path: string): string {
  const text = readPem(path, 'certificate').toString()
  try {
    new X509Certificate(text)
  } catch {
    throw new Fault(`${path} holds no certificate in PEM form.`)
  }
  return text
}

/** Looks for renewed files now and then, and serves them without a restart. Answers how to stop. */
export function followTls(server: Server, files: TlsFiles, log: TlsLog, everyMs = lookMs) {
  let served = stampOf(files)
  let refused = ''
  const look = () => {
    const stamp = stampOf(files)
    if (stamp === served || stamp === refused) return
    try {
      server.setSecureContext(readTls(files))
      served = stamp
      log.info(`The certificate in ${files.cert} was renewed: it is served from now on.`)
    } catch (error) {
      refused = stamp
      log.warn(`The certificate is served as it was: ${messageOf(error)}`)
    }
  }
  const timer = setInterval(look, everyMs)
  return () => clearInterval(timer)
}

function readPem(path: string, what: 'certificate' | 'key'): Buffer {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') throw new Fault(`There is no file ${path}.`)
    if (codeOf(error) === 'EACCES') throw new Fault(`The file ${path} may not be read.`)
    throw new Fault(`The file ${path} cannot be read: ${messageOf(error)}.`)
  }
  const wanted =
    what === 'key' ? /-----BEGIN [A-Z ]*PRIVATE KEY-----/ : /-----BEGIN CERTIFICATE-----/
  if (!wanted.test(bytes.toString('latin1'))) {
    throw new Fault(`${path} holds no ${what} in PEM form.`)
  }
  return bytes
}

function validUntil(cert: Buffer, files: TlsFiles): number {
  try {
    return new X509Certificate(cert).validToDate.getTime()
  } catch {
    throw new Fault(`${files.cert} holds no certificate in PEM form.`)
  }
}

function sentenceOf(error: unknown, { cert, key }: TlsFiles): string {
  const said = `${codeOf(error) ?? ''} ${messageOf(error)}`
  if (/mismatch/i.test(said))
    return `The key in ${key} does not belong to the certificate in ${cert}.`
  if (/decrypt|password|passphrase|INTERRUPTED_OR_CANCELLED/i.test(said)) {
    return `The key in ${key} is locked with a passphrase: give one without.`
  }
  return `The certificate in ${cert} and the key in ${key} cannot be used: ${messageOf(error)}.`
}

/** Changes with either file, also where a link now leads to another. */
function stampOf({ cert, key }: TlsFiles): string {
  const stamps = [cert, key].map(path => {
    const found = statSync(path, { throwIfNoEntry: false })
    return found ? `${found.ino} ${found.size} ${found.mtimeMs}` : ''
  })
  return stamps.join('|')
}
