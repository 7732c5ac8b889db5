import { readFileSync } from 'node:fs'
import { Fault } from '#lib/fault.ts'

const names = ['INKLING_TOKEN', 'INKLING_VIEW_TOKEN']

/**
 * Tokens that lie in files, as Swarm and Kubernetes hand out secrets: `INKLING_TOKEN_FILE` stands for what it holds. A token that is
 * given as such comes first.
 */
export function readSecrets(environment: NodeJS.ProcessEnv): void {
  for (const name of names) {
    const path = environment[`${name}_FILE`]
    if (!path || environment[name]) continue
    environment[name] = read(`${name}_FILE`, path)
  }
}

function read(name: string, path: string): string {
  let text: string
  try {
    text = readFileSync(path, 'utf8').trim()
  } catch (error) {
    throw new Fault(`${name}: cannot read ${path}: ${(error as Error).message}`)
  }
  if (text === '') throw new Fault(`${name}: ${path} is empty.`)
  return text
}
