#!/bin/sh
# Records what a real memcached and its clients say. Needs root, tcpdump, memcached, libmemcached-tools and python3.
#
# The truth: of libmemcached's tools, the server's own log (-vv); of the client in memcached.py, what the script has
# it ask and how it expects that to be answered. It stops when the server answers otherwise.
. "$(dirname "$0")/lib.sh"

here=$(dirname "$0")
port=11999

# [OPTION ...]
serve() {
  memcached -u nobody -l 127.0.0.1,::1 -p "$port" -U "$port" -vv "$@" >"$work/log" 2>&1 &
  server=$!
  listening "$port"
}

# Ends a server, and with it the recording of NAME: its log is the truth, read by a program of awk.
served() {
  stop
  kill "$server"
  wait "$server" || true
  (echo "# the server's log" && awk "$2" "$work/log") | truth "$1"
}

# What libmemcached's tools ask: misses and errors are part of it.
tools() {
  printf 'black' >"$work/tea"
  head -c 4000 /dev/zero | tr '\0' x >"$work/large"
  memccp $1 "$work/tea" "$work/large"
  memccat $1 tea large >"$work/out"
  memccat $1 nothing tea >"$work/out" || true
  memcexist $1 tea || true
  memcexist $1 nothing || true
  memctouch $1 --expire=60 tea
  memctouch $1 --expire=60 nowhere || true
  memcrm $1 tea
  memcrm $1 tea || true
  memcstat $1 >"$work/out"
  memcflush $1
}

# <27 get tea       asked
# >27 sending key   an item of the answer
# >27 END           its end; that of statistics is not logged
# >27 NOREPLY OK    what would have been answered
text='
  function tell(status, outcome) {
    printf "memcached\t%s\t%s\t%s\t%s\n", method, resource, status, outcome
    method = ""
  }
  /^<[0-9]+ [a-z_]+( |$)/ && !/connection closed|new auto|send buffer|server listening/ {
    if (method != "") tell("*", "*")
    method = $2
    asked = NF - 2
    items = 0
    hasKey = method ~ /^(gets?|set|add|replace|append|prepend|cas|incr|decr|touch|delete)$/
    resource = hasKey || method == "stats" ? $3 : ""
    if (method ~ /^gets?$/ && asked > 1) resource = resource " +" (asked - 1)
    if (method == "quit") tell("-", "ok")
  }
  /^>[0-9]+ sending key/ { items++; next }
  /^>[0-9]+ NOREPLY/ { tell("-", "ok") }
  /^>[0-9]+ / && method != "" {
    status = $2
    if (status == "END") status = items == 0 ? "MISS" : items < asked ? "PARTIAL" : "HIT"
    if (status ~ /^[0-9]+$/) status = "OK"
    tell(status, status ~ /ERROR/ ? "warning" : "ok")
  }
  END { if (method != "") tell("*", "*") }'

# Four bytes a line. The first line says the opcode, the second of an answer the status, the fourth the opaque.
# <27    0x80 0x0c 0x00 0x03
# >27   0x81 0x0c 0x00 0x03
binary='
  BEGIN {
    split("get set add replace delete incr decr quit flush getq noop version getk getkq append prepend stat " \
      "setq addq replaceq deleteq incrq decrq quitq flushq appendq prependq verbosity touch", names, " ")
    for (i in names) name[sprintf("0x%02x", i - 1)] = names[i]
    split("OK NOT_FOUND EXISTS TOO_LARGE INVALID_ARGUMENTS NOT_STORED NON_NUMERIC", words, " ")
    for (i in words) word[sprintf("0x%02x", i - 1)] = words[i]
  }
  function answer(status, i) {
    for (i = 1; i <= last; i++) {
      if (i in answered || code[i] != opcode || opaque[i] != $2 $3 $4 $5) continue
      if (name[opcode] ~ /^get/) status = status == "OK" ? "HIT" : "MISS"
      answered[i] = status
      return
    }
  }
  / 0x8[01] / { line = 0; opcode = $3; isAnswer = / 0x81 / }
  /^[<>][0-9]+ +0x/ { line++ }
  line == 2 { status = word[$5] }
  line == 4 && !isAnswer { code[++last] = opcode; opaque[last] = $2 $3 $4 $5 }
  line == 4 && isAnswer { answer(status); line = 5 }
  line == 4 { line = 5 }
  END {
    for (i = 1; i <= last; i++) {
      status = i in answered ? answered[i] : name[code[i]] == "stat" ? "*" : "-"
      outcome = status ~ /TOO_LARGE|INVALID|NON/ ? "warning" : "ok"
      printf "memcached\t%s\t*\t%s\t%s\n", name[code[i]], status, outcome
    }
  }'

