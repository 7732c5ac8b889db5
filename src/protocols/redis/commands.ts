/**
 * Commands by which Redis is recognised (those of modules have a dot in their name). Decoding needs no list.
 * From https://redis.io/commands.
 */
export const knownCommands: ReadonlySet<string> = new Set(
  `ACL APPEND ASKING AUTH BGREWRITEAOF BGSAVE BITCOUNT BITFIELD BITFIELD_RO BITOP BITPOS BLMOVE BLMPOP BLPOP BRPOP
  BRPOPLPUSH BZMPOP BZPOPMAX BZPOPMIN CLIENT CLUSTER COMMAND CONFIG COPY DBSIZE DEBUG DECR DECRBY DEL DELEX DISCARD
  DUMP ECHO EVAL EVALSHA EVALSHA_RO EVAL_RO EXEC EXISTS EXPIRE EXPIREAT EXPIRETIME FAILOVER FCALL FCALL_RO FLUSHALL
  FLUSHDB FUNCTION GEOADD GEODIST GEOHASH GEOPOS GEORADIUS GEORADIUSBYMEMBER GEORADIUSBYMEMBER_RO GEORADIUS_RO
  GEOSEARCH GEOSEARCHSTORE GET GETBIT GETDEL GETEX GETRANGE GETSET HDEL HELLO HEXISTS HEXPIRE HEXPIREAT HEXPIRETIME
  HGET HGETALL HGETDEL HGETEX HINCRBY HINCRBYFLOAT HKEYS HLEN HMGET HMSET HPERSIST HPEXPIRE HPTTL HRANDFIELD HSCAN
  HSET HSETEX HSETNX HSTRLEN HTTL HVALS INCR INCRBY INCRBYFLOAT INFO KEYS LASTSAVE LATENCY LCS LINDEX LINSERT LLEN
  LMOVE LMPOP LOLWUT LPOP LPOS LPUSH LPUSHX LRANGE LREM LSET LTRIM MEMORY MGET MIGRATE MODULE MONITOR MOVE MSET
  MSETEX MSETNX MULTI OBJECT PERSIST PEXPIRE PEXPIREAT PEXPIRETIME PFADD PFCOUNT PFDEBUG PFMERGE PFSELFTEST PING
  PSETEX PSUBSCRIBE PSYNC PTTL PUBLISH PUBSUB PUNSUBSCRIBE QUIT RANDOMKEY READONLY READWRITE RENAME RENAMENX REPLCONF
  REPLICAOF RESET RESTORE RESTORE-ASKING ROLE RPOP RPOPLPUSH RPUSH RPUSHX SADD SAVE SCAN SCARD SCRIPT SDIFF SDIFFSTORE SELECT SET
  SENTINEL SETBIT SETEX SETNX SETRANGE SHUTDOWN SINTER SINTERCARD SINTERSTORE SISMEMBER SLAVEOF SLOWLOG SMEMBERS
  SMISMEMBER SMOVE SORT SORT_RO SPOP SPUBLISH SRANDMEMBER SREM SSCAN SSUBSCRIBE STRLEN SUBSCRIBE SUBSTR SUNION
  SUNIONSTORE SUNSUBSCRIBE SWAPDB SYNC TIME TOUCH TTL TYPE UNLINK UNSUBSCRIBE UNWATCH WAIT WAITAOF WATCH XACK XACKDEL
  XADD XAUTOCLAIM XCLAIM XDEL XDELEX XGROUP XINFO XLEN XPENDING XRANGE XREAD XREADGROUP XREVRANGE XSETID XTRIM VADD
  VSIM ZADD ZCARD ZCOUNT ZDIFF ZDIFFSTORE ZINCRBY ZINTER ZINTERCARD ZINTERSTORE ZLEXCOUNT ZMPOP ZMSCORE ZPOPMAX
  ZPOPMIN ZRANDMEMBER ZRANGE ZRANGEBYLEX ZRANGEBYSCORE ZRANGESTORE ZRANK ZREM ZREMRANGEBYLEX ZREMRANGEBYRANK
  ZREMRANGEBYSCORE ZREVRANGE ZREVRANGEBYLEX ZREVRANGEBYSCORE ZREVRANK ZSCAN ZSCORE ZUNION ZUNIONSTORE`.split(
    /\s+/,
  ),
)

/** Commands with which lines of other text protocols begin, too (POP3, SMTP, FTP): as a line they prove nothing. */
export const sharedCommands: ReadonlySet<string> = new Set(['AUTH', 'QUIT'])

/** What the decoder has to know of a command. Kinds below `plain` are answered in their own way. */
export const plain = 0
/** Answered by `subscribe` and the like, which may come as pushes. */
export const subscription = 1
/** Answered, and then the server tells every command it gets. */
export const monitor = 2
/** Answered, and then the connection carries the stream of a replica. */
export const replication = 3
/** Answered, and then the connection is as it was at first. */
export const reset = 4

const kinds = new Map<string, number>([
  ['SUBSCRIBE', subscription],
  ['PSUBSCRIBE', subscription],
  ['SSUBSCRIBE', subscription],
  ['UNSUBSCRIBE', subscription],
  ['PUNSUBSCRIBE', subscription],
  ['SUNSUBSCRIBE', subscription],
  ['MONITOR', monitor],
  ['PSYNC', replication],
  ['SYNC', replication],
  ['RESET', reset],
])

/** How a command is answered. */
export function kindOf(command: string): number {
  return kinds.get(command) ?? plain
}

/** How far a replica has come (`REPLCONF ACK 59`): said on a connection that carries nothing but its stream. */
export function isProgress(command: string, argument: string): boolean {
  return command === 'REPLCONF' && argument === 'ACK'
}

/** Commands whose first argument is a value, not a name: shown as `?` unless raw. AUTH shows nothing, ever. */
const valued = new Set(['EVAL', 'EVAL_RO', 'ECHO', 'PING'])

/** What may be shown of a command's first argument. */
export function safeArgument(command: string, argument: string, raw: boolean): string {
  if (command === 'AUTH') return ''
  return argument !== '' && !raw && valued.has(command) ? '?' : argument
}

/** A command as such looks: letters, and in modules digits, dots, underscores, hyphens. */
export function isCommand(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > 48 || end <= start) return false
  for (let i = start; i < end; i++) {
    const small = bytes[i] | 0x20
    if (small >= 0x61 && small <= 0x7a) continue
    const isOther = (bytes[i] >= 0x30 && bytes[i] <= 0x39) || bytes[i] === 0x2e
    if (!isOther && bytes[i] !== 0x5f && bytes[i] !== 0x2d) return false
  }
  return true
}
