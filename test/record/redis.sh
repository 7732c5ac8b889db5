#!/bin/sh
# Records what a real Redis and its own client say. Needs root, tcpdump, redis-server and redis-cli.
#
# The truth: what this script had redis-cli ask and how it expects that to end, and the code of the error that
# redis-cli was told. It stops when one disagrees with the other.
. "$(dirname "$0")/lib.sh"

# Without COMMAND redis-cli does not load its help, which would be most of the recording.
cat >"$work/users" <<'END'
user default on nopass ~* &* +@all -command
user ann on >secret ~cart:* &* +@all -command -flushall
END

serve() {
  port=$1
  shift
  redis-server --port "$port" --bind 127.0.0.1 ::1 --dir "$work" --save '' --aclfile "$work/users" \
    --enable-debug-command yes "$@" >>"$work/log" &
  listening "$port"
}

# One connection of redis-cli. Its arguments are redis-cli's; standard input has a command a line, behind how it is
# to end: ok, warning, error. COMMAND is what redis-cli asks by itself.
talk() {
  cat >"$work/asked"
  cut -d ' ' -f 2- "$work/asked" | redis-cli --no-raw "$@" >"$work/answered"
  printf 'redis\tCOMMAND\t%s\tNOPERM\twarning\n' DOCS '' >>"$work/truth"
  told <"$work/asked"
}

# What was asked (standard input) with what is in $work/answered. Elements of an answer but the first are no answers.
told() {
  awk '
    function word(text) { sub(/^"/, "", text); sub(/"$/, "", text); return text }
    FNR == NR && (/^ / || (/^[0-9]+[)#~] / && !/^1[)#~] /)) { next }
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

# Ends a recording: all that was told since the last one is its truth.
tell() {
  stop
  (echo '# what redis-cli was to ask, and was answered' && cat "$work/truth") | truth "$1"
  rm "$work/truth"
}

serve 6379

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
redis-cli DEL counter >/dev/null
head -c 16000 /dev/zero | tr '\0' 'x' | redis-cli -x SET large >/dev/null
redis-cli GET large >/dev/null
cat >>"$work/truth" <<'END'
redis	DEL	counter	OK	ok
redis	SET	large	OK	ok
redis	GET	large	OK	ok
END
tell redis-commands
