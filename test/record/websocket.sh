#!/bin/sh
# Records what python3-websockets says, server and client, directly and through nginx. Needs root, tcpdump, nginx and
# python3-websockets.
#
# The truth: what the client says it sent, and what it was sent.
. "$(dirname "$0")/lib.sh"

tab=$(printf '\t')
cat >"$work/server.py" <<'END'
import asyncio
import http
import socket
import struct
import websockets

async def serve(ws):
    path = ws.path.partition('?')[0]
    if path == '/fails':
        raise RuntimeError('the worker died')
    if path == '/push':
        for text in ('one', 'two', 'three'):
            await ws.send(text)
        await ws.ping()
        await ws.send(bytes(300))
        return
    if path == '/parts':
        await ws.send(part for part in ['a', '', 'bc', 'd' * 200])
    if path == '/large':
        await ws.send(bytes(300))
    if path == '/away':
        await ws.close(1001, 'going away')
    if path in ('/drops', '/resets'):
        await ws.recv()
        if path == '/resets':
            linger = struct.pack('ii', 1, 0)
            ws.transport.get_extra_info('socket').setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        ws.transport.abort()
        return
    async for message in ws:
        await ws.send(message)

async def refuse(path, headers):
    if path == '/closed':
        return http.HTTPStatus.FORBIDDEN, [], b'no'

async def main():
    settings = dict(process_request=refuse, ping_interval=None, max_size=100_000)
    async with websockets.serve(serve, ['127.0.0.1', '::1'], 8765, compression=None, **settings):
        async with websockets.serve(serve, '127.0.0.1', 8766, compression='deflate', **settings):
            await asyncio.Future()

asyncio.run(main())
END
cat >"$work/client.py" <<'END'
import asyncio
import sys
import websockets

def tell(method, path, status='-', outcome='ok', protocol='websocket'):
    print(protocol, method, path, status, outcome, sep='\t')

def kind(message):
    return 'TEXT' if isinstance(message, str) else 'BINARY'

class Client:
    def __init__(self, base, path, **settings):
        self.path = path
        self.connecting = websockets.connect(base + path, ping_interval=None, **settings)

    async def __aenter__(self):
        self.ws = await self.connecting
        tell('GET', self.path, 101, protocol='http')
        return self

    async def __aexit__(self, *_):
        pass

    async def say(self, message):
        await self.ws.send(message)
        tell('TEXT' if not isinstance(message, bytes) else 'BINARY', self.path)

    async def hear(self):
        message = await self.ws.recv()
        tell(kind(message), self.path)
        return message

    async def ping(self):
        await (await self.ws.ping())
        tell('PING', self.path, 'PONG')

    async def close(self, code=1000, outcome='ok'):
        await self.ws.close(code)
        tell('CLOSE', self.path, code, outcome)

    # the connection was closed, by whom ever
    async def closed(self, code, outcome):
        try:
            await self.ws.recv()
        except websockets.ConnectionClosed:
            pass
        sent = self.ws.close_sent
        if code not in (self.ws.close_code, sent and sent.code):
            sys.exit(f'{self.path}: {self.ws.close_code}')
        tell('CLOSE', self.path, code, outcome)

async def refused(base, path, status):
    try:
        await websockets.connect(base + path)
    except websockets.InvalidStatusCode as error:
        if error.status_code != status:
            sys.exit(str(error))
        tell('GET', path, status, 'warning', 'http')

async def talk(base, compression):
    async with Client(base, '/echo?room=1&token=x', compression=compression) as client:
        for message in ('hello', '{"say":"' + 'ü' * 100 + '"}', b'\x00\xff' * 500, ''):
            await client.say(message)
            await client.hear()
        await client.ping()
        await client.say(iter(['in ', 'three ', 'parts']))
        await client.hear()
        await client.close()
    async with Client(base, '/parts', compression=compression) as client:
        await client.hear()
        await client.ping()
        await client.close(4401, 'warning')

async def large(base):
    async with Client(base, '/echo', compression=None) as client:
        await client.say(bytes(10_000))
        await client.hear()
        await client.close(1001)

async def failures(base):
    await refused(base, '/closed', 403)
    async with Client(base, '/fails') as client:
        await client.closed(1011, 'error')
    async with Client(base, '/away') as client:
        await client.closed(1001, 'ok')
    async with Client(base, '/large', max_size=100) as client:
        # it cannot take what it is sent, and closes: the server's fault
        tell('BINARY', '/large')
        await client.closed(1009, 'error')
    async with Client(base, '/echo') as client:
        # text that is no UTF-8: the server closes, the client's fault
        await client.ws.write_frame(True, 1, b'\xff\xfe')
        tell('TEXT', '/echo')
        await client.closed(1007, 'warning')
    for path, outcome in (('/drops', 'warning'), ('/resets', 'error')):
        async with Client(base, path) as client:
            await client.say('go')
            await client.closed(1006, outcome)

async def push(base):
    async with Client(base, '/push') as client:
        for _ in range(4):
            await client.hear()
        tell('PING', '/push', 'PONG')
        await client.closed(1000, 'ok')

async def several(base):
    async def one(name):
        async with Client(base, f'/echo?{name}') as client:
            for i in range(3):
                await client.say(f'{name} {i}')
                await client.hear()
            await client.close()
    await asyncio.gather(*(one(name) for name in ('ann', 'ben', 'cem')))

async def main(what):
    plain, six, zipped, proxied = (
        f'ws://{host}' for host in ('127.0.0.1:8765', '[::1]:8765', '127.0.0.1:8766', '127.0.0.1:8767')
    )
    if what == 'messages':
        await talk(plain, None)
        await push(six)
        await large(six)
        await several(plain)
    elif what == 'compressed':
        await talk(zipped, 'deflate')
    elif what == 'failures':
        await failures(plain)
    elif what == 'proxied':
        await talk(proxied, None)
        await push(proxied)

asyncio.run(main(sys.argv[1]))
END
cat >"$work/conf" <<END
worker_processes 1;
daemon off;
pid $work/pid;
error_log $work/errors;
events {}
http {
  access_log off;
  server {
    listen 127.0.0.1:8767;
    location / {
      proxy_pass http://127.0.0.1:8765;
      proxy_http_version 1.1;
      proxy_set_header Upgrade \$http_upgrade;
      proxy_set_header Connection upgrade;
    }
  }
}
END
/usr/bin/python3 "$work/server.py" 2>"$work/log" &
server=$!
nginx -c "$work/conf" 2>"$work/log" &
nginx=$!
listening 8765
listening 8766
listening 8767

for what in messages compressed failures proxied; do
  record websocket-$what
  /usr/bin/python3 "$work/client.py" $what >"$work/told"
  stop
  # what goes through nginx is said twice
  [ $what = proxied ] && cat "$work/told" >"$work/twice" && cat "$work/twice" >>"$work/told"
  (echo "# what the client of python3-websockets sent and was sent" && cat "$work/told") | truth websocket-$what
done

kill $server $nginx
