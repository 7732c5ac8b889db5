// The API server of a lab's cluster: takes what it holds from its standard input, a JSON line each.
import { createInterface } from 'node:readline'
import { FakeApi, type FakeObject } from '#orchestrators/kubernetes/fake-api.ts'
import { paths } from '#orchestrators/kubernetes/fake-objects.ts'

/** Something that is there from now on, or (`name`) no more. */
export interface Order {
  readonly path: string
  readonly object?: FakeObject
  readonly name?: string
}

if (import.meta.main) {
  const api = new FakeApi(Object.values(paths))
  await api.start(Number(process.env.PORT))
  for await (const line of createInterface({ input: process.stdin })) {
    const { path, object, name } = JSON.parse(line) as Order
    if (object) api.put(path, object)
    if (name) api.remove(path, name)
  }
}
