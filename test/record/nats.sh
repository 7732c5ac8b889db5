#!/bin/sh
# Records what NATS and its clients say: nats.js, and lines as a person types them. Root, nats-server and openssl needed,
# and npm, to install nats.js into a folder that goes with the end. The truth is what the clients asked and were
# answered, told by nats.mjs; of servers among themselves, what their own trace says they sent.
if [ -z "${INKLING_CLIENTS:-}" ]; then
  INKLING_CLIENTS=$(mktemp -d)
  export INKLING_CLIENTS
  npm install --silent --no-audit --no-fund --prefix "$INKLING_CLIENTS" nats@2.29.3
fi
. "$(dirname "$0")/lib.sh"
trap 'rm -rf "$work" "$INKLING_CLIENTS"' EXIT
here=$(cd "$(dirname "$0")" && pwd)

openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
  -keyout "$work/key.pem" -out "$work/cert.pem" 2>"$work/openssl"
cat >"$work/open.conf" <<EOF
listen: "[::]:4222"
max_payload: 64KB
jetstream { store_dir: "$work/open" }
EOF
cat >"$work/closed.conf" <<EOF
listen: "127.0.0.1:4223"
authorization {
  users: [
    { user: ann, password: secret, permissions: { publish: { deny: "private.>" }, subscribe: { deny: "hidden.>" } } }
  ]
}
EOF
cat >"$work/tls.conf" <<EOF
listen: "127.0.0.1:4224"
tls { cert_file: "$work/cert.pem", key_file: "$work/key.pem" }
EOF
cat >"$work/left.conf" <<EOF
listen: "127.0.0.1:4225"
server_name: left
cluster { name: pair, listen: "127.0.0.1:6222" }
leafnodes { listen: "127.0.0.1:7422" }
EOF
cat >"$work/right.conf" <<EOF
listen: "127.0.0.1:4226"
server_name: right
cluster { name: pair, listen: "127.0.0.1:6223", routes: ["nats://127.0.0.1:6222"] }
EOF
cat >"$work/leaf.conf" <<EOF
listen: "127.0.0.1:4227"
server_name: leaf
leafnodes { remotes: [{ url: "nats://127.0.0.1:7422" }] }
EOF
start() {
  nats-server -c "$work/$1.conf" -T=false -V -l "$work/$1.log" &
  listening "$2"
}
start open 4222
start closed 4223
start tls 4224

tell() {
  node "$here/nats.mjs" "$@" >"$work/truth"
}
for part in requests queues jetstream faults typed tls; do
  record "nats-$part" 'tcp portrange 4222-4224'
  tell $part "$work/cert.pem"
  stop
  truth "nats-$part" <"$work/truth"
done

# Servers among themselves. Each side's trace has what it sent and what it got: what one sent is told.
start left 4225
record nats-servers 'tcp port 6222 or tcp port 7422'
start right 4226
start leaf 4227
sleep 2
tell servers
stop
{
  echo '# the trace of the server to which the others connected'
  sed -nE 's/.* - [rl]id:[0-9]+ - (<<-|->>) \[([^]]*)\]$/\2/p' "$work/left.log" | awk -v OFS='\t' '
    $1 == "CONNECT" || $1 == "PING" { print "nats", $1, "", "OK", "ok" }
    # a subject stands behind its account, and that behind the cluster of a leaf node
    $1 == "RMSG" { print "nats", $1, $3, "-", "ok" }
    $1 == "LMSG" { print "nats", $1, $3 == "$G" ? $4 : $2, "-", "ok" }'
} >"$work/truth"
truth nats-servers <"$work/truth"
