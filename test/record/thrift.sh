#!/bin/sh
# Records a server of Apache Thrift's Python library and its client, in every form that both know. Needs root, tcpdump,
# python3-thrift and thrift-compiler. The truth is what the client in thrift-shop.py asked, and was answered.
. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
port=9999
cp "$here/thrift-shop.thrift" "$work/shop.thrift"
thrift -gen py -o "$work" "$work/shop.thrift"

# NAME FORM [FILTER]
talk() {
  /usr/bin/python3 "$here/thrift-shop.py" "$work/gen-py" serve "$2" $port 2>"$work/server" &
  server=$!
  listening $port
  record "$1" "port $port and ${3:-tcp}"
  for host in 127.0.0.1 ::1; do
    /usr/bin/python3 "$here/thrift-shop.py" "$work/gen-py" ask "$2" $port $host
  done >"$work/truth"
  stop
  truth "$1" <"$work/truth"
  kill $server
  wait $server 2>/dev/null || true
}

talk thrift-binary binary
talk thrift-framed framed
talk thrift-older older
talk thrift-older-framed 'older framed'
talk thrift-compact compact
talk thrift-compact-framed 'compact framed'
talk thrift-services 'services framed'
# Most of what is large is not kept: lost bytes of a text are not missed.
talk thrift-large large 'less 4000'