# Segments that carry something, or begin or end a connection.
carrying='tcp[13] & 7 != 0 or ip[2:2] - ((ip[0] & 15) << 2) - (tcp[12] >> 2 & 60) != 0'

serve
record memcached-tools
tools "--servers=127.0.0.1:$port"
served memcached-tools "$text"

serve
record memcached-binary-tools
tools "--servers=127.0.0.1:$port --binary"
served memcached-binary-tools "$binary"

# libmemcached's examination of a server, with every command in every form; but `verbosity`, which ends the log.
serve
record memcached-capable "$carrying"
for command in set mget flush add replace cas delete incr append stat; do
  for form in "$command" "$command noreply"; do
    memccapable -h 127.0.0.1 -p "$port" -T "ascii $form" >"$work/out"
  done
done
served memcached-capable "$text"

serve
record memcached-binary-capable "$carrying"
memccapable -h 127.0.0.1 -p "$port" -b >"$work/out"
served memcached-binary-capable "$binary"

# HOST [udp|binary], and a dialogue on standard input: see memcached.py.
dialogue() {
  python3 "$here/memcached.py" "$1" "$port" ${2:-} >>"$work/told"
}

# Ends a recording of dialogues.
told() {
  stop
  (echo '# what the client was to ask, and was answered' && cat "$work/told") | truth "$1"
  rm "$work/told"
}

serve
record memcached-text
# Several connections, one of them over IPv6; several commands at once; values that look like replies; no replies.
dialogue 127.0.0.1 <<'END'
set cart:1 5 0 24\r\nEND\r\nSTORED\r\nERROR\r\n\x00\xff\r\n\r\n | STORED\r\n | cart:1 | STORED | ok

get cart:1\r\n | VALUE cart:1 5 24\r\n.{24}\r\nEND\r\n | cart:1 | HIT | ok

set a 0 0 1\r\n1\r\n | STORED\r\n | a | STORED | ok
add a 0 0 1\r\n1\r\n | NOT_STORED\r\n | a | NOT_STORED | ok
append b 0 0 1\r\n1\r\n | NOT_STORED\r\n | b | NOT_STORED | ok
prepend a 0 0 1 noreply\r\n2\r\n | | a | - | ok
incr a 9\r\n | 30\r\n | a | OK | ok
decr nowhere 9\r\n | NOT_FOUND\r\n | nowhere | NOT_FOUND | ok
gat 60 a cart:1\r\n | VALUE a 0 2\r\n30\r\nVALUE cart:1 5 24\r\n.{24}\r\nEND\r\n | a +1 | HIT | ok
gats 60 a\r\n | VALUE a 0 2 \d+\r\n30\r\nEND\r\n | a | HIT | ok
gets a b c\r\n | VALUE a 0 2 \d+\r\n30\r\nEND\r\n | a +2 | PARTIAL | ok
get b c\r\n | END\r\n | b +1 | MISS | ok
cas a 0 0 1 1\r\nx\r\n | EXISTS\r\n | a | EXISTS | ok
cas b 0 0 1 1\r\nx\r\n | NOT_FOUND\r\n | b | NOT_FOUND | ok
delete a noreply\r\n | | a | - | ok
touch a 0\r\n | NOT_FOUND\r\n | a | NOT_FOUND | ok
flush_all noreply\r\n | |  | - | ok
version\r\n | VERSION [^\r]+\r\n |  | VERSION | ok
stats reset\r\n | RESET\r\n | reset | RESET | ok
stats items\r\n | (STAT \S+ \S+\r\n)*END\r\n | items | END | ok

