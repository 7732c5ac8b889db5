import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createApi, formatLogQuery } from './api.ts'

const { signal } = new AbortController()

/** An interface over a server that gives this answer, and the addresses that were asked. */
function apiOf(answer: () => Promise<Response>) {
  const asked: string[] = []
  const api = createApi('http://here/api/v1/', (url => {
    asked.push(String(url))
    return answer()
  }) as typeof fetch)
  return { api, asked }
}

const says = (status: number, body: string) => async () => new Response(body, { status })

test('ids are part of the path whatever they hold', async () => {
  const { api, asked } = apiOf(says(200, '{}'))
  await api.link('../services/a?b#c d', signal)
  assert.deepEqual(asked, ['http://here/api/v1/links/..%2Fservices%2Fa%3Fb%23c%20d'])
})

test('only what is asked for is in the query', () => {
  assert.equal(formatLogQuery({ limit: 5 }), 'limit=5')
  const query = { limit: 5, outcome: 'error', text: 'a&b', slowerMs: 10, after: 0 } as const
  assert.equal(formatLogQuery(query), 'limit=5&outcome=error&text=a%26b&slower=10&after=0')
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
  assert.equal(formatLogQuery({ limit: 5, trace }), `limit=5&trace=${trace}`)
})

test('a trace is asked for on all links', async () => {
  const { api, asked } = apiOf(says(200, '{"lines":[]}'))
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
  await api.trace({ limit: 5, trace }, signal)
  assert.deepEqual(asked, [`http://here/api/v1/transactions?limit=5&trace=${trace}`])
})

test('errors are answers, in the words of the server', async () => {
  const kinds = [
    [404, 'gone'],
    [401, 'refused'],
    [403, 'refused'],
    [500, 'failed'],
  ] as const
  for (const [status, kind] of kinds) {
    const { api } = apiOf(says(status, '{"error":"So it is."}'))
    assert.deepEqual(await api.service('a', signal), { kind, error: 'So it is.' })
  }
})

test('a server that answers nonsense or nothing is told apart from one that refuses', async () => {
  assert.equal((await apiOf(says(200, '<html>')).api.link('a', signal)).kind, 'failed')
  assert.equal((await apiOf(says(502, '<html>')).api.link('a', signal)).kind, 'failed')
  const dead = apiOf(() => Promise.reject(new TypeError('network')))
  assert.equal((await dead.api.link('a', signal)).kind, 'failed')
  assert.equal(await dead.api.refusal(), undefined)
  assert.equal(await apiOf(says(401, '{"error":"A token."}')).api.refusal(), 'A token.')
})
