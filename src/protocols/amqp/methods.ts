/**
 * The methods of AMQP 0-9-1 (https://www.rabbitmq.com/resources/specs/amqp0-9-1.pdf, 1.4 to 1.8, and its
 * amqp0-9-1.extended.xml) and what RabbitMQ adds to them (https://www.rabbitmq.com/docs/extensions). Those of 0-8 and
 * 0-9 that are still in use have the same numbers, and the same arguments as far as they are read.
 */
export interface Method {
  /** `basic.publish`. */
  readonly name: string
  /** Class in the upper half, method in the lower. */
  readonly id: number
  /** Who says it. */
  readonly from: 'client' | 'server' | 'both'
  /** It is answered, or it is an answer, or it is just said. */
  readonly kind: 'ask' | 'reply' | 'say'
  /** Id of the method that answers it. */
  readonly reply: number
  /** A content follows: a header, and a body in frames. */
  readonly content: boolean
  /** Arguments before the resource: `s` 2 bytes, `l` 8 bytes, `o` 1 byte, `t` a short text. */
  readonly before: string
  /** What the resource is: a text; an exchange and a routing key; or there is none. */
  readonly resource: 'text' | 'route' | 'none'
  /** Arguments between the resource and the bit that says that no answer is wanted. */
  readonly between: string
  /** That bit; 0: there is none. */
  readonly noWait: number
}

const idOf = (classId: number, methodId: number) => classId * 0x10000 + methodId

type Notable = Partial<Omit<Method, 'name' | 'id' | 'from'>>

const say = (from: Method['from'], name: string, id: number, own: Notable = {}): Method => ({
  name,
  id,
  from,
  kind: 'say',
  reply: 0,
  content: false,
  before: '',
  resource: 'none',
  between: '',
  noWait: 0,
  ...own,
})

/** A method that is answered by its `-ok`, whose number is the next, as a rule. */
const ask = (from: Method['from'], name: string, id: number, own: Notable = {}): Method[] => {
  const reply = own.reply ?? id + 1
  const answering = from === 'both' ? 'both' : from === 'client' ? 'server' : 'client'
  return [
    say(from, name, id, { ...own, kind: 'ask', reply }),
    say(answering, `${name}-ok`, reply, { kind: 'reply' }),
  ]
}

const text = { resource: 'text' } as const
const route = { resource: 'route' } as const

/** A queue or an exchange, behind what once was a ticket; and the bit `no-wait`. */
const named = (noWait = 0, between = ''): Notable => ({ ...text, before: 's', between, noWait })

const methods: readonly Method[] = [
  ask('server', 'connection.start', idOf(10, 10)),
  ask('server', 'connection.secure', idOf(10, 20)),
  ask('server', 'connection.tune', idOf(10, 30)),
  ask('client', 'connection.open', idOf(10, 40), text),
  ask('both', 'connection.close', idOf(10, 50), { before: 'st' }),
  say('server', 'connection.blocked', idOf(10, 60), text),
  say('server', 'connection.unblocked', idOf(10, 61)),
  ask('client', 'connection.update-secret', idOf(10, 70)),
  ask('client', 'channel.open', idOf(20, 10)),
  ask('both', 'channel.flow', idOf(20, 20)),
  ask('both', 'channel.close', idOf(20, 40), { before: 'st' }),
  ask('client', 'access.request', idOf(30, 10), text),
  ask('client', 'exchange.declare', idOf(40, 10), named(0x10, 't')),
  ask('client', 'exchange.delete', idOf(40, 20), named(0x02)),
  ask('client', 'exchange.bind', idOf(40, 30), named(0x01, 'tt')),
  ask('client', 'exchange.unbind', idOf(40, 40), { ...named(0x01, 'tt'), reply: idOf(40, 51) }),
  ask('client', 'queue.declare', idOf(50, 10), named(0x10)),
  ask('client', 'queue.bind', idOf(50, 20), named(0x01, 'tt')),
  ask('client', 'queue.purge', idOf(50, 30), named(0x01)),
  ask('client', 'queue.delete', idOf(50, 40), named(0x04)),
  ask('client', 'queue.unbind', idOf(50, 50), named()),
  ask('client', 'basic.qos', idOf(60, 10)),
  ask('client', 'basic.consume', idOf(60, 20), named(0x08, 't')),
  ask('both', 'basic.cancel', idOf(60, 30), { ...text, noWait: 0x01 }),
  say('client', 'basic.publish', idOf(60, 40), { ...route, before: 's', content: true }),
  say('server', 'basic.return', idOf(60, 50), { ...route, before: 'st', content: true }),
  say('server', 'basic.deliver', idOf(60, 60), { ...route, before: 'tlo', content: true }),
  say('client', 'basic.get', idOf(60, 70), { ...named(), kind: 'ask', reply: idOf(60, 71) }),
  say('server', 'basic.get-ok', idOf(60, 71), { kind: 'reply', content: true }),
  say('server', 'basic.get-empty', idOf(60, 72), { kind: 'reply' }),
  say('both', 'basic.ack', idOf(60, 80)),
  say('client', 'basic.reject', idOf(60, 90)),
  say('client', 'basic.recover-async', idOf(60, 100)),
  ask('client', 'basic.recover', idOf(60, 110)),
  say('both', 'basic.nack', idOf(60, 120)),
  ask('client', 'confirm.select', idOf(85, 10), { noWait: 0x01 }),
  ask('client', 'tx.select', idOf(90, 10)),
  ask('client', 'tx.commit', idOf(90, 20)),
  ask('client', 'tx.rollback', idOf(90, 30)),
].flat()

const byId = new Map(methods.map(method => [method.id, method]))

/** The method with an id, if there is one. */
export const methodOf = (id: number): Method | undefined => byId.get(id)

/** Ids of the methods that are not answered, or said, as others are. */
export const ids = {
  connectionClose: idOf(10, 50),
  connectionBlocked: idOf(10, 60),
  channelOpen: idOf(20, 10),
  channelClose: idOf(20, 40),
  channelCloseOk: idOf(20, 41),
  queueDeclare: idOf(50, 10),
  queueDeclareOk: idOf(50, 11),
  consume: idOf(60, 20),
  consumeOk: idOf(60, 21),
  cancel: idOf(60, 30),
  publish: idOf(60, 40),
  get: idOf(60, 70),
  getOk: idOf(60, 71),
  getEmpty: idOf(60, 72),
  ack: idOf(60, 80),
  nack: idOf(60, 120),
  confirmSelect: idOf(85, 10),
} as const
