import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hear, summary } from './hear.ts'
import type { Speakers } from './talk.ts'

/** What is claimed: [the talk, what readers are told of it, and the first flow's summary where it matters]. */
const open = '> SYN\n< SYN-ACK\n> ACK\n'
const talks: Record<string, [talk: string, told: string, summary?: string]> = {
  'a connection is told in order and ends with both FINs': [
    `${open}> "abc"\n< "defg"\n> FIN\n< FIN\n> ACK`,
    '> abc|< defg|ended',
    'ended > packets 5 bytes 3 < packets 3 bytes 4',
  ],
  'a FIN that carries bytes ends after them': [`${open}> FIN "abc"\n< FIN "x"`, '> abc|< x|ended'],
  'one side may finish first and still be answered': [
    `${open}> "abc"\n> FIN\n< "de"\n< "f"\n< FIN`,
    '> abc|< de|< f|ended',
  ],
  'a segment sent again is told once': [
    `${open}> "abc"\n> 1:"abc"\n< "x"`,
    '> abc|< x|idle',
    'open > packets 4 bytes 3 repeated 1 < packets 2 bytes 1',
  ],
  'of a segment that overlaps what was told, the rest is told': [
    `${open}> "abc"\n> 2:"bcde"`,
    '> abc|> de|idle',
    'open > packets 4 bytes 5 repeated 1 < packets 1',
  ],
  'bytes seen first win': [`${open}> "abc"\n> 1:"XYZde"`, '> abc|> de|idle'],
  'bytes seen first win among early segments too': [
    `${open}> 4:"def"\n> 3:"XYZ"\n> 6:"UVW"\n> 1:"ab"`,
    '> ab|> X|> def|> VW|idle',
  ],
  'an early segment waits for the one before it': [
    `${open}> 4:"def"\n> 1:"abc"`,
    '> abc|> def|idle',
    'open > packets 4 bytes 6 late 1 < packets 1',
  ],
  'a hole filled after a while was filled by a retransmission': [
    `${open}> 4:"def"\n> 1:"abc" +200ms`,
    '> abc|> def|idle',
    'open > packets 4 bytes 6 repeated 1 < packets 1',
  ],
  'segments in reverse order are told in order': [
    `${open}> 7:"ghi"\n> 4:"def"\n> 10:"j"\n> 1:"abc"`,
    '> abc|> def|> ghi|> j|idle',
  ],
  'a hole that the other side acknowledged is lost': [
    `${open}> "abc"\n> 7:"ghi"\n< ACK ack=10`,
    '> abc|> gap 3|> ghi|idle',
    'open > packets 4 bytes 6 lost 3 < packets 2',
  ],
  'a hole acknowledged before what follows it came is lost at once': [
    `${open}> "abc"\n< ACK ack=7\n> 7:"ghi"`,
    '> abc|> gap 3|> ghi|idle',
  ],
  'a hole of which only a part was acknowledged still waits': [
    `${open}> 4:"def"\n< ACK ack=2\n> 1:"abc"`,
    '> abc|> def|idle',
  ],
  'the lost answer is told before the next request': [
    `${open}> "ask"\n> "again" ack=6\n< 6:"yes"`,
    '> ask|< gap 5|> again|< yes|idle',
    'open > packets 4 bytes 8 < packets 2 bytes 3 lost 5',
  ],
  'a bare acknowledgement may overtake the bytes that it acknowledges': [
    `${open}< ACK\n> ACK ack=4\n< "abc"`,
    '< abc|idle',
  ],
  'a hole is lost when nothing fills it for two seconds': [
    `${open}> 4:"def"\n> 7:"ghi" +1900ms\n> 10:"j" +200ms\n> 1:"abc"`,
    '> gap 3|> def|> ghi|> j|idle',
    'open > packets 6 bytes 7 repeated 1 lost 3 < packets 1',
  ],
  'what is held at the end is told, its hole as lost': [
    `${open}> 4:"def"\n> 9:"i"`,
    '> gap 3|> def|> gap 2|> i|idle',
  ],
  'a FIN beyond a hole waits for it': [
    `${open}> "abc"\n> FIN seq=7\n< FIN ack=4\n> 4:"def"`,
    '> abc|> def|ended',
  ],
  'a FIN beyond a hole ends the flow when the hole is acknowledged': [
    `${open}> "abc"\n> FIN seq=7\n< FIN ack=8`,
    '> abc|> gap 3|ended',
    'ended > packets 4 bytes 3 lost 3 < packets 2',
  ],
  'what was acknowledged at the end and never seen is lost': [
    `${open}> "abc"\n< ACK ack=9\n< RST`,
    '> abc|> gap 5|reset',
  ],
  'a RST in the middle resets': [
    `${open}> "abc"\n< RST\n> "late"`,
    '> abc|reset',
    'reset > packets 4 bytes 3 < packets 2',
  ],
  'a RST far outside the window is not believed': [
    `${open}> "abc"\n< RST seq=1500000000\n< 1:"x"`,
    '> abc|< x|idle',
  ],
  'a RST after both FINs changes nothing': [`${open}> FIN\n< FIN\n> RST`, 'ended'],
  'a SYN answered by RST is refused': [
    '> SYN\n< RST',
    'refused',
    'refused > packets 1 < packets 1',
  ],
  'a SYN that the client takes back was unanswered': ['> SYN\n> RST', 'unanswered'],
  'a SYN without an answer is unanswered': ['> SYN', 'unanswered', 'unanswered > packets 1'],
  'a SYN repeated after three seconds is unanswered, and tells it once': [
    '> SYN\n> SYN +1s seq=0\n> SYN +2s seq=0\n> SYN +4s seq=0',
    'unanswered',
    'unanswered > packets 4 repeated 1',
  ],
  'an answer after all begins a flow': [
    '> SYN\n> SYN +3s seq=0\n< SYN-ACK\n> "abc"',
    'unanswered|2 > abc|2 idle',
  ],
  'a repeated SYN is a retransmission': [
    '> SYN\n> SYN +1s seq=0\n< SYN-ACK\n< SYN-ACK seq=0\n> "a"',
    '> a|idle',
    'open > packets 3 bytes 1 repeated 1 < packets 2 repeated 1',
  ],
  'a missed SYN-ACK is made up by what follows': [
    '> SYN\n> ACK ack=1\n< 1:"abc"\n> "d"',
    '< abc|> d|idle',
    'open > packets 3 bytes 1 < packets 1 bytes 3',
  ],
  'bytes lost after a missed SYN-ACK are known': [
    '> SYN\n> "a" ack=1\n< 4:"def"\n> ACK',
    '> a|< gap 3|< def|idle',
  ],
  'a SYN with bytes (TFO) gives them on, once': [
    '> SYN "abc"\n< SYN-ACK ack=1\n> 1:"abc"\n> "de"',
    '> abc|> de|idle',
    'open > packets 3 bytes 5 repeated 1 < packets 1',
  ],
  'both ends may call at once': [
    '> SYN\n< SYN\n> SYN-ACK seq=0\n< SYN-ACK seq=0\n> "a"',
    '> a|idle',
  ],
  'of several answers to a SYN, the one that the client goes on with counts': [
    '> SYN\n< SYN-ACK seq=3000000\n< SYN-ACK seq=0\n> "a" ack=1\n< SYN-ACK seq=3000000\n< 1:"b"',
    '> a|< b|idle',
  ],
  'a RST that acknowledges another SYN refuses nothing': [
    '> SYN\n< RST ack=900\n< SYN-ACK seq=0\n> "a"',
    '> a|idle',
  ],
  'one byte more acknowledged than was seen was a FIN that was not': [
    `${open}> "abc"\n< "x" ack=5\n< RST`,
    '> abc|< x|reset',
  ],
  'what comes again after the end begins no flow': [
    `${open}> FIN\n< FIN "x"\n< FIN 1:"x" +2s\n< FIN 1:"x" +4s`,
    '< x|ended',
  ],
  'keep-alive probes are no bytes': [
    `${open}> "abc"\n> ACK seq=3\n> 3:"c"\n> "d"`,
    '> abc|> d|idle',
    'open > packets 6 bytes 4 < packets 1',
  ],
  'probes of a closed window are told once and are no retransmissions': [
    `${open}> "abc"\n< ACK win=0\n> "d"\n> 4:"d"\n< ACK ack=4\n> 4:"def"`,
    '> abc|> d|> ef|idle',
    'open > packets 6 bytes 6 < packets 3',
  ],
  'a new SYN on the same endpoints begins a new flow': [
    `${open}> "a"\n> FIN\n< FIN\n> SYN seq=1000000\n< SYN-ACK seq=900000\n> "b"`,
    '> a|ended|2 > b|2 idle',
  ],
  'a new SYN ends a flow of which the end was missed': [
    `${open}> "a"\n> SYN seq=1000000\n< SYN-ACK seq=900000\n> "b"`,
    '> a|ended|2 > b|2 idle',
  ],
  'a new SYN-ACK begins a flow of which the SYN was missed': [
    `${open}> "a"\n< SYN-ACK seq=900000 ack=1000001\n> 1000001:"b"`,
    '> a|ended|2 > b|2 idle',
  ],
  'a segment cut by the snapshot length is followed by a gap': [
    `${open}> "abcdef" cut=4\n> "ghi"`,
    '> ab|> gap 4|> ghi|idle',
    'open > packets 4 bytes 9 < packets 1',
  ],
  'an early segment may be cut too': [
    `${open}> 4:"def" cut=1\n> 1:"abc" cut=3`,
    '> gap 3|> de|> gap 1|idle',
  ],
  'a flow joined in midstream begins with its first bytes': [
    '> ACK seq=500\n> 500:"abc"\n< 700:"x"',
    '> abc|< x|idle',
    'midstream > packets 2 bytes 3 < packets 1 bytes 1',
  ],
  'in midstream the lower port is the server': ['< 700:"x"\n> 500:"abc"', '< x|> abc|idle'],
  'a RST of a flow not known opens none': ['> RST', ''],
  'bytes beyond the FIN are not believed': [
    `${open}> "abc"\n> FIN\n> 4:"xyz"\n< FIN`,
    '> abc|ended',
  ],
  'a packet far away is not believed': [`${open}> "a"\n> 1500000000:"z"\n> 2:"b"`, '> a|> b|idle'],
  'many packets in a row far away say where the sequence is now': [
    `${open}> "a"\n${'> 1500000000:"z"\n'.repeat(8)}> 1500000000:"yes"`,
    '> a|> gap 1499999998|> yes|idle',
  ],
  'a duplicate of each packet changes nothing': [
    '> SYN\n> SYN seq=0\n< SYN-ACK\n< SYN-ACK seq=0\n> "ab"\n> 1:"ab"\n> FIN\n> FIN seq=3\n< FIN\n< FIN seq=1',
    '> ab|ended',
  ],
}

const speakers: Record<string, Speakers> = {
  '': {},
  ', across the end of the sequence numbers': { firsts: [2 ** 32 - 4, 2 ** 32 - 3] },
  ', across the sign of the sequence numbers': { firsts: [2 ** 31 - 4, 2 ** 31 - 3] },
  ', over IPv6': {
    client: { ip: 'fd00::1', port: 40000 },
    server: { ip: 'fd00::2', port: 80 },
  },
}

for (const [how, who] of Object.entries(speakers)) {
  for (const [claim, [talk, told, counts]] of Object.entries(talks)) {
    test(claim + how, () => {
      const heard = hear(talk, who)
      assert.equal(heard.told.join('|'), told)
      if (counts) assert.equal(summary(heard.opened[0]), counts)
      assert.equal(heard.flows.counters.heldBytes, 0)
      assert.equal(heard.flows.counters.flows, 0)
    })
  }
}
