# What the recorders share. Source it first: `. "$(dirname "$0")/lib.sh"`. Needs root, tcpdump and the server's package.
# The recorder runs again in a network namespace of its own: nothing of the machine is in the way, nothing is disturbed.
#
#   recordings     folder of the repository that holds the recordings
#   work           a folder that goes with the end
#   record NAME [FILTER]   begins NAME.pcap
#   stop                   ends it
#   truth NAME             standard input becomes NAME.truth: see test/recordings.test.ts
set -eu
if [ "${INKLING_RECORDING:-}" != "$0" ]; then
  exec env INKLING_RECORDING="$0" unshare --net --mount-proc --pid --fork --kill-child sh "$0" "$@"
fi
ip link set lo up
recordings=$(cd "$(dirname "$0")/../recordings" && pwd)
work=$(mktemp -d)
chmod 755 "$work"
trap 'rm -rf "$work"' EXIT

record() {
  recorded=$1.pcap
  : >"$work/tcpdump"
  tcpdump -i lo -B 32768 -U -Z root -w "$work/$recorded" "${2:-ip or ip6}" 2>>"$work/tcpdump" &
  dump=$!
  until grep -q listening "$work/tcpdump"; do sleep 0.1; done
}

stop() {
  # what was seen last comes to tcpdump within a second
  sleep 1.2
  kill $dump
  wait $dump || true
  if ! grep -q '^0 packets dropped by kernel' "$work/tcpdump"; then
    echo "$recorded lacks packets" >&2
    exit 1
  fi
  mv "$work/$recorded" "$recordings"
}

truth() {
  cat >"$recordings/$1.truth"
}

# Waits until something listens on a TCP port.
listening() {
  for _ in $(seq 300); do
    if ss -Hltn "sport = :$1" | grep -q .; then return 0; fi
    sleep 0.1
  done
  echo "nothing listens on port $1" >&2
  exit 1
}
