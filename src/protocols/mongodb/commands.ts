/** Commands whose first element names a collection, in lower case: some came in two spellings. */
const ofCollection = `aggregate analyze captrunc clonecollectionascapped collmod collstats compact converttocapped count
  create createindexes createsearchindexes deleteindexes delete distinct drop dropindexes dropsearchindex emptycapped
  find findandmodify geonear geosearch godinsert insert killcursors listindexes listsearchindexes mapreduce
  parallelcollectionscan plancacheclear plancacheclearfilters plancachelistfilters plancachesetfilter reindex touch
  update updatesearchindex validate`

/** Those in which it is `db.collection` itself. */
const ofNamespace = `abortreshardcollection balancercollectionstatus checkshardingindex cleanuporphaned
  clearjumboflag commitreshardcollection configurecollectionbalancing datasize getshardversion mergechunks movechunk
  movecollection refinecollectionshardkey renamecollection reshardcollection shardcollection split
  unshardcollection`

/** What the text in a command's first element names. Of all others it is a value, or a secret: not shown. */
export type Addressed = 'collection' | 'namespace' | 'database'

const known = new Map<string, Addressed>()
for (const name of ofCollection.split(/\s+/)) known.set(name, 'collection')
for (const name of ofNamespace.split(/\s+/)) known.set(name, 'namespace')

/** What the first element of a command names, in whatever spelling. */
export const addressed = (command: string): Addressed =>
  known.get(command) ?? known.get(command.toLowerCase()) ?? 'database'

/** The handshake, by its old name too: a server may answer it again and again, unasked. */
export const isHello = (command: string): boolean => /^(?:hello|ismaster)$/i.test(command)

const commandBytesMax = 64

/** A name as commands have it: letters, digits, `_`; some begin with `_` or `$`. */
export function isCommand(bytes: Uint8Array, start: number, end: number): boolean {
  if (end <= start || end - start > commandBytesMax) return false
  for (let i = start; i < end; i++) {
    const small = bytes[i] | 0x20
    if (small >= 0x61 && small <= 0x7a) continue
    const isDigit = bytes[i] >= 0x30 && bytes[i] <= 0x39 && i > start
    if (!isDigit && bytes[i] !== 0x5f && bytes[i] !== 0x24) return false
  }
  return true
}
