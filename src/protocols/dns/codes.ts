import type { Outcome } from '#model/transaction.ts'

/** Types of records and questions by number: the registry "DNS Parameters" of IANA. Numbers without a name are gone or unknown. */
const types: Readonly<Record<number, string>> = {
  1: 'A',
  2: 'NS',
  3: 'MD',
  4: 'MF',
  5: 'CNAME',
  6: 'SOA',
  10: 'NULL',
  11: 'WKS',
  12: 'PTR',
  13: 'HINFO',
  15: 'MX',
  16: 'TXT',
  17: 'RP',
  18: 'AFSDB',
  24: 'SIG',
  25: 'KEY',
  28: 'AAAA',
  29: 'LOC',
  33: 'SRV',
  35: 'NAPTR',
  36: 'KX',
  37: 'CERT',
  38: 'A6',
  39: 'DNAME',
  41: 'OPT',
  42: 'APL',
  43: 'DS',
  44: 'SSHFP',
  45: 'IPSECKEY',
  46: 'RRSIG',
  47: 'NSEC',
  48: 'DNSKEY',
  49: 'DHCID',
  50: 'NSEC3',
  51: 'NSEC3PARAM',
  52: 'TLSA',
  53: 'SMIMEA',
  55: 'HIP',
  59: 'CDS',
  60: 'CDNSKEY',
  61: 'OPENPGPKEY',
  62: 'CSYNC',
  63: 'ZONEMD',
  64: 'SVCB',
  65: 'HTTPS',
  99: 'SPF',
  108: 'EUI48',
  109: 'EUI64',
  249: 'TKEY',
  250: 'TSIG',
  251: 'IXFR',
  252: 'AXFR',
  255: 'ANY',
  256: 'URI',
  257: 'CAA',
  32768: 'TA',
  32769: 'DLV',
}

export const typeA = 1
export const typeCname = 5
export const typeSoa = 6
export const typeAaaa = 28
export const typeOpt = 41

export const typeIxfr = 251
export const typeAxfr = 252

export const opcodeQuery = 0
export const opcodeInverse = 1

/** `A`, `HTTPS`; `TYPE123` without a name (RFC 3597). */
export const typeName = (type: number): string => types[type] ?? `TYPE${type}`

/** Whether a type has a name here. */
export const isKnownType = (type: number): boolean => types[type] !== undefined

const opcodes: Readonly<Record<number, string>> = {
  0: 'QUERY',
  1: 'IQUERY',
  2: 'STATUS',
  4: 'NOTIFY',
  5: 'UPDATE',
  6: 'DSO',
}

/** `UPDATE`; `OPCODE9` without a name. */
export const opcodeName = (opcode: number): string => opcodes[opcode] ?? `OPCODE${opcode}`

/** Whether an opcode has a name here. */
export const isKnownOpcode = (opcode: number): boolean => opcodes[opcode] !== undefined

/** What an answer says of itself, and whose fault it is. */
export interface Rcode {
  readonly name: string
  readonly outcome: Outcome
}

/**
 * Response codes (RFC 6895). A name that does not exist, a request that was not understood or a condition of an
 * UPDATE that does not hold is the asker's affair: a warning. A server that fails or will not serve is an error.
 */
const rcodes: Readonly<Record<number, Rcode>> = {
  0: { name: 'NOERROR', outcome: 'ok' },
  1: { name: 'FORMERR', outcome: 'warning' },
  2: { name: 'SERVFAIL', outcome: 'error' },
  3: { name: 'NXDOMAIN', outcome: 'warning' },
  4: { name: 'NOTIMP', outcome: 'warning' },
  5: { name: 'REFUSED', outcome: 'error' },
  6: { name: 'YXDOMAIN', outcome: 'warning' },
  7: { name: 'YXRRSET', outcome: 'warning' },
  8: { name: 'NXRRSET', outcome: 'warning' },
  9: { name: 'NOTAUTH', outcome: 'error' },
  10: { name: 'NOTZONE', outcome: 'warning' },
  11: { name: 'DSOTYPENI', outcome: 'warning' },
  16: { name: 'BADVERS', outcome: 'warning' },
  17: { name: 'BADKEY', outcome: 'error' },
  18: { name: 'BADTIME', outcome: 'error' },
  22: { name: 'BADTRUNC', outcome: 'error' },
  23: { name: 'BADCOOKIE', outcome: 'warning' },
}

/** `RCODE99`, an error, without a name. */
export const rcodeOf = (rcode: number): Rcode =>
  rcodes[rcode] ?? { name: `RCODE${rcode}`, outcome: 'error' }
