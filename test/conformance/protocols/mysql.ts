import type { Comparison } from '../comparison.ts'

/** Commands that hold no statement. Those that do are told by its verb, which the reference has not. */
const methods: Readonly<Record<string, string>> = {
  Login: 'LOGIN',
  SSLRequest: 'SSLRequest',
  Ping: 'PING',
  ChangeUser: 'CHANGE_USER',
  InitDB: 'INIT_DB',
  FieldList: 'FIELD_LIST',
  Statistics: 'STATISTICS',
  StmtPrepare: 'PREPARE',
}

const verbOf = (statement: string) => /^[\s(]*([a-z]+)/i.exec(statement)?.[1].toUpperCase()

export const mysql: Comparison = {
  protocol: 'mysql',
  reference: 'mysql',
  // they ask nothing
  isCounted: ({ method }) => method !== 'Quit' && method !== 'StmtClose',
  expected: {
    method: ({ method, resource }) => methods[method ?? ''] ?? verbOf(resource ?? ''),
    // the user there or nothing, the database here, as for PostgreSQL
    resource: ({ method, resource }) =>
      method === 'Login' || method === 'ChangeUser' ? undefined : (resource ?? ''),
  },
  // errors have a number here, there they are all `ERROR`
  seen: {
    status: ({ status, outcome }) => (status && outcome !== 'ok' ? 'ERROR' : (status ?? '-')),
  },
  exceptions: [],
}
