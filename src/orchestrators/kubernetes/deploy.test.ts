import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { readYaml } from '#lib/yaml.ts'
import { resources } from './resources.ts'

interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
}

test('the role in deploy/kubernetes allows what is read, and nothing else', () => {
  const text = readFileSync(
    new URL('../../../deploy/kubernetes/server.yaml', import.meta.url),
    'utf8',
  )
  const documents = text.split(/^---$/m).map(each => readYaml(each)) as unknown as {
    readonly kind: string
    readonly rules: readonly Rule[]
  }[]
  const { rules } = documents.find(({ kind }) => kind === 'ClusterRole')!
  const allowed = rules.flatMap(rule => rule.resources.map(name => `${rule.apiGroups} ${name}`))
  const wanted = Object.values(resources).map(({ name, paths }) => {
    const [, kind, group] = paths[0].split('/')
    return `${kind === 'apis' ? group : ''} ${name}`
  })
  assert.deepEqual(allowed.sort(), wanted.sort())
  for (const { verbs } of rules) assert.deepEqual(verbs, ['get', 'list', 'watch'])
})
