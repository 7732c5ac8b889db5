import { ByteReader } from '#lib/byte-reader.ts'
import type { Interner } from '#lib/intern.ts'
import { clientSide, otherSide, type Side, serverSide } from '#model/side.ts'
import type { Outcome, Transaction } from '#model/transaction.ts'
import type { DecoderOptions } from '../protocol.ts'
import { blame, failureOf, sealedAlert } from './alerts.ts'
import { certificateName } from './certificate.ts'
import { messages, readClientHello, readServerHello, type ServerHello } from './hello.ts'
import { hostNameOf, serverNames } from './names.ts'
import { contents } from './record.ts'
import { alertLength, finishedLength } from './sealed.ts'
import { hidesHandshake, versionName } from './versions.ts'

/** Bytes of a hello that are read; a client may state many keys and tickets. */
const helloMax = 16 * 1024
/** Bytes of a chain of certificates that are read: its first is named near its beginning or near its end. */
const certificateMax = 8 * 1024

/**
 * One connection's handshake, which is its transaction. It ends with the server's last message: its Finished, up to TLS
 * 1.2, and in TLS 1.3, where that cannot be seen, what the server said before the client's answer; or with an alert. It
 * is told once both have finished.
 */
export class Handshake {
  /** It was told, or is none: what follows is of no interest. */
  over = false

  readonly #done: (transaction: Transaction) => void
  readonly #names: Interner
  readonly #reader = new ByteReader()
  /** The client's hello was heard. */
  #asked = false
  /** The client's first byte. */
  #startUs = 0
  #resource = ''
  /** The client called the server by name. */
  #isCalled = false
  #hasEarlyData = false
  #hello: ServerHello | undefined
  #endUs = 0
  #responseBytes = 0
  #gap = false
  /** Where the record at hand ends, by side. */
  readonly #saidBytes = [0, 0]
  /** Up to TLS 1.2: who has changed to encrypted records, and who has finished in them. */
  readonly #changed = [false, false]
  readonly #finished = [false, false]
  /** TLS 1.3: the client showed more than that it finished, and the server has not said what it thinks of it. */
  #isJudged = false

  constructor(done: (transaction: Transaction) => void, { interners, raw }: DecoderOptions) {
    this.#done = done
    this.#names = serverNames(interners, raw)
  }

  /** What this side says as its handshake cannot be read. */
  isSealed(side: Side): boolean {
    return this.#changed[side]
  }

  /** Bytes of a message that are to be read. */
  wants(side: Side, type: number): number {
    if (side === clientSide) return type === messages.clientHello && !this.#asked ? helloMax : 0
    if (type === messages.serverHello) return this.#hello ? 0 : helloMax
    return type === messages.certificate && this.#resource === '' ? certificateMax : 0
  }

