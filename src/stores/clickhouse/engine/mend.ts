import {
  appendFileSync,
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  truncateSync,
} from 'node:fs'
import { join } from 'node:path'
import { openLibc } from '#lib/libc.ts'

/*
 * What a table's log of inserts says that was not done. The engine writes an insert down before it puts the insert's part
 * in its place (ClickHouse's src/Storages/MergeTree/MergeTreeSink.cpp); when it is killed between the two, the same insert
 * sent again is taken for done, and is lost. A line that was being written hides what is written after it.
 *
 *     <table>/deduplication_logs/deduplication_log_<n>.txt:  operation TAB part TAB block
 *     operation: 1 added, 2 dropped.  part: <partition>_<first block>_<last block>_<level>[_<mutation>]
 */

const added = '1'
const dropped = '2'
/** One insert of a table is put in its place at a time: what was being done is among its last. */
const lastMax = 16
const logName = /^deduplication_log_(\d+)\.txt$/
const partName = /^([^_]+)_(\d+)_(\d+)_(\d+)(?:_\d+)?$/

/** Has every table of a folder forget inserts that it does not have; answers how many. Nobody else may have the folder open. */
export function mendInserts(data: string): number {
  const store = join(data, 'store')
  if (!existsSync(store)) return 0
  return foldersIn(store)
    .flatMap(foldersIn)
    .reduce((count, table) => count + mendTable(table), 0)
}

/** The same, unless another has the folder; on Linux alone, where that can be asked. An engine that ended well left no `status`. */
export function mendUnlessHeld(data: string): void {
  if (process.platform !== 'linux') return
  const status = join(data, 'status')
  if (!existsSync(status)) {
    mendInserts(data)
    return
  }
  const descriptor = openSync(status, 'r+')
  try {
    if (isTaken(descriptor)) mendInserts(data)
  } finally {
    closeSync(descriptor)
  }
}

/** flock(2) with LOCK_EX and LOCK_NB, as the engine does; closing gives it back. */
function isTaken(descriptor: number): boolean {
  const flock = process.arch === 'arm64' ? 32 : 73
  return openLibc().syscall(flock, descriptor, 2 | 4) === 0
}

function mendTable(table: string): number {
  const folder = join(table, 'deduplication_logs')
  if (!existsSync(folder)) return 0
  const logs = logsIn(folder)
  if (logs.length === 0) return 0
  for (const log of logs) cutShortLine(log)
  const lines = logs.flatMap(log => readFileSync(log, 'utf8').split('\n').slice(0, -1))
  const records = lines.map(line => line.split('\t'))
  const gone = new Set(records.flatMap(([operation, part]) => (operation === dropped ? part : [])))
  const parts = readdirSync(table)
  const undone = records
    .filter(([operation]) => operation === added)
    .slice(-lastMax)
    .filter(([, part]) => !gone.has(part) && !isThere(part, parts))
  const forget = undone.map(([, part, block]) => `${dropped}\t${part}\t${block}\n`)
  if (forget.length > 0) appendFileSync(logs[logs.length - 1], forget.join(''))
  return forget.length
}

/** Oldest first. */
function logsIn(folder: string): string[] {
  const numberOf = (name: string) => Number(logName.exec(name)?.[1])
  return readdirSync(folder)
    .filter(name => logName.test(name))
    .sort((a, b) => numberOf(a) - numberOf(b))
    .map(name => join(folder, name))
}

function cutShortLine(log: string): void {
  const bytes = readFileSync(log)
  const whole = bytes.lastIndexOf('\n') + 1
  if (whole < bytes.length) truncateSync(log, whole)
}

/** Whether a part is among those of a table, or merged into one of them. */
function isThere(part: string, parts: readonly string[]): boolean {
  const [, partition, first, last] = partName.exec(part) ?? []
  return parts.some(name => {
    const [, of, from, to] = partName.exec(name) ?? []
    return of === partition && Number(from) <= Number(first) && Number(to) >= Number(last)
  })
}

const foldersIn = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(({ name }) => join(folder, name))
