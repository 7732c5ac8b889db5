#!/bin/sh
# Records what a real Redis and its own client say. Needs root, tcpdump, redis-server, redis-cli, socat and openssl.
#
# The truth: what this script had redis-cli ask and how it expects that to end, and the code of the error that
# redis-cli was told. It stops when one disagrees with the other.
. "$(dirname "$0")/lib.sh"

# Without COMMAND redis-cli does not load its help, which would be most of the recording.
cat >"$work/users" <<'END'
user default on nopass ~* &* +@all -command
user ann on >secret ~cart:* &* +@all -command -flushall
END
cat >"$work/closed" <<'END'
user default on >hidden ~* &* +@all
END

# PORT USERS [OPTION ...]
serve() {
  port=$1
  users=$2
  shift 2
  mkdir "$work/$port"
  redis-server --port "$port" --bind 127.0.0.1 ::1 --dir "$work/$port" --save '' --aclfile "$work/$users" \
    --enable-debug-command yes "$@" >>"$work/log" &
  listening "$port"
}

# One connection of redis-cli. Its arguments are redis-cli's; standard input has a command a line, behind how it is
# to end: ok, warning, error. COMMAND is what redis-cli asks by itself.
talk() {
  cat >"$work/asked"
  cut -d ' ' -f 2- "$work/asked" | redis-cli --no-raw "$@" >"$work/answered"
  case "$*" in *-3*) truly HELLO 3 ;; esac
  truly COMMAND DOCS NOPERM warning
  truly COMMAND '' NOPERM warning
  told <"$work/asked"
}

# A connection of redis-cli for one command: OUTCOME COMMAND [ARGUMENT ...]. Its `options` are redis-cli's.
ask() {
  echo "$*" >"$work/asked"
  shift
  redis-cli --no-raw $options "$@" >"$work/answered"
  told <"$work/asked"
}
options=

