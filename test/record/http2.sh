#!/bin/sh
# Records what HTTP/2 servers and clients say without TLS: nghttpd and nghttp, Apache and curl, Node.js and itself. Needs root,
# tcpdump, nghttp2-server, nghttp2-client, apache2, curl and node.
#
# The truth: what nghttp prints of the frames it sends and gets; what curl says of its method, URL and status; what the
# events of Node's client say.
. "$(dirname "$0")/lib.sh"

mkdir "$work/files" "$work/logs"
echo hello >"$work/files/index.html"
seq 1500 >"$work/files/large.txt"
seq 300 >"$work/files/style.css"

outcome='function outcome(code) { return code ~ /[A-Z]/ ? "error" : code < 400 ? "ok" : code < 500 ? "warning" : "error" }'

# Streams of one connection of nghttp, as it prints them.
nghttps() {
  nghttp --verbose --null-out "$@" >"$work/said" 2>&1
  awk "$outcome"'
    / send HEADERS frame / { id = $0; sub(/.*stream_id=/, "", id); sub(/>.*/, "", id); next }
    /^ +:(method|path): / { asked[id, $1] = $2; ids[id] = 1; next }
    / recv \(stream_id=[0-9]+\) :(method|path): / { promised[$(NF - 1)] = $NF; next }
    /promised_stream_id=/ {
      id = $0; sub(/.*promised_stream_id=/, "", id); sub(/\).*/, "", id)
      for (field in promised) asked[id, field] = promised[field]
      ids[id] = 1
    }
    / recv \(stream_id=[0-9]+\) :status: / {
      id = $0; sub(/.*stream_id=/, "", id); sub(/\).*/, "", id)
      status[id] = $NF
    }
    / recv RST_STREAM frame / { id = $0; sub(/.*stream_id=/, "", id); sub(/>.*/, "", id); next }
    /\(error_code=[A-Z_]+\(/ && id in ids { sub(/.*error_code=/, ""); sub(/\(.*/, ""); status[id] = $0 }
    END {
      for (id in ids)
        print "http2\t" asked[id, ":method:"] "\t" asked[id, ":path:"] "\t" status[id] "\t" outcome(status[id])
    }
  ' "$work/said" >>"$work/truth"
}

# One request of curl over HTTP/2 from the beginning, or `upgraded` to it.
curls() {
  protocol=$1
  shift
  curl --silent --output /dev/null --write-out '%{method} %{url} %{http_code} %{http_version}\n' "$@" |
    awk "$outcome"'
      $4 != "2" { print "not HTTP/2: " $0 > "/dev/stderr"; exit 1 }
      {
        sub(/^http:\/\/[^\/]*/, "", $2)
        if ("'"$protocol"'" == "upgraded") print "http\t" $1 "\t" $2 "\t101\tok"
        print "http2\t" $1 "\t" $2 "\t" $3 "\t" outcome($3)
      }
    ' >>"$work/truth"
}

# Ends a recording. NAME SOURCE
tell() {
  stop
  (echo "# $2" && cat "$work/truth") | truth "$1"
  rm "$work/truth"
}

serve() {
  nghttpd --no-tls --htdocs="$work/files" "$@" >"$work/logs/nghttpd" 2>&1 &
  for last; do :; done
  listening "$last"
}

serve --address=127.0.0.1 --padding=40 --push=/=/style.css --trailer='checksum: 1' --echo-upload 8081
serve --address=::1 --encoder-header-table-size=65536 --header-table-size=8192 8082
serve --address=127.0.0.1 --max-concurrent-streams=3 8083

record http2-nghttp 'tcp port 8081 or tcp port 8082 or tcp port 8083'
nghttps --padding=30 http://127.0.0.1:8081/ 'http://127.0.0.1:8081/missing?token=secret'
nghttps --data="$work/files/style.css" --trailer='more: 2' http://127.0.0.1:8081/upload
nghttps --header=':method: DELETE' --no-dep http://127.0.0.1:8081/style.css
nghttps --expect-continue --data="$work/files/index.html" http://127.0.0.1:8081/continued
nghttps --header-table-size=0 'http://[::1]:8082/' 'http://[::1]:8082/large.txt?page=2'
nghttps --header-table-size=65536 --encoder-header-table-size=512 --header="cookie: $(seq -s - 700)" \
  'http://[::1]:8082/a' 'http://[::1]:8082/b' 'http://[::1]:8082/a'
nghttps --multiply=12 http://127.0.0.1:8083/index.html http://127.0.0.1:8083/none
tell http2-nghttp 'what nghttp printed of the frames it sent and got'

record http2-continuation 'tcp port 8081'
nghttps --continuation http://127.0.0.1:8081/large.txt http://127.0.0.1:8081/none
tell http2-continuation 'what nghttp printed of the frames it sent and got'

modules=/usr/lib/apache2/modules
cat >"$work/apache" <<END
ServerRoot $work
ServerName test
User www-data
Group www-data
PidFile $work/apache.pid
DocumentRoot $work/files
ErrorLog $work/logs/apache
Listen 127.0.0.1:8084
LoadModule mpm_event_module $modules/mod_mpm_event.so
LoadModule authz_core_module $modules/mod_authz_core.so
LoadModule http2_module $modules/mod_http2.so
LoadModule rewrite_module $modules/mod_rewrite.so
Protocols h2c http/1.1
DefaultRuntimeDir $work
RewriteEngine on
RewriteRule ^/secret - [F]
RewriteRule ^/busy - [R=503]
RewriteRule ^/old /index.html [R=302]
END
apache2 -f "$work/apache" -DFOREGROUND &
apache=$!
listening 8084
at=http://127.0.0.1:8084

record http2-curl 'tcp port 8084'
for path in 'index.html' 'none?x=1' 'secret' 'busy?token=secret' 'old'; do
  curls known --http2-prior-knowledge "$at/$path"
done
curls known --http2-prior-knowledge --head "$at/large.txt"
curls known --http2-prior-knowledge --data-binary "@$work/files/large.txt" "$at/index.html"
curls upgraded --http2 "$at/index.html?user=ann"
curls upgraded --http2 "$at/none"
curls upgraded --http2 --head "$at/index.html"
tell http2-curl 'what curl said of its method, URL and status, and that the last ones were upgraded'
kill $apache
wait $apache || true

cat >"$work/node.mjs" <<'END'
import http2 from 'node:http2'
import { once } from 'node:events'
import net from 'node:net'

const { constants } = http2
const names = new Map(
  Object.entries(constants)
    .filter(([name]) => /^NGHTTP2_[A-Z0-9_]+$/.test(name) && !/NGHTTP2_(ERR|FLAG|SESSION|SETTINGS|STREAM_STATE|HCAT|NV|DEFAULT)/.test(name))
    .map(([name, code]) => [code, name.slice('NGHTTP2_'.length)]),
)
const answers = {
  '/ok': stream => stream.respond() ?? stream.end('ok'),
  '/empty': stream => stream.respond({ ':status': 204 }, { endStream: true }),
  '/teapot': stream => stream.respond({ ':status': 418 }) ?? stream.end('short and stout'),
  '/hints': stream => {
    stream.additionalHeaders({ ':status': 103, link: '</a.css>' })
    stream.respond({ ':status': 201 })
    stream.end('created')
  },
  '/broken': stream => stream.close(constants.NGHTTP2_INTERNAL_ERROR),
  '/refused': stream => stream.close(constants.NGHTTP2_REFUSED_STREAM),
  '/calm': stream => stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM),
  '/half': stream => {
    stream.respond()
    stream.write('half')
    setTimeout(() => stream.destroy(new Error('broken')), 50)
  },
  '/early': stream => stream.respond({ ':status': 413 }) ?? stream.end('too large'),
  '/never': () => {},
}
const server = http2.createServer()
server.on('stream', (stream, headers) => {
  stream.on('error', () => {})
  if (headers[':method'] === 'CONNECT') stream.respond() ?? stream.end('tunnel')
  else answers[headers[':path']](stream)
})
await once(server.listen(8085, '127.0.0.1'), 'listening')

const wait = ms => new Promise(done => setTimeout(done, ms))
const tell = (...words) => console.log(words.join('\t'))

async function ask(client, path, { method = 'GET', cancel, body, at = path, ...fields } = {}) {
  const pseudo = method === 'CONNECT' ? { ':authority': at } : { ':path': path }
  const stream = client.request({ ':method': method, ...pseudo, ...fields }, { endStream: !body && method !== 'CONNECT' })
  let status
  stream.on('response', headers => (status = headers[':status']))
  stream.on('error', () => {})
  if (body) stream.write(body)
  if (cancel) setTimeout(() => stream.close(cancel), 100)
  stream.resume()
  await new Promise(done => stream.on('close', done))
  const code = stream.rstCode
  const blames = code === constants.NGHTTP2_ENHANCE_YOUR_CALM
  if (code) tell('http2', method, at, names.get(code), cancel || blames ? 'warning' : 'error')
  else tell('http2', method, at, status, status < 400 ? 'ok' : status < 500 ? 'warning' : 'error')
}

const socket = net.connect(8085, '127.0.0.1')
const client = http2.connect('http://127.0.0.1:8085', { createConnection: () => socket })
client.on('error', () => {})
for (let turn = 0; turn < 3; turn++) {
  await Promise.all([
    ask(client, '/ok'),
    ask(client, '/empty', { method: 'PUT', body: undefined }),
    ask(client, '/teapot', { cookie: 'secret='.padEnd(50 + turn * 20000, 'x') }),
    ask(client, '/hints', { method: 'PATCH' }),
  ])
}
await Promise.all(['/broken', '/refused', '/calm', '/half'].map(path => ask(client, path)))
await ask(client, '/never', { cancel: constants.NGHTTP2_CANCEL })
await ask(client, '/early', { method: 'POST', body: 'begin', cancel: undefined })
await ask(client, '', { method: 'CONNECT', at: 'db:5432' })
// the connection ends while these wait for their answers
for (const path of ['/never', '/never']) {
  const stream = client.request({ ':path': path })
  stream.on('error', () => {})
  tell('http2', 'GET', path, '-', 'error')
}
await wait(100)
socket.destroy()
await wait(100)

// the server leaves: what it had not looked at is refused
let session
server.on('session', one => (session = one))
const leaving = http2.connect('http://127.0.0.1:8085')
leaving.on('error', () => {})
await ask(leaving, '/ok')
const late = leaving.request({ ':path': '/never' })
late.on('error', () => {})
await wait(50)
session.goaway(constants.NGHTTP2_NO_ERROR, 1)
tell('http2', 'GET', '/never', 'REFUSED_STREAM', 'warning')
await wait(100)
process.exit()
END

record http2-node 'tcp port 8085'
node "$work/node.mjs" >"$work/truth"
tell http2-node "what Node's client asked, and its events"
kill $(jobs -p) 2>/dev/null || true
