import { parseAddress } from '#lib/ip-address.ts'
import { Assembler, type Program } from './assembler.ts'

/** What the node says over a bridge to another's address there, and its answers: both IPv4. */
export interface Passage {
  /** Index of the bridge's interface. */
  readonly bridge: number
  readonly here: string
  readonly there: string
}

/** What a ring lets in. */
export interface FilterForm {
  /** Bytes kept of a packet, from the IP header on. */
  readonly snapBytes: number
  /** Bytes kept of UDP that nobody decodes, and of later fragments: enough for the headers, so that links are counted. */
  readonly headBytes: number
  /** UDP of these ports is kept whole. */
  readonly wholeUdpPorts: readonly number[]
  /** TCP from or to these ports is dropped: Inkling's own connections. */
  readonly ignoredTcpPorts: readonly number[]
  /** UDP from or to these ports is dropped: tunnels, whose insides are captured where they come out. */
  readonly ignoredUdpPorts: readonly number[]
  /** Packets on these interfaces are dropped: they are seen in another namespace or on another interface. */
  readonly ignoredInterfaces: readonly number[]
  /** What is taken nevertheless, once. */
  readonly passages: readonly Passage[]
}

/** DNS and mDNS whole; VXLAN (4789, and 8472 of the Linux kernel) and GENEVE not at all. */
export const defaultFilter: FilterForm = {
  snapBytes: 65_536,
  headBytes: 96,
  wholeUdpPorts: [53, 5353],
  ignoredTcpPorts: [],
  ignoredUdpPorts: [4789, 6081, 8472],
  ignoredInterfaces: [],
  passages: [],
}

/** A longer list of interfaces is cut: the filter must stay within what the kernel takes. */
export const ignoredInterfacesMax = 800
/** More than these are not looked at. */
export const passagesMax = 8

// What the machine reads beside the packet: linux/filter.h, SKF_AD_OFF and its fields.
const besidePacket = 0xfffff000
export const protocolOf = besidePacket + 0
export const packetTypeOf = besidePacket + 4
export const interfaceOf = besidePacket + 8
export const hardwareTypeOf = besidePacket + 28

const outgoing = 4
const loopbackHardware = 772
/** PACKET_OTHERHOST: for another machine's address. */
const toOthers = 3
const ipv4 = 0x0800
const ipv6 = 0x86dd
const vlanTags = [0x8100, 0x88a8]
const tcp = 6
const udp = 17
/** Hop-by-hop, routing, fragment, destination options. */
const ipv6Extensions = [0, 43, 44, 60]
const ipv6HeaderBytes = 40
const finSynRst = 7
/** The cell that holds where the IP packet ends, counted from its header; 0: longer than its length field can say. */
const endCell = 0

/**
 * The filter of a cooked packet socket, where offset 0 is the IP header. It takes TCP that carries payload or SYN, FIN, RST,
 * UDP, fragments and what hides behind IPv6 extension headers. Each packet it drops costs the watched service
 * about 60 ns instead of 120 to 270, and bare acknowledgements are half of all packets.
 */
export function buildFilter(form: FilterForm): Program {
  const program = new Assembler()
  choosePassages(program, form.passages.slice(0, passagesMax))
  dropCopies(program)
  dropInterfaces(program, form.ignoredInterfaces)
  program.label('wanted')
  chooseVersion(program)
  enterIpv4(program)
  enterIpv6(program)
  chooseTcp(program, form)
  chooseUdp(program, form)
  return program
    .label('whole')
    .take(form.snapBytes)
    .label('head')
    .take(form.headBytes)
    .label('drop')
    .take(0)
    .assemble()
}

/** A filter that lets nothing in. */
export const nothing: Program = new Assembler().take(0).assemble()

/**
 * A loopback interface shows each packet twice, going out and coming in. And what a bridge floods to all its ports, or a
 * shared cable brings by, is somebody else's.
 */
function dropCopies(program: Assembler): void {
  program
    .loadWord(packetTypeOf)
    .when('equal', toOthers, { yes: 'drop' })
    .when('equal', outgoing, { no: 'once' })
    .loadWord(hardwareTypeOf)
    .when('equal', loopbackHardware, { yes: 'drop' })
    .label('once')
}

/** Binary search, so that hundreds of interfaces cost ten steps. */
function dropInterfaces(program: Assembler, interfaces: readonly number[]): void {
  if (interfaces.length === 0) return
  const sorted = Uint32Array.from(new Set(interfaces)).sort().subarray(0, ignoredInterfacesMax)
  program.loadWord(interfaceOf)
  searchInterfaces(program, sorted, 0, sorted.length)
}

function searchInterfaces(program: Assembler, sorted: Uint32Array, from: number, to: number): void {
  if (to - from === 1) {
    program.when('equal', sorted[from], { yes: 'drop', no: 'wanted' })
    return
  }
  const middle = (from + to) >> 1
  const upper = `interfaces ${middle}..${to}`
  program.when('atLeast', sorted[middle], { yes: upper })
  searchInterfaces(program, sorted, from, middle)
  program.label(upper)
  searchInterfaces(program, sorted, middle, to)
}

