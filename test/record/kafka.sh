#!/bin/sh
# Records what librdkafka's clients say to brokers: its mock cluster, which speaks the protocol of real ones. Needs root,
# tcpdump, kcat, librdkafka, python3 and socat.
#
# The truth: the requests and responses that kcat logs (-d protocol), each about what the script has it do; and the
# errors that the script tells the cluster to answer.
. "$(dirname "$0")/lib.sh"

here=$(dirname "$0")

# BROKERS: begins a cluster; it listens at $brokers.
cluster() {
  mkfifo "$work/orders" "$work/said"
  python3 "$here/kafka.py" "$1" <"$work/orders" >"$work/said" 2>"$work/cluster.log" &
  exec 8>"$work/orders" 9<"$work/said"
  read -r brokers <&9
}

# Has the cluster do something: see kafka.py.
tell() {
  echo "$*" >&8
  read -r answer <&9
  test "$answer" = ok
}

# Runs kcat with a log. First what it is about: `topic=x group=y transaction=z`.
kafka() {
  about=$1
  shift
  : >"$work/log"
  timeout 10 kcat -b "$brokers" -d protocol "$@" >"$work/out" 2>"$work/log" || true
  awk -v "about=$about" "$truth" "$work/errors" "$work/log" >>"$work/truth"
  : >"$work/errors"
}

# API STATUS OUTCOME: how the next request of the API that is not yet spoken for will be answered.
expect() {
  echo "$*" >>"$work/errors"
}

# The first file: API STATUS OUTCOME. The second: kcat's log,
#   ... [thrd:x]: host:port/1: Sent ProduceRequest (v7, 85 bytes @ 0, CorrId 4)
#   ... [thrd:x]: host:port/1: Received ProduceResponse (v7, 50 bytes, CorrId 4, rtt 0.13ms)
truth='
  BEGIN {
    split(about, words, " ")
    for (i in words) { split(words[i], pair, "="); what[pair[1]] = pair[2] }
    split("Produce Fetch ListOffsets OffsetCommit OffsetFetch AddPartitionsToTxn", topics, " ")
    for (i in topics) resource[topics[i]] = what["topic"]
    split("JoinGroup SyncGroup Heartbeat LeaveGroup", groups, " ")
    for (i in groups) resource[groups[i]] = what["group"]
    resource["FindCoordinator"] = what["group"] what["transaction"]
    resource["InitProducerId"] = resource["EndTxn"] = what["transaction"]
    resource["Metadata"] = "*"
  }
  FILENAME ~ /errors$/ { expected[$1, ++stated[$1]] = $2 "\t" $3; next }
  match($0, /CorrId [0-9]+/) { number = $2 " " substr($0, RSTART, RLENGTH) }
  match($0, /(Sent|Received) [A-Za-z]+(Request|Response) /) {
    name = substr($0, RSTART, RLENGTH)
    isSent = sub(/^Sent /, "", name)
    sub(/^Received /, "", name)
    sub(/(Request|Response) $/, "", name)
    if (name == "ApiVersion") name = "ApiVersions"
    if (isSent) { api[++last] = name; asked[number] = last; version[last] = $0 ~ /\(v3,/ ? 3 : 0 }
    else answered[asked[number]] = 1
  }
  END {
    for (i = 1; i <= last; i++) {
      name = api[i]
      ending = "OK\tok"
      if (name == "ApiVersions" && version[i] == 3) ending = "UNSUPPORTED_VERSION\tok"
      else if ((name, ++seen[name]) in expected) ending = expected[name, seen[name]]
      # who leaves while something may yet wait is not failed
      if (!(i in answered) && ending == "OK\tok") ending = name ~ /^(Fetch|JoinGroup)$/ ? "-\tok" : "-\terror"
      printf "kafka\t%s\t%s\t%s\n", name, resource[name], ending
    }
  }'

# Ends a recording and its cluster.
told() {
  stop
  exec 8>&- 9<&-
  rm "$work/orders" "$work/said"
  (echo '# what kcat logged, about what it was to do; errors as the cluster was told' && cat "$work/truth") | truth "$1"
  rm "$work/truth"
}

: >"$work/errors"
# NUMBER LENGTH: so many messages
messages() {
  for _ in $(seq "$1"); do head -c "$2" /dev/zero | tr '\0' x && echo; done
}

cluster 1
tell topic orders 2
record kafka-produce
messages 3 100 | kafka topic=orders -P -t orders
messages 2 20000 | kafka topic=orders -P -t orders -X acks=1
messages 200 100 | kafka topic=orders -P -t orders -z snappy -X linger.ms=200
expect Produce - ok
messages 1 100 | kafka topic=orders -P -t orders -p 0 -X acks=0
messages 2 100 | kafka topic=orders -P -t orders -p 0 -X enable.idempotence=true
told kafka-produce

cluster 1
tell topic orders 2
messages 5 2000 | kcat -b "$brokers" -P -t orders
record kafka-consume
kafka topic=orders -L
kafka topic=orders -L -t orders
kafka topic=orders -C -t orders -p 0 -o beginning -e -X fetch.wait.max.ms=50
kafka topic=orders -C -t orders -e -X fetch.wait.max.ms=50
kafka topic=orders -Q -t orders:0:-1
told kafka-consume

# A consumer of a group on two brokers: it joins, fetches, commits, and leaves while fetches may yet wait.
cluster 2
tell topic orders 2
messages 3 500 | kcat -b "$brokers" -P -t orders
record kafka-group
kafka 'topic=orders group=shop' -G shop -c 3 -X auto.offset.reset=earliest -X fetch.wait.max.ms=200 orders
told kafka-group

# A transaction: all its messages, or none.
cluster 1
tell topic orders 1
record kafka-transaction
messages 3 100 | kafka 'topic=orders transaction=till' -P -t orders -X transactional.id=till
told kafka-transaction

# What goes wrong, and is tried again: what the cluster answers is told beforehand.
cluster 1
tell topic orders 1
tell topic secrets 1
record kafka-errors
tell errors 0 6 7 19
expect Produce NOT_LEADER_OR_FOLLOWER warning
expect Produce REQUEST_TIMED_OUT error
expect Produce NOT_ENOUGH_REPLICAS error
messages 1 100 | kafka topic=orders -P -t orders -X retry.backoff.ms=50
tell errors 0 10
expect Produce MESSAGE_TOO_LARGE warning
messages 1 100 | kafka topic=orders -P -t orders
tell errors 2 3
expect ListOffsets UNKNOWN_TOPIC_OR_PARTITION warning
kafka topic=orders -C -t orders -c 1 -X fetch.wait.max.ms=50
tell topic-error secrets 29
expect Metadata TOPIC_AUTHORIZATION_FAILED warning
expect Metadata TOPIC_AUTHORIZATION_FAILED warning
kafka topic=secrets -L -t secrets
tell errors 10 15
expect FindCoordinator COORDINATOR_NOT_AVAILABLE warning
tell errors 11 25
expect JoinGroup UNKNOWN_MEMBER_ID warning
tell errors 1 56
expect Fetch KAFKA_STORAGE_ERROR error
kafka 'topic=orders group=shop' -G shop -c 1 -X auto.offset.reset=earliest -X fetch.wait.max.ms=200 orders
told kafka-errors

# Over IPv6, where something stands in between: brokers of the cluster listen on IPv4 only.
cluster 1
tell topic orders 1
socat TCP6-LISTEN:29092,bind=[::1],fork,reuseaddr "TCP4:$brokers" &
listening 29092
record kafka-ipv6 ip6
brokers=[::1]:29092
kafka topic=orders -L -t orders
told kafka-ipv6