# What was asked (standard input) with what is in $work/answered. Elements of an answer but the first
# are no answers, nor is how long it took.
told() {
  awk '
    function word(text) { sub(/^"/, "", text); sub(/"$/, "", text); return text }
    FNR == NR && (/^ / || /^\([0-9.]+s\)$/ || (/^[0-9]+[)#~] / && !/^1[)#~] /)) { next }
    FNR == NR { answers[++count] = $0; next }
    {
      answer = answers[++asked]
      code = answer ~ /^\(error\) / ? substr(answer, 9) : "OK"
      sub(/ .*/, "", code)
      if ((code == "OK") != ($1 == "ok")) {
        print "unexpected: " $0 ": " answer > "/dev/stderr"
        exit 1
      }
      printf "redis\t%s\t%s\t%s\t%s\n", toupper($2), $2 == "AUTH" ? "" : word($3), code, $1
    }
    END {
      if (asked != count) { print asked " asked, " count " answered" > "/dev/stderr"; exit 1 }
    }
  ' "$work/answered" - >>"$work/truth"
}

# What is known beforehand: COMMAND ARGUMENT [STATUS OUTCOME].
truly() {
  printf 'redis\t%s\t%s\t%s\t%s\n' "$1" "$2" "${3:-OK}" "${4:-ok}" >>"$work/truth"
}

# Ends a recording: all that was told since the last one is its truth.
tell() {
  stop
  (echo '# what redis-cli was to ask, and was answered' && cat "$work/truth") | truth "$1"
  rm "$work/truth"
}

serve 6379 users

record redis-commands
talk <<'END'
ok SET cart:1 two-pears
ok GET cart:1
ok GET nowhere
ok HSET shop:1 name Berlin since 1999
ok HGETALL shop:1
ok RPUSH queue a b c
ok LRANGE queue 0 -1
error LPUSH cart:1 x
error NOSUCH thing
error SET cart:1
ok INCR counter
error INCR cart:1
ok MGET cart:1 counter nowhere
ok get cart:1
END
ask ok DEL counter
head -c 16000 /dev/zero | tr '\0' 'x' | redis-cli -x SET large >/dev/null
truly SET large
redis-cli GET large >/dev/null
truly GET large
tell redis-commands

record redis-transactions
talk <<'END'
ok MULTI
ok INCR visits
ok SET cart:1 three
ok EXEC
ok MULTI
error NOSUCH
error EXEC
ok WATCH visits
ok MULTI
ok DISCARD
error EXEC
ok EVAL return(1) 0
error EVAL "return(redis.call('incr','cart:1'))" 0
error EVAL return( 0
ok SCRIPT LOAD return(2)
ok EVALSHA 572625a1039fb30b308c236ab7091a2bd7724d22 0
warning EVALSHA 0000000000000000000000000000000000000000 0
ok BLPOP nothing 0.2
ok XADD events * kind sale
ok XGROUP CREATE events readers $
warning XGROUP CREATE events readers $
ok SCAN 0
ok SELECT 3
error SELECT 99
ok CLIENT SETNAME recorder
ok OBJECT ENCODING nothing
ok PING
ok RESET
END
# one who waits, and one who gives
redis-cli BLPOP handed 5 >/dev/null &
waits=$!
sleep 0.3
ask ok RPUSH handed thing
wait $waits
truly BLPOP handed
tell redis-transactions

record redis-resp3 ip6
options='-h ::1'
(sleep 0.4 && redis-cli -h ::1 SET watched 2 >/dev/null) &
talk -3 $options <<'END'
ok DEBUG PROTOCOL string
ok DEBUG PROTOCOL integer
ok DEBUG PROTOCOL double
ok DEBUG PROTOCOL null
ok DEBUG PROTOCOL array
ok DEBUG PROTOCOL set
ok DEBUG PROTOCOL map
ok DEBUG PROTOCOL push
ok DEBUG PROTOCOL true
ok DEBUG PROTOCOL false
ok CLIENT TRACKING on
ok GET watched
ok BLPOP nothing 0.8
ok GET watched
ok HSET scale a 1 b 2
ok HGETALL scale
ok ZADD ranks 1.5 ann
ok ZSCORE ranks ann
warning HELLO 9
END
truly SET watched
# what redis-cli cannot read
printf 'HELLO 3\r\nDEBUG PROTOCOL bignum\r\nDEBUG PROTOCOL attrib\r\nDEBUG PROTOCOL verbatim\r\nGET watched\r\n' |
  socat -t 1 - TCP:[::1]:6379 >/dev/null
truly HELLO 3
for i in 1 2 3; do truly DEBUG PROTOCOL; done
truly GET watched
tell redis-resp3
options=

record redis-subscribers
redis-cli SUBSCRIBE news weather >"$work/heard" &
one=$!
redis-cli -h ::1 -3 PSUBSCRIBE 'n*' >>"$work/heard" &
two=$!
redis-cli MONITOR >"$work/heard" &
three=$!
sleep 0.3
ask ok PUBLISH news first
ask ok PUBLISH weather rain
ask ok PUBLISH silence none
kill $one $two $three
truly SUBSCRIBE news
truly HELLO 3
truly PSUBSCRIBE 'n*'
truly MONITOR ''
tell redis-subscribers

record redis-pipeline
for i in $(seq 40); do
  printf '*3\r\n$3\r\nSET\r\n$6\r\nitem%02d\r\n$2\r\n%02d\r\n' "$i" "$i"
  truly SET "$(printf 'item%02d' "$i")"
done >"$work/mass"
printf 'LPUSH item01 x\r\n' >>"$work/mass"
truly LPUSH item01 WRONGTYPE error
redis-cli --pipe <"$work/mass" 2>&1 | grep -q 'errors: 1, replies: 41'
truly ECHO '*'
# as people and health checks do, and silently
printf 'PING\r\nset inline 1\r\nGET inline\r\nNOSUCH x\r\nCLIENT REPLY SKIP\r\nINCR inline\r\nCLIENT REPLY OFF\r\nINCR inline\r\nCLIENT REPLY ON\r\nGET inline\r\n' |
  socat -t 1 - TCP:127.0.0.1:6379 | tr -d '\r' | tr '\n' ' ' |
  grep -qxF '+PONG +OK $1 1 -ERR unknown command '\''NOSUCH'\'', with args beginning with: '\''x'\''  +OK $1 3 '
truly PING ''
truly SET inline
truly GET inline
truly NOSUCH x ERR error
truly CLIENT REPLY - ok
truly INCR inline - ok
truly CLIENT REPLY - ok
truly INCR inline - ok
truly CLIENT REPLY
truly GET inline
tell redis-pipeline

serve 6380 closed
record redis-refused
options='-p 6380'
ask warning GET cart:1
export REDISCLI_AUTH=wrong
ask warning GET cart:1 2>/dev/null
truly AUTH '' WRONGPASS warning
export REDISCLI_AUTH=hidden
ask ok GET cart:1
truly AUTH ''
export REDISCLI_AUTH=secret
options='--user ann'
ask ok GET cart:1
ask warning GET shop:1
ask warning FLUSHALL
for i in 1 2 3; do truly AUTH ''; done
unset REDISCLI_AUTH
options=
tell redis-refused

record redis-replica
serve 6381 users --replicaof 127.0.0.1 6379
until redis-cli -p 6381 INFO replication | grep -q master_link_status:up; do
  truly INFO replication
  sleep 0.2
done
truly INFO replication
ask ok SET cart:1 four
ask ok WAIT 1 1000
options='-p 6381'
ask ok GET cart:1
ask warning SET cart:1 five
options=
truly PING ''
truly REPLCONF listening-port
truly REPLCONF capa
truly PSYNC '?'
tell redis-replica

serve 7001 users --cluster-enabled yes
serve 7002 users --cluster-enabled yes
redis-cli -p 7001 CLUSTER ADDSLOTSRANGE 0 8191 >/dev/null
redis-cli -p 7002 CLUSTER ADDSLOTSRANGE 8192 16383 >/dev/null
redis-cli -p 7001 CLUSTER MEET 127.0.0.1 7002 >/dev/null
for port in 7001 7002; do
  until redis-cli -p $port CLUSTER INFO | grep -q cluster_state:ok; do sleep 0.2; done
done
record redis-cluster
# slot 12182 is the other's, slot 5061 its own
redis-cli -c -p 7001 SET foo 1 >/dev/null
truly SET foo MOVED warning
truly SET foo
options='-p 7001'
ask warning GET foo
ask ok SET bar 1
ask error MGET foo bar
redis-cli -p 7001 CLUSTER SETSLOT 5061 MIGRATING "$(redis-cli -p 7002 CLUSTER MYID)" >/dev/null
truly CLUSTER MYID
truly CLUSTER SETSLOT
ask ok GET bar
ask warning GET '{bar}2'
ask warning MGET bar '{bar}2'
redis-cli -p 7002 CLUSTER SETSLOT 5061 IMPORTING "$(redis-cli -p 7001 CLUSTER MYID)" >/dev/null
truly CLUSTER MYID
truly CLUSTER SETSLOT
printf 'ASKING\r\nGET {bar}2\r\n' | socat -t 1 - TCP:127.0.0.1:7002 >/dev/null
truly ASKING ''
truly GET '{bar}2'
options=
tell redis-cluster

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj /CN=redis.test \
  -keyout "$work/key" -out "$work/certificate" 2>/dev/null
serve 6390 users --tls-port 6391 --tls-cert-file "$work/certificate" --tls-key-file "$work/key" \
  --tls-ca-cert-file "$work/certificate" --tls-auth-clients no
record redis-tls
redis-cli -p 6391 --tls --cacert "$work/certificate" GET hidden >/dev/null
redis-cli -h ::1 -p 6391 --tls --insecure GET hidden >/dev/null
printf 'tls\tHANDSHAKE\t*\t*\tok\n%.0s' 1 2 >>"$work/truth"
options='-p 6390'
ask ok GET seen
tell redis-tls
