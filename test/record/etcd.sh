#!/bin/sh
# Records what etcd and etcdctl say: gRPC in HTTP/2, of Go. Needs root, tcpdump, etcd-server and etcd-client.
#
# The truth: the calls that this script knows a command of etcdctl to make, and the code that etcdctl says they were
# answered with.
. "$(dirname "$0")/lib.sh"

export ETCDCTL_API=3
etcd --data-dir "$work/etcd" --log-level error --listen-client-urls 'http://127.0.0.1:2379,http://[::1]:2379' \
  --advertise-client-urls http://127.0.0.1:2379 --listen-peer-urls http://127.0.0.1:2380 >"$work/log" 2>&1 &
listening 2379
until etcdctl endpoint health >/dev/null 2>&1; do sleep 0.1; done
user=

# SERVICE/METHOD etcdctl's arguments. With a user it calls for a token first.
call() {
  method=$1
  shift
  status=OK
  if ! etcdctl $user "$@" >/dev/null 2>"$work/said"; then
    # as etcdctl logs it: `rpc error: code = NotFound desc = ...`
    status=$(sed -n 's/.*rpc error: code = \([A-Za-z]*\) .*/\1/p' "$work/said" | head -n 1 |
      sed 's/\([a-z]\)\([A-Z]\)/\1_\2/g' | tr a-z A-Z)
  fi
  if [ -n "$user" ]; then truly Auth/Authenticate OK; fi
  truly "$method" "$status"
}

# SERVICE/METHOD STATUS
truly() {
  case $2 in
    OK | -) outcome=ok ;;
    UNAVAILABLE | UNKNOWN) outcome=error ;;
    ?*) outcome=warning ;;
    *) echo "etcdctl did not say how $1 ended" >&2 && exit 1 ;;
  esac
  printf 'grpc\tPOST\t/etcdserverpb.%s\t%s\t%s\n' "$1" "$2" "$outcome" >>"$work/truth"
}

# NAME
tell() {
  stop
  (echo '# calls that etcdctl was to make, and how it says they ended' && cat "$work/truth") | truth "$1"
  rm "$work/truth"
}

record etcd-calls 'tcp port 2379'
call KV/Put put colour red
call KV/Range get colour
call KV/Range get nothing
call KV/Put --endpoints='http://[::1]:2379' put large "$(seq -s ' ' 3000)"
call KV/Range --endpoints='http://[::1]:2379' get large
call Lease/LeaseGrant lease grant 60
call KV/Put put leased 1 --lease=1234abcd
call KV/DeleteRange del large
call KV/Compact compaction 3
call KV/Range get colour --rev=1
call Cluster/MemberList member list
printf 'value("colour") = "blue"\n\nput colour green\n\nget colour\n\n' >"$work/txn"
call KV/Txn txn <"$work/txn"
tell etcd-calls

# a watch lives until its client goes: nobody says how it ended
record etcd-watch 'tcp port 2379'
etcdctl watch colour >"$work/watched" 2>&1 &
watch=$!
truly Watch/Watch -
sleep 0.5
for colour in green blue; do call KV/Put put colour $colour; done
until grep -q blue "$work/watched"; do sleep 0.1; done
kill $watch
wait $watch || true
# who waits for a lock watches whoever has it, until he gives up
for _ in holder waiter; do
  truly Lease/LeaseGrant OK
  truly Lease/LeaseKeepAlive -
  truly KV/Txn OK
  truly KV/Range OK
  truly KV/DeleteRange OK
done
etcdctl lock door >"$work/holder" 2>&1 &
holder=$!
until grep -q door "$work/holder"; do sleep 0.1; done
etcdctl lock door >"$work/waiter" 2>&1 &
waiter=$!
sleep 0.5
kill -INT $waiter
wait $waiter || true
grep -q 'context canceled' "$work/waiter"
truly Watch/Watch CANCELLED
kill -INT $holder
wait $holder || true
tell etcd-watch

etcdctl user add root:secret >/dev/null
etcdctl user add ann:secret >/dev/null
etcdctl auth enable >/dev/null 2>&1
record etcd-users 'tcp port 2379'
call KV/Range get colour
user=--user=root:secret
call KV/Range get colour
user=--user=ann:secret
call KV/Range get colour
call KV/Put put colour red
user=
call Auth/Authenticate --user=ann:wrong get colour
tell etcd-users