lru_crawler metadump all\r\n | (key=[^\r]+\r\n)*END\r\n | metadump | END | ok
END
dialogue ::1 <<'END'
set large 0 0 5000\r\n@5000\r\n | STORED\r\n | large | STORED | ok
get large\r\n | VALUE large 0 5000\r\nx{5000}\r\nEND\r\n | large | HIT | ok

set a 0 0 1\r\nx\r\n | STORED\r\n | a | STORED | ok
incr a 1\r\n | CLIENT_ERROR [^\r]+\r\n | a | CLIENT_ERROR | warning
set a 0 0 -1\r\n | CLIENT_ERROR [^\r]+\r\n | a | CLIENT_ERROR | warning
get\r\n | ERROR\r\n |  | ERROR | warning
shutdown\r\n | ERROR: shutdown not enabled\r\n |  | ERROR | warning
quit\r\n | |  | - | ok
END
told memcached-text

# Most of what is too large is not kept: lost bytes of a value are not missed.
record memcached-toolarge 'less 4000'
dialogue 127.0.0.1 <<'END'
set large 0 0 1100000\r\n@1100000\r\n | SERVER_ERROR object too large for cache\r\n | large | SERVER_ERROR | warning

get large\r\n | END\r\n | large | MISS | ok
set large 0 0 500\r\n@500\r\n | STORED\r\n | large | STORED | ok
get large\r\n | VALUE large 0 500\r\nx{500}\r\nEND\r\n | large | HIT | ok
END
told memcached-toolarge

record memcached-meta
dialogue 127.0.0.1 <<'END'
ms tea 5 T0\r\nblack\r\n | HD\r\n | tea | STORED | ok
ms tea 5 ME\r\nwhite\r\n | NS\r\n | tea | NOT_STORED | ok
ms Y2FrZQ== 5 b c\r\nlemon\r\n | HD c\d+\r\n | Y2FrZQ== | STORED | ok
mg tea\r\n | HD\r\n | tea | HIT | ok
mg tea v t k\r\n | VA 5 t-1 ktea\r\nblack\r\n | tea | HIT | ok
mg nothing v\r\n | EN\r\n | nothing | MISS | ok
mg stub N30 t\r\n | HD t30 W\r\n | stub | HIT | ok
me tea\r\n | ME tea [^\r]+\r\n | tea | OK | ok
me nothing\r\n | EN\r\n | nothing | MISS | ok
ma tea\r\n | CLIENT_ERROR [^\r]+\r\n | tea | CLIENT_ERROR | warning
ma hits N0 J5 v\r\n | VA 1\r\n5\r\n | hits | OK | ok
ma hits\r\n | HD\r\n | hits | OK | ok
md tea I\r\n | HD\r\n | tea | DELETED | ok
md tea C1\r\n | EX\r\n | tea | EXISTS | ok
md nothing\r\n | NF\r\n | nothing | NOT_FOUND | ok
mn\r\n | MN\r\n |  | OK | ok

mg nothing v q O1\r\n | | nothing | - | ok
mg hits v q O2\r\n | VA 1 O2\r\n6\r\n | hits | HIT | ok
mg nowhere v q O3\r\n | | nowhere | - | ok
mn\r\n | MN\r\n |  | OK | ok

mg nothing v q k\r\n | | nothing | - | ok
mg nowhere v q k\r\n | | nowhere | - | ok
mg hits v q k\r\n | VA 1 khits\r\n6\r\n | hits | HIT | ok
ms hits 1 q\r\n7\r\n | | hits | - | ok
ms hits 1 q ME\r\n8\r\n | NS\r\n | hits | NOT_STORED | ok
md hits q\r\n | | hits | - | ok
md hits q\r\n | NF\r\n | hits | NOT_FOUND | ok
mn\r\n | MN\r\n |  | OK | ok
END
told memcached-meta

