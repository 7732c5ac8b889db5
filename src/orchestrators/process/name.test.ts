import assert from 'node:assert/strict'
import { test } from 'node:test'
import { proxyOf } from './docker-proxy.ts'
import { processName, threadName } from './name.ts'

test('a process is called as people call it', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['/usr/sbin/sshd', 'sshd: me@pts/0', 'sshd'],
    ['/usr/sbin/nginx', 'nginx: worker process', 'nginx'],
    ['/usr/bin/curl', 'curl -u me:secret http://x', 'curl'],
    ['/usr/local/bin/app (deleted)', './app', 'app'],
    ['/usr/bin/python3.11', 'python3 /srv/app.py --password x', 'app.py'],
    ['/usr/bin/python3.11', 'python3 -m http.server 8000', 'http.server'],
    ['/usr/bin/python3.11', 'python3 -u -W ignore app.py', 'app.py'],
    ['/usr/bin/python3.11', 'python3 -c import(1)', 'python3.11'],
    ['/usr/bin/python3.11', '/usr/bin/python3 /usr/bin/gunicorn app:app', 'gunicorn'],
    ['/usr/bin/node', 'node --max-old-space-size=99 dist/server.js', 'server.js'],
    ['/usr/bin/node', 'node --require ./x.js --import y app.ts', 'app.ts'],
    ['/usr/bin/node', 'node -e setInterval()', 'node'],
    ['/usr/bin/node', 'node', 'node'],
    ['/usr/bin/bun', 'bun run index.ts', 'index.ts'],
    ['/usr/lib/jvm/17/bin/java', 'java -Xmx1g -jar /opt/shop.jar --db x', 'shop.jar'],
    ['/usr/lib/jvm/17/bin/java', 'java -cp a:b -Dx=y com.acme.shop.Main arg', 'Main'],
    ['/bin/bash', '/bin/bash ./deploy.sh prod', 'deploy.sh'],
    ['/bin/dash', 'sh -c curl', 'dash'],
    ['/bin/busybox', 'nc -l -p 80', 'nc'],
    ['/bin/busybox', '/bin/busybox httpd -f', 'httpd'],
    ['/bin/busybox', 'busybox', 'busybox'],
    ['', 'worker --x', 'worker'],
    ['', '', 'comm'],
  ]
  for (const [executable, command, expected] of cases) {
    const text = { comm: 'comm', executable: executable || undefined, command: command.split(' ') }
    assert.equal(processName(text), expected, command)
  }
})

test('names are bounded and hold no control characters', () => {
  const name = processName({ comm: '', executable: `/x/${'a'.repeat(300)}`, command: [] })
  assert.equal(name.length, 64)
  assert.equal(processName({ comm: '', executable: '/x/a\n\u001b[2Jb', command: [] }), 'a [2Jb')
  assert.equal(processName({ comm: ' \n', executable: '', command: [] }), 'unnamed')
  assert.equal(threadName('MainThread'), 'node')
  assert.equal(threadName('curl'), 'curl')
})

test('the command line of docker-proxy tells whom it speaks for', () => {
  const flags =
    '-proto tcp -host-ip 0.0.0.0 -host-port 8080 -container-ip 172.17.0.2 -container-port 80'
  const tcp = {
    transport: 'tcp',
    host: { ip: '0.0.0.0', port: 8080 },
    container: { ip: '172.17.0.2', port: 80 },
  }
  const proxy = (text: string) => proxyOf(text.split(' '))
  assert.deepEqual(proxy(`/usr/bin/docker-proxy ${flags}`), tcp)
  assert.deepEqual(proxy(`docker-proxy ${flags} -use-listen-fd`), tcp)
  assert.deepEqual(proxy(`docker-proxy -use-listen-fd ${flags}`), tcp)
  assert.deepEqual(proxy(`/x/rootlesskit-docker-proxy ${flags}`), tcp)
  assert.deepEqual(proxy(`docker-proxy ${flags.replaceAll(/-(\S+) (\S+)/g, '--$1=$2')}`), tcp)
  assert.deepEqual(
    proxy(
      'docker-proxy -proto udp -host-ip :: -host-port 53 -container-ip fd00::2 -container-port 5353',
    ),
    { transport: 'udp', host: { ip: '::', port: 53 }, container: { ip: 'fd00::2', port: 5353 } },
  )
  for (const other of [
    '',
    'docker-proxy',
    `my-docker-proxy ${flags}`,
    `docker-proxy ${flags.replace('tcp', 'sctp')}`,
    `docker-proxy ${flags.replace('8080', '99999')}`,
    `docker-proxy ${flags.replace('172.17.0.2', '')}`,
  ]) {
    assert.equal(proxy(other), undefined, other)
  }
})
