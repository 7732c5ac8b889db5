#!/bin/sh
# Runs a command on the node of a lab: enter.sh PID COMMAND... where PID is the node's first process.
# nsenter passes no signal on into another PID namespace; this does, and it ends as the command ends.
first=$1
shift
nsenter --target "$first" --net --pid --mount --uts -- "$@" <&0 &
entered=$!
trap 'kill -TERM $(cat "/proc/$entered/task/$entered/children") 2>/dev/null' TERM INT
while :; do
  wait "$entered"
  code=$?
  # A signal ends the waiting, not what is waited for.
  kill -0 "$entered" 2>/dev/null || exit "$code"
done