# The opaque (it may be the same for all) pairs what is answered; what is quiet is answered only if there is news.
record memcached-binary
dialogue ::1 binary <<'END'
set 01 1 k=tea x=0000000500000000 v=black | 0000 | tea | OK | ok
get 00 2 k=tea | 0000 ....black | tea | HIT | ok
get 00 3 k=nothing | 0001 Not found | nothing | MISS | ok
add 02 4 k=tea x=0000000500000000 v=white | 0002 | tea | EXISTS | ok
set 01 5 k=large x=0000000000000000 v=@5000 | 0000 | large | OK | ok
getk 0c 6 k=large | 0000 ....largex{5000} | large | HIT | ok
incr 05 8 k=tea x=0000000000000001000000000000000000000000 | 0006 | tea | NON_NUMERIC | warning
incr 05 9 k=n x=0000000000000001000000000000000a00000000 | 0000 \x00{7}\n | n | OK | ok
append 0e 10 k=nothing v=x | 0005 | nothing | NOT_STORED | ok
gat 1d 11 k=tea x=0000003c | 0000 ....black | tea | HIT | ok
touch 1c 12 k=nothing x=0000003c | 0001 | nothing | NOT_FOUND | ok

getkq 0d 0 k=none | | none | - | ok
getkq 0d 0 k=tea | 0000 ....teablack | tea | HIT | ok
getkq 0d 0 k=nil | | nil | - | ok
getkq 0d 0 k=n | 0000 ....n10 | n | HIT | ok
noop 0a 0 | 0000 |  | OK | ok

getq 09 21 k=none | | none | - | ok
getq 09 22 k=tea | 0000 ....black | tea | HIT | ok
setq 11 23 k=q x=0000000000000000 v=1 | | q | - | ok
addq 12 24 k=q x=0000000000000000 v=1 | 0002 | q | EXISTS | ok
deleteq 14 25 k=q | | q | - | ok
deleteq 14 26 k=q | 0001 | q | NOT_FOUND | ok
version 0b 27 | 0000 \d |  | OK | ok
quitq 17 28 | |  | - | ok
END
told memcached-binary

# 1400 bytes a datagram: the large one comes in four.
record memcached-udp
dialogue 127.0.0.1 udp <<'END'
set tea 0 0 5\r\nblack\r\n | STORED\r\n | tea | STORED | ok

get tea\r\n | VALUE tea 0 5\r\nblack\r\nEND\r\n | tea | HIT | ok

get nothing\r\n | END\r\n | nothing | MISS | ok

set tea 0 0 5 noreply\r\nwhite\r\n | | tea | - | ok

get large\r\n | VALUE large 0 5000\r\nx{5000}\r\nEND\r\n | large | HIT | ok

incr tea 1\r\n | CLIENT_ERROR [^\r]+\r\n | tea | CLIENT_ERROR | warning

mg tea v\r\n | VA 5\r\nwhite\r\n | tea | HIT | ok
END
dialogue ::1 udp <<'END'
get tea nothing\r\n | VALUE tea 0 5\r\nwhite\r\nEND\r\n | tea +1 | PARTIAL | ok
END
told memcached-udp
kill "$server"
wait "$server" || true

# Users: the first thing that is set is no item, but who it is. A password is never shown.
echo 'shop:secret' >"$work/users"
serve -U 0 -Y "$work/users"
record memcached-users
dialogue 127.0.0.1 <<'END'
get tea\r\n | CLIENT_ERROR unauthenticated\r\n | tea | CLIENT_ERROR | warning

set who 0 0 10\r\nshop wrong\r\n | CLIENT_ERROR authentication failure\r\n | who | CLIENT_ERROR | warning
END
dialogue 127.0.0.1 <<'END'
set who 0 0 11\r\nshop secret\r\n | STORED\r\n | who | STORED | ok

get tea\r\n | END\r\n | tea | MISS | ok
END
told memcached-users
kill "$server"
wait "$server" || true