/**
 * What is sent is taken on the bridge, whose ports may all get a copy while it does not know its receiver. What comes back is
 * taken on the port where it arrives, though its frame is addressed to the bridge: on the bridge itself it may be
 * translated back already (br_netfilter). Source at 12, destination at 16 (RFC 791).
 */
function choosePassages(program: Assembler, passages: readonly Passage[]): void {
  if (passages.length === 0) return
  program.loadWord(protocolOf).when('equal', ipv4, { no: 'ordinary' })
  for (const [i, { bridge, here, there }] of passages.entries()) {
    const [own, other] = [ipv4Word(here), ipv4Word(there)]
    if (own === undefined || other === undefined) continue
    const [back, next] = [`passage ${i} back`, `passage ${i} not`]
    program
      .loadWord(12)
      .when('equal', own, { no: back })
      .loadWord(16)
      .when('equal', other, { no: next })
      .loadWord(interfaceOf)
      .when('equal', bridge, { yes: 'wanted', no: 'drop' })
      .label(back)
      .when('equal', other, { no: next })
      .loadWord(16)
      .when('equal', own, { no: next })
      .loadWord(interfaceOf)
      .when('equal', bridge, { yes: 'drop', no: 'wanted' })
      .label(next)
  }
  program.label('ordinary')
}

/** Undefined when the text is no IPv4 address. */
function ipv4Word(ip: string): number | undefined {
  const words = ip.includes(':') ? undefined : parseAddress(ip)
  return words && words[3] >>> 0
}

/** A driver that does not tag in hardware shows outgoing packets with the tag's type, and yet from the IP header on. */
function chooseVersion(program: Assembler): void {
  program
    .loadWord(protocolOf)
    .when('equal', ipv4, { yes: 'ipv4' })
    .when('equal', ipv6, { yes: 'ipv6' })
    .when('equal', vlanTags[0], { yes: 'tagged' })
    .when('equal', vlanTags[1], { no: 'drop' })
    .label('tagged')
    .loadWord(packetTypeOf)
    .when('equal', outgoing, { no: 'drop' })
    .loadByte(0)
    .and(0xf0)
    .when('equal', 0x40, { yes: 'ipv4' })
    .when('equal', 0x60, { yes: 'ipv6', no: 'drop' })
}

/** Total length at 2, fragment offset at 6, protocol at 9 (RFC 791). */
function enterIpv4(program: Assembler): void {
  program
    .label('ipv4')
    .loadHalf(6)
    .when('anyBit', 0x1fff, { yes: 'fragment' })
    .loadHalf(2)
    .storeIn(endCell)
    .loadIndexFromHeaderLength(0)
    .loadByte(9)
    .when('equal', tcp, { yes: 'tcp' })
    .when('equal', udp, { yes: 'udp', no: 'drop' })
    .label('fragment')
    .loadByte(9)
    .when('equal', tcp, { yes: 'head' })
    .when('equal', udp, { yes: 'head', no: 'drop' })
}

/** Payload length at 4, next header at 6 (RFC 8200). A payload length of 0 is a jumbogram. */
function enterIpv6(program: Assembler): void {
  program
    .label('ipv6')
    .loadHalf(4)
    .when('equal', 0, { yes: 'ipv6 end' })
    .add(ipv6HeaderBytes)
    .label('ipv6 end')
    .storeIn(endCell)
    .setIndex(ipv6HeaderBytes)
    .loadByte(6)
    .when('equal', tcp, { yes: 'tcp' })
    .when('equal', udp, { yes: 'udp' })
  for (const extension of ipv6Extensions) program.when('equal', extension, { yes: 'whole' })
  program.goTo('drop')
}

/** Data offset at 12, flags at 13 (RFC 9293). With the end unknown the difference is never 0, so the packet is taken. */
function chooseTcp(program: Assembler, { ignoredTcpPorts }: FilterForm): void {
  program.label('tcp')
  choosePorts(program, ignoredTcpPorts, 'drop')
  program
    .loadByteFromIndex(13)
    .when('anyBit', finSynRst, { yes: 'whole' })
    .loadByteFromIndex(12)
    .shiftRight(2)
    .and(0x3c)
    .addIndex()
    .copyToIndex()
    .loadFrom(endCell)
    .subtractIndex()
    .when('equal', 0, { yes: 'drop', no: 'whole' })
}

/**
 * Docker's DNS server listens on 127.0.0.11 at ports drawn by lot, so what runs over loopback is kept whole too.
 */
function chooseUdp(program: Assembler, form: FilterForm): void {
  program.label('udp')
  choosePorts(program, form.ignoredUdpPorts, 'drop')
  choosePorts(program, form.wholeUdpPorts, 'whole')
  program.loadWord(hardwareTypeOf).when('equal', loopbackHardware, { yes: 'whole', no: 'head' })
}

/** Goes to the label when the source or the destination port is one of those. */
function choosePorts(program: Assembler, ports: readonly number[], to: string): void {
  if (ports.length === 0) return
  for (const at of [0, 2]) {
    program.loadHalfFromIndex(at)
    for (const port of ports) program.when('equal', port, { yes: to })
  }
}
