#!/bin/sh
# Records what gRPC's own core says, as Python's client and server use it: every kind of call, every status. Needs root,
# tcpdump and python3-grpcio.
#
# The truth: what the client was told.
. "$(dirname "$0")/lib.sh"

record grpc-python 'tcp port 50051'
/usr/bin/python3 "$(dirname "$0")/grpc-calls.py" >"$work/truth"
stop
(echo "# what gRPC's client was told" && cat "$work/truth") | truth grpc-python
