import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { platform, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { listMountedNamespaces, listNamespaces, namespaceOf } from './namespaces.ts'

const proc = mkdtempSync(join(tmpdir(), 'inkling-proc-'))
after(() => rmSync(proc, { recursive: true }))

function addProcess(pid: string, target: string): void {
  mkdirSync(join(proc, pid, 'ns'), { recursive: true })
  symlinkSync(target, join(proc, pid, 'ns', 'net'))
}

test('each namespace is listed once, with its lowest process', () => {
  addProcess('300', 'net:[4026532100]')
  addProcess('31', 'net:[4026532100]')
  addProcess('1', 'net:[4026531840]')
  addProcess('77', 'something else')
  addProcess('self', 'net:[4026539999]')
  mkdirSync(join(proc, '500'))
  const byPid = listNamespaces(proc).sort((a, b) => a.pid - b.pid)
  assert.deepEqual(byPid, [
    { inode: '4026531840', pid: 1, pids: [1] },
    { inode: '4026532100', pid: 31, pids: [31, 300] },
  ])
  assert.equal(namespaceOf(300, proc), '4026532100')
  assert.equal(namespaceOf(500, proc), undefined)
})

test('this process is found on Linux', { skip: platform() !== 'linux' }, () => {
  const own = namespaceOf('self')
  assert.match(own ?? '', /^\d+$/)
  assert.ok(listNamespaces().some(({ inode }) => inode === own))
})

test('a plain file is no mounted namespace', () => {
  const folder = join(proc, 'netns')
  mkdirSync(folder)
  writeFileSync(join(folder, 'left-over'), '')
  assert.deepEqual(listMountedNamespaces(folder), [])
  assert.deepEqual(listMountedNamespaces(join(folder, 'absent')), [])
})
