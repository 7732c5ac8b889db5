import type { Outcome } from '#model/transaction.ts'

/*
 * Error codes by name (https://www.mongodb.com/docs/manual/reference/error-codes/). Servers since 3.4 tell the names of
 * most errors themselves; older ones, and errors of single writes, tell the number alone.
 */

/** The client's fault, or what it is expected to meet and to act upon: conflicts, cursors gone, another primary. */
const clients = tableOf(
  `2 BadValue 4 NoSuchKey 5 GraphContainsCycle 9 FailedToParse 11 UserNotFound 13 Unauthorized 14 TypeMismatch
  15 Overflow 16 InvalidLength 17 ProtocolError 18 AuthenticationFailed 20 IllegalOperation 21 EmptyArrayOperation
  22 InvalidBSON 26 NamespaceNotFound 27 IndexNotFound 28 PathNotViable 30 InvalidPath 31 RoleNotFound
  33 PrivilegeNotFound 40 ConflictingUpdateOperators 43 CursorNotFound 47 NoMatchingDocument 48 NamespaceExists
  52 DollarPrefixedFieldName 53 InvalidIdField 54 NotSingleValueField 55 InvalidDBRef 56 EmptyFieldName
  57 DottedFieldName 59 CommandNotFound 61 ShardKeyNotFound 64 WriteConcernTimeout 66 ImmutableField
  67 CannotCreateIndex 68 IndexAlreadyExists 72 InvalidOptions 73 InvalidNamespace 76 NoReplicationEnabled
  79 UnknownReplWriteConcern 85 IndexOptionsConflict 86 IndexKeySpecsConflict 100 UnsatisfiableWriteConcern
  101 OutdatedClient 112 WriteConflict 115 CommandNotSupported 116 DocTooLargeForCapped 118 NamespaceNotSharded
  121 DocumentValidationFailure 123 NotAReplicaSet 136 CappedPositionLost 143 CursorInUse
  148 ReadConcernMajorityNotEnabled 166 CommandNotSupportedOnView 167 OptionNotSupportedOnView
  168 InvalidPipelineOperator 170 TooManyMatchingDocuments 171 CannotIndexParallelArrays 181 AmbiguousIndexKeyPattern
  182 InvalidViewDefinition 186 ClientMetadataCannotBeMutated 189 PrimarySteppedDown
  197 InvalidIndexSpecificationOption 206 NoSuchSession 213 DuplicateSession 214 AuthenticationRestrictionUnmet
  217 IncompleteTransactionHistory 223 IllegalOpMsgFlag 224 QueryFeatureNotAllowed 225 TransactionTooOld
  237 CursorKilled 238 NotImplemented 239 SnapshotTooOld 241 ConversionFailure 246 SnapshotUnavailable
  251 NoSuchTransaction 256 TransactionCommitted 257 TransactionTooLarge 260 InvalidResumeToken
  263 OperationNotSupportedInTransaction 286 ChangeStreamHistoryLost 322 APIVersionError 323 APIStrictError
  324 APIDeprecationError 334 MechanismUnavailable 352 UnsupportedOpQueryCommand 386 DuplicateKeyId
  391 ReauthenticationRequired 10003 CannotGrowDocumentInCappedNamespace 10107 NotWritablePrimary
  10334 BSONObjectTooLarge 11000 DuplicateKey 11001 DuplicateKey 11602 InterruptedDueToReplStateChange
  12582 DuplicateKey 13113 MergeStageNoMatchingDocument 13297 DatabaseDifferCase 13388 StaleConfig
  13435 NotPrimaryNoSecondaryOk 13436 NotPrimaryOrSecondary`,
)

/** The server's fault, or its cluster's. Codes of neither list are errors without a name. */
const servers = tableOf(
  `1 InternalError 6 HostUnreachable 7 HostNotFound 8 UnknownError 24 LockTimeout 39 FileStreamFailed 46 LockBusy
  50 MaxTimeMSExpired 70 ShardNotFound 74 NodeNotFound 82 NoProgressMade 89 NetworkTimeout 91 ShutdownInProgress
  94 NotYetInitialized 96 OperationFailed 107 LockFailed 117 ConflictingOperationInProgress 125 CommandFailed
  133 FailedToSatisfyReadPreference 134 ReadConcernMajorityNotAvailableYet 146 ExceededMemoryLimit
  175 QueryPlanKilled 202 NetworkInterfaceExceededTimeLimit 215 DatabaseDropPending 262 ExceededTimeLimit
  264 TooManyFilesOpen 279 ClientDisconnect 290 TransactionExceededLifetimeLimitSeconds 291 NoQueryExecutionPlans
  292 QueryExceededMemoryLimitNoDiskUseAllowed 301 DataCorruptionDetected 365 TemporarilyUnavailable
  371 UserWritesBlocked 402 ResourceExhausted 433 AdmissionQueueOverflow 449 RateLimitExceeded 9001 SocketException
  11600 InterruptedAtShutdown 11601 Interrupted 14031 OutOfDiskSpace`,
)

function tableOf(text: string): ReadonlyMap<number, string> {
  const names = new Map<number, string>()
  for (const [, code, name] of text.matchAll(/(\d+) (\w+)/g)) names.set(Number(code), name)
  return names
}

/** What servers called some codes before: whose fault they are does not depend on it. */
const formerNames = [
  'NotMaster',
  'NotMasterNoSlaveOk',
  'NotMasterOrSecondary',
  'WriteConcernFailed',
]
const clientNames: ReadonlySet<string> = new Set([...clients.values(), ...formerNames])

/** What an error is called whose code has no name here. */
export const nameOf = (code: number): string =>
  clients.get(code) ?? servers.get(code) ?? (code > 0 ? String(code) : 'UnknownError')

/** Whose fault an error of that name is. */
export const outcomeOf = (name: string): Outcome => (clientNames.has(name) ? 'warning' : 'error')
