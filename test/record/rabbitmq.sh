#!/bin/sh
# Records what RabbitMQ and two of its clients say: Python's pika, the C library's tools. Root, rabbitmq-server,
# amqp-tools, python3-pika and openssl needed. The truth is what the clients asked and were answered, told by rabbitmq.py
# and, of the tools, by what they print and how they end.
. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
port=5672
openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=localhost -keyout "$work/key.pem" -out "$work/cert.pem" 2>"$work/openssl"
cat >"$work/rabbitmq.conf" <<EOF
listeners.tcp.1 = 127.0.0.1:$port
listeners.tcp.2 = ::1:$port
listeners.ssl.1 = 127.0.0.1:5671
ssl_options.certfile = $work/cert.pem
ssl_options.keyfile = $work/key.pem
ssl_options.verify = verify_none
log.console.level = error
EOF
export HOME="$work" LANG=C.UTF-8 RABBITMQ_NODENAME=inkling@localhost RABBITMQ_NODE_IP_ADDRESS= RABBITMQ_CONFIG_FILE="$work/rabbitmq" \
  RABBITMQ_MNESIA_BASE="$work/mnesia" RABBITMQ_LOG_BASE="$work/log" RABBITMQ_ENABLED_PLUGINS_FILE="$work/plugins" \
  RABBITMQ_PID_FILE="$work/pid" ERL_EPMD_ADDRESS=127.0.0.1
/usr/lib/rabbitmq/bin/rabbitmq-server >"$work/server" 2>&1 &
listening $port
listening 5671
/usr/lib/rabbitmq/bin/rabbitmqctl await_startup >/dev/null

for part in work confirms faults tls; do
  record "rabbitmq-$part" 'port 5671 or port 5672'
  /usr/bin/python3 "$here/rabbitmq.py" $part "$work/cert.pem" >"$work/truth"
  stop
  truth "rabbitmq-$part" <"$work/truth"
done

# A tool opens a connection and a channel of its own for each thing it does.
opened() {
  printf 'amqp\tconnection.start\t\tOK\tok\namqp\tconnection.tune\t\tOK\tok\namqp\tconnection.open\t/\tOK\tok\namqp\tchannel.open\t\tOK\tok\n'
}
closed() {
  printf 'amqp\tchannel.close\t\tOK\tok\namqp\tconnection.close\t\tOK\tok\n'
}
say() {
  printf 'amqp\t%s\t%s\t%s\t%s\n' "$@"
}
record rabbitmq-tools "port $port"
{
  echo '# the tools of librabbitmq: what they were told to do, what they printed, how they ended'
  queue=$(amqp-declare-queue -q letters)
  opened
  say queue.declare "$queue" OK ok
  closed
  amqp-publish -r letters -b 'how are you?' && opened && say basic.publish /letters - ok && closed
  head -c 10000 /dev/zero | tr '\0' x | amqp-publish -r letters && opened && say basic.publish /letters - ok && closed
  [ "$(amqp-get -q letters)" = 'how are you?' ] && opened && say basic.get letters OK ok && closed
  amqp-get -q letters | wc -c | grep -qx 10000 && opened && say basic.get letters OK ok && closed
  amqp-get -q letters || { opened && say basic.get letters EMPTY ok && closed; }
  amqp-get -q nowhere 2>/dev/null || { opened && say basic.get nowhere '404 NOT_FOUND' warning && say channel.close '*' '404 NOT_FOUND' warning; }
  amqp-delete-queue -q letters >/dev/null && opened && say queue.delete letters OK ok && closed
} >"$work/truth"
stop
truth rabbitmq-tools <"$work/truth"
/usr/lib/rabbitmq/bin/rabbitmqctl shutdown >/dev/null