  /** A record begins, and will end at `end` of what the side says. */
  begin(side: Side, firstUs: number, end: number): void {
    if (side === clientSide && this.#saidBytes[clientSide] === 0) this.#startUs = firstUs
    if (!this.#finished[side]) this.#saidBytes[side] = end
  }

  /** A message that was wanted. */
  message(side: Side, type: number, bytes: Uint8Array, start: number, end: number): void {
    const reader = this.#reader.reset(bytes, start, end)
    if (side === clientSide) this.#clientHello(reader)
    else if (type === messages.serverHello) this.#serverHello(reader)
    else this.#certificate(reader)
  }

  /** The client asks as in SSL 2.0: without a name. */
  oldHello(): void {
    this.#asked = true
  }

  /** A record was there; what it holds was told before, if it could be read. */
  record(side: Side, type: number, length: number, lastUs: number): void {
    if (side === serverSide) this.#serverRecord(type, length, lastUs)
    if (type === contents.changeCipherSpec) this.#change(side)
    else if (type === contents.handshake && this.#changed[side]) this.#finish(side)
    else if (type === contents.applicationData && side === clientSide) this.#reply(length, lastUs)
  }

  alert(side: Side, level: number, description: number, lastUs: number): void {
    const failure = failureOf(level, description)
    if (failure !== undefined) this.#fail(failure, blame(side, description), lastUs)
  }

  lose(): void {
    this.#gap = true
  }

  /**
   * No more comes. An answer among lost bytes is no error. `left`: one side ended the connection; in the middle of a
   * handshake that is a failure, though nobody said whose.
   */
  close(left: boolean): void {
    if (!this.#hello) this.#tell(undefined, this.#gap ? 'ok' : 'error', undefined)
    else if (left && !this.#gap && !this.#isJudged)
      this.#fail(this.#version, 'warning', this.#endUs)
    else this.#succeed()
  }

  #clientHello(reader: ByteReader): void {
    const hello = readClientHello(reader)
    if (!hello) return
    this.#asked = true
    this.#hasEarlyData = hello.hasEarlyData
    this.#isCalled = hello.nameEnd > 0
    if (this.#isCalled) {
      this.#resource = this.#names.text(reader.bytes, hello.nameStart, hello.nameEnd)
    }
  }

  #serverHello(reader: ByteReader): void {
    const hello = readServerHello(reader)
    if (hello && !hello.isRetry) this.#hello = hello
  }

  #certificate(reader: ByteReader): void {
    const name = certificateName(reader)
    if (name) this.#resource = this.#names.text(reader.bytes, name.start, name.end)
  }

  #serverRecord(type: number, length: number, lastUs: number): void {
    if (this.#isJudged && type === contents.applicationData) {
      if (length === alertLength(this.#hello!)) this.#fail(sealedAlert, 'warning', lastUs)
      else this.#succeed()
    } else if (!this.#isJudged && !this.#finished[serverSide]) {
      this.#endUs = lastUs
      this.#responseBytes = this.#saidBytes[serverSide]
    }
  }

  /** In TLS 1.3 this record only pleases those in between. */
  #change(side: Side): void {
    if (this.#hello && !hidesHandshake(this.#hello.version)) this.#changed[side] = true
  }

  #finish(side: Side): void {
    this.#finished[side] = true
    if (this.#finished[otherSide(side)]) this.#succeed()
  }

  /** TLS 1.3: the client's answer to what the server said is encrypted, but its length tells it. */
  #reply(length: number, lastUs: number): void {
    const hello = this.#hello
    if (!hello || !hidesHandshake(hello.version)) return
    const isAlert = length === alertLength(hello)
    if (this.#isJudged && !isAlert) return
    if (this.#isJudged || this.#hasEarlyData || length === finishedLength(hello)) this.#succeed()
    else if (isAlert) this.#fail(sealedAlert, 'error', lastUs)
    else this.#isJudged = true
  }

  get #version(): string {
    return versionName(this.#hello!.version)
  }

  #succeed(): void {
    this.#tell(this.#version, 'ok', this.#endUs)
  }

  #fail(status: string, outcome: Outcome, lastUs: number): void {
    this.#responseBytes = this.#saidBytes[serverSide]
    this.#tell(status, outcome, lastUs)
  }

  #tell(status: string | undefined, outcome: Outcome, endUs: number | undefined): void {
    if (this.over) return
    this.over = true
    if (!this.#asked) return
    const isNamed = this.#isCalled && status !== undefined && outcome === 'ok'
    this.#done({
      protocol: 'tls',
      method: 'HANDSHAKE',
      resource: this.#resource,
      status,
      outcome,
      startUs: this.#startUs,
      durationUs: endUs === undefined ? undefined : Math.max(0, endUs - this.#startUs),
      requestBytes: this.#saidBytes[clientSide],
      responseBytes: status === undefined ? 0 : this.#responseBytes,
      gap: this.#gap,
      serverName: isNamed ? hostNameOf(this.#resource) : undefined,
    })
  }
}
