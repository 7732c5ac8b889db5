#!/bin/sh
# Records what a real Cassandra client says, DataStax's driver for Python, to a stand-in for the server (cassandra.py).
# Needs root, tcpdump, python3-cassandra, python3-lz4 and python3-snappy.
#
# The truth: what the stand-in wrote down of what it was asked, and how it answered.
. "$(dirname "$0")/lib.sh"

for recording in v3 v4 v4-lz4 v4-snappy v4-login v5 v5-lz4; do
  record "cassandra-$recording" 'tcp port 9042'
  timeout 60 /usr/bin/python3 "$(dirname "$0")/cassandra.py" "$recording" >"$work/truth"
  stop
  truth "cassandra-$recording" <"$work/truth"
done
