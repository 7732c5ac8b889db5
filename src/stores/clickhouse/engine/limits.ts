/** What the engine may take. */
export interface EngineLimits {
  /** What the engine counts as its own; past it, queries fail with code 241. */
  readonly memoryBytesMax: number
  /** Private memory of the whole process; past it, it is killed and started again. */
  readonly privateBytesMax: number
  /** Threads of one query. */
  readonly threadsMax: number
  /** Operations at once; others wait. */
  readonly connectionsMax: number
  /** Of one query, unless it names its own with `max_execution_time`. */
  readonly querySecondsMax: number
  /** Of one answer, unless its query names its own with `max_result_rows`, `max_result_bytes`. */
  readonly answerRowsMax: number
  readonly answerBytesMax: number
}

const MiB = 1 << 20

export const limitsDefault: EngineLimits = {
  memoryBytesMax: 320 * MiB,
  privateBytesMax: 640 * MiB,
  threadsMax: 2,
  connectionsMax: 8,
  querySecondsMax: 30,
  answerRowsMax: 2_000_000,
  answerBytesMax: 128 * MiB,
}

/** Each operation holds a thread of libuv's pool, and files and sockets need some too. */
export const threadPoolOf = ({ connectionsMax }: EngineLimits): number => connectionsMax + 8

/** Caches, in bytes: the engine's own bounds are for machines of hundreds of GB, 5 GB each. */
const caches = {
  mark_cache_size: 32 * MiB,
  primary_index_cache_size: 32 * MiB,
  index_mark_cache_size: 8 * MiB,
  query_condition_cache_size: 4 * MiB,
  compiled_expression_cache_size: 8 * MiB,
  text_index_tokens_cache_size: 4 * MiB,
  text_index_header_cache_size: 4 * MiB,
  text_index_postings_cache_size: 4 * MiB,
  vector_similarity_index_cache_size: MiB,
  iceberg_metadata_files_cache_size: MiB,
  parquet_metadata_cache_size: MiB,
}

/** How the engine is opened: settings of the server, and those of every query that names no others. */
export function argumentsOf(limits: EngineLimits): string[] {
  const { memoryBytesMax, threadsMax, querySecondsMax, answerRowsMax, answerBytesMax } = limits
  const settings = {
    ...caches,
    max_server_memory_usage: memoryBytesMax,
    // A partition that is past its budget is dropped, however large.
    max_table_size_to_drop: 0,
    max_partition_size_to_drop: 0,
    max_threads: threadsMax,
    max_memory_usage: Math.floor(memoryBytesMax * 0.8),
    max_execution_time: querySecondsMax,
    max_result_rows: answerRowsMax,
    max_result_bytes: answerBytesMax,
  }
  return Object.entries(settings).map(([name, value]) => `--${name}=${value}`)
}
