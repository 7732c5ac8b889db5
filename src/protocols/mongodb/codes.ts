import type { Outcome } from '#model/transaction.ts'

/*
 * Error codes by name (https://www.mongodb.com/docs/manual/reference/error-codes/). Servers since 3.4 tell the names of
 * most errors themselves; older ones, and errors of single writes, tell the number alone.
 */

/** Names by codes. */
const names = tableOf(
  `1 InternalError 2 BadValue 4 NoSuchKey 5 GraphContainsCycle 6 HostUnreachable 7 HostNotFound 8 UnknownError
  9 FailedToParse 11 UserNotFound 13 Unauthorized 14 TypeMismatch 15 Overflow 16 InvalidLength 17 ProtocolError
  18 AuthenticationFailed 20 IllegalOperation 21 EmptyArrayOperation 22 InvalidBSON 24 LockTimeout
  26 NamespaceNotFound 27 IndexNotFound 28 PathNotViable 30 InvalidPath 31 RoleNotFound 33 PrivilegeNotFound
  39 FileStreamFailed 40 ConflictingUpdateOperators 43 CursorNotFound 46 LockBusy 47 NoMatchingDocument
  48 NamespaceExists 50 MaxTimeMSExpired 52 DollarPrefixedFieldName 53 InvalidIdField 54 NotSingleValueField
  55 InvalidDBRef 56 EmptyFieldName 57 DottedFieldName 59 CommandNotFound 61 ShardKeyNotFound 64 WriteConcernTimeout
  66 ImmutableField 67 CannotCreateIndex 68 IndexAlreadyExists 70 ShardNotFound 72 InvalidOptions 73 InvalidNamespace
  74 NodeNotFound 76 NoReplicationEnabled 79 UnknownReplWriteConcern 82 NoProgressMade 85 IndexOptionsConflict
  86 IndexKeySpecsConflict 89 NetworkTimeout 91 ShutdownInProgress 94 NotYetInitialized 96 OperationFailed
  100 UnsatisfiableWriteConcern 101 OutdatedClient 107 LockFailed 112 WriteConflict 115 CommandNotSupported
  116 DocTooLargeForCapped 117 ConflictingOperationInProgress 118 NamespaceNotSharded 121 DocumentValidationFailure
  123 NotAReplicaSet 125 CommandFailed 133 FailedToSatisfyReadPreference 134 ReadConcernMajorityNotAvailableYet
  136 CappedPositionLost 143 CursorInUse 146 ExceededMemoryLimit 148 ReadConcernMajorityNotEnabled
  166 CommandNotSupportedOnView 167 OptionNotSupportedOnView 168 InvalidPipelineOperator 170 TooManyMatchingDocuments
  171 CannotIndexParallelArrays 175 QueryPlanKilled 181 AmbiguousIndexKeyPattern 182 InvalidViewDefinition
  186 ClientMetadataCannotBeMutated 189 PrimarySteppedDown 197 InvalidIndexSpecificationOption
  202 NetworkInterfaceExceededTimeLimit 206 NoSuchSession 213 DuplicateSession 214 AuthenticationRestrictionUnmet
  215 DatabaseDropPending 217 IncompleteTransactionHistory 223 IllegalOpMsgFlag 224 QueryFeatureNotAllowed
  225 TransactionTooOld 237 CursorKilled 238 NotImplemented 239 SnapshotTooOld 241 ConversionFailure
  246 SnapshotUnavailable 251 NoSuchTransaction 256 TransactionCommitted 257 TransactionTooLarge
  260 InvalidResumeToken 262 ExceededTimeLimit 263 OperationNotSupportedInTransaction 264 TooManyFilesOpen
  279 ClientDisconnect 286 ChangeStreamHistoryLost 290 TransactionExceededLifetimeLimitSeconds
  291 NoQueryExecutionPlans 292 QueryExceededMemoryLimitNoDiskUseAllowed 301 DataCorruptionDetected
  322 APIVersionError 323 APIStrictError 324 APIDeprecationError 334 MechanismUnavailable
  352 UnsupportedOpQueryCommand 365 TemporarilyUnavailable 371 UserWritesBlocked 386 DuplicateKeyId
  391 ReauthenticationRequired 402 ResourceExhausted 433 AdmissionQueueOverflow 449 RateLimitExceeded
  9001 SocketException 10003 CannotGrowDocumentInCappedNamespace 10107 NotWritablePrimary 10334 BSONObjectTooLarge
  11000 DuplicateKey 11001 DuplicateKey 11600 InterruptedAtShutdown 11601 Interrupted
  11602 InterruptedDueToReplStateChange 12582 DuplicateKey 13113 MergeStageNoMatchingDocument 13297 DatabaseDifferCase
  13388 StaleConfig 13435 NotPrimaryNoSecondaryOk 13436 NotPrimaryOrSecondary 14031 OutOfDiskSpace`,
)

/**
 * As for SQL errors are errors; warnings are what clients are expected to meet and to act upon: a login or access refused,
 * another primary, a transaction to be repeated, a lock or time that ran out, a write that is less safe than was asked.
 * The last ones are what servers called some of them before.
 */
const expected: ReadonlySet<string> = new Set(
  `AuthenticationFailed Unauthorized AuthenticationRestrictionUnmet MechanismUnavailable ReauthenticationRequired
  NotWritablePrimary PrimarySteppedDown NotPrimaryNoSecondaryOk NotPrimaryOrSecondary InterruptedDueToReplStateChange
  StaleConfig WriteConflict NoSuchTransaction SnapshotTooOld SnapshotUnavailable LockTimeout LockBusy MaxTimeMSExpired
  ExceededTimeLimit Interrupted WriteConcernTimeout UnsatisfiableWriteConcern NotMaster NotMasterNoSlaveOk
  NotMasterOrSecondary WriteConcernFailed`.split(/\s+/),
)

function tableOf(text: string): ReadonlyMap<number, string> {
  const table = new Map<number, string>()
  for (const [, code, name] of text.matchAll(/(\d+) (\w+)/g)) table.set(Number(code), name)
  return table
}

/** What an error is called whose code has no name here. */
export const nameOf = (code: number): string =>
  names.get(code) ?? (code > 0 ? String(code) : 'UnknownError')

/** Whose fault an error of that name is. */
export const outcomeOf = (name: string): Outcome => (expected.has(name) ? 'warning' : 'error')
