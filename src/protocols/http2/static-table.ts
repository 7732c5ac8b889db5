/** What a field is to us. */
export type FieldKind = number

/** Its name is not known: it was said before we listened. */
export const unknownField: FieldKind = 0
/** Nothing that we read. */
export const otherField: FieldKind = 1
/** Pseudo-fields that only requests have (RFC 9113, 8.3.1). */
export const methodField: FieldKind = 2
export const pathField: FieldKind = 3
export const authorityField: FieldKind = 4
export const schemeField: FieldKind = 5
/** Pseudo-field that only responses have. */
export const statusField: FieldKind = 6
export const contentTypeField: FieldKind = 7
export const grpcStatusField: FieldKind = 8
/** Those of a trace, in the order of `TraceField`. */
export const traceparentField: FieldKind = 9
export const b3Field: FieldKind = 10
export const b3TraceIdField: FieldKind = 11

/** Entries of the static table (RFC 7541, appendix A); the dynamic table's are counted on from it. */
export const staticEntries = 61

/** Kind and value of each entry, by its index. */
export const staticKinds: FieldKind[] = Array(staticEntries + 1).fill(otherField)
export const staticTexts: string[] = Array(staticEntries + 1).fill('')

const pseudoFields: readonly (readonly [FieldKind, string])[] = [
  [authorityField, ''],
  [methodField, 'GET'],
  [methodField, 'POST'],
  [pathField, '/'],
  [pathField, '/index.html'],
  [schemeField, 'http'],
  [schemeField, 'https'],
  [statusField, '200'],
  [statusField, '204'],
  [statusField, '206'],
  [statusField, '304'],
  [statusField, '400'],
  [statusField, '404'],
  [statusField, '500'],
]
for (const [index, [kind, text]] of pseudoFields.entries()) {
  staticKinds[index + 1] = kind
  staticTexts[index + 1] = text
}
staticKinds[31] = contentTypeField
