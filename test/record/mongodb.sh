#!/bin/sh
# Records what a real MongoDB client says, PyMongo, to a stand-in for the server (mongodb.py). Needs root, tcpdump,
# python3-pymongo, python3-snappy and python3-zstandard.
#
# The truth: what PyMongo's own listeners were told of each command and of its reply.
. "$(dirname "$0")/lib.sh"

for recording in commands failures large compressed legacy; do
  record "mongodb-$recording" 'tcp port 27017'
  timeout 60 /usr/bin/python3 "$(dirname "$0")/mongodb.py" "$recording" >"$work/truth"
  stop
  truth "mongodb-$recording" <"$work/truth"
done
