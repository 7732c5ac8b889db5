#!/bin/sh
# Records what Mosquitto and its own clients say. Needs root, tcpdump, mosquitto, mosquitto-clients, socat and openssl.
#
# The truth: what the clients say they sent and received (-d). Codes are given the words of MQTT 5.0.
. "$(dirname "$0")/lib.sh"

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj /CN=mosquitto.test \
  -keyout "$work/key" -out "$work/certificate" 2>/dev/null
cat >"$work/conf" <<END
per_listener_settings true
user root
log_type error
max_topic_alias 5
listener 1883
allow_anonymous true
acl_file $work/acl
listener 1884
allow_anonymous false
password_file $work/passwords
listener 1885
allow_anonymous true
plugin $(ls /usr/lib/*/mosquitto_dynamic_security.so)
plugin_opt_config_file $work/security.json
listener 8883
allow_anonymous true
certfile $work/certificate
keyfile $work/key
END
printf 'topic readwrite shop/#\ntopic readwrite large\n' >"$work/acl"
cat >"$work/security.json" <<'END'
{
  "defaultACLAccess": {
    "publishClientSend": true, "publishClientReceive": true, "subscribe": false, "unsubscribe": true
  },
  "clients": [], "groups": [], "roles": []
}
END
touch "$work/passwords"
chmod 600 "$work"/*
mosquitto_passwd -b "$work/passwords" ann secret
mosquitto -c "$work/conf" >"$work/log" 2>&1 &
for port in 1883 1884 1885 8883; do listening $port; done

# A client: VERSION COMMAND [OPTION ...]. What it says goes to a file of its own.
client() {
  version=$1
  command=$2
  shift 2
  said=$(mktemp "$work/said.XXXXXX")
  echo "version $version" >"$said"
  timeout 20 stdbuf -oL "$command" -d -V "$version" "$@" >>"$said" 2>&1 || true
}

# Ends a recording. What the clients said is its truth.
tell() {
  stop
  for said in "$work"/said.*; do
    awk '
      BEGIN {
        names[0] = "Success"; names[1] = "Granted QoS 1"; names[2] = "Granted QoS 2"
        names[16] = "No matching subscribers"; names[17] = "No subscription existed"
        names[128] = "Unspecified error"; names[133] = "Client Identifier not valid"
        names[134] = "Bad User Name or Password"; names[135] = "Not authorized"; names[142] = "Session taken over"
        old[1] = 132; old[2] = 133; old[3] = 136; old[4] = 134; old[5] = 135
      }
      function tell(method, resource, code) {
        if (!(code in names)) { print "no name: " $0 > "/dev/stderr"; exit 1 }
        outcome = code < 128 ? "ok" : code == 128 ? "error" : "warning"
        printf "mqtt\t%s\t%s\t%s\t%s\n", method, resource, names[code], outcome
      }
      function say(method, resource) { printf "mqtt\t%s\t%s\t-\tok\n", method, resource }
      function number(pattern) {
        match($0, pattern "[0-9]+")
        text = substr($0, RSTART, RLENGTH)
        sub(/^.*[^0-9]/, "", text)
        return text + 0
      }
      function topic() { match($0, /\x27[^\x27]*\x27/); return substr($0, RSTART + 1, RLENGTH - 2) }
      function filter() { match($0, /Topic: [^,)]*/); return substr($0, RSTART + 7, RLENGTH - 7) }
      /^version/ { isNew = $2 == 5; next }
      /sending CONNECT/ { id = $2 == "(null)" || $2 == "null" ? "" : $2; connecting = 1 }
      /received CONNACK/ {
        code = number("\\(")
        tell("CONNECT", id, isNew || code == 0 ? code : old[code])
        connecting = 0
      }
      /sending PUBLISH/ { if (/, q0,/) say("PUBLISH", topic()); else published[number(", m")] = topic() }
      /received (PUBACK|PUBCOMP)/ {
        tell("PUBLISH", published[number("Mid: ")], isNew ? number("RC:") : 0)
        delete published[number("Mid: ")]
      }
      /^Warning: Publish .* failed: Not authorized/ && ($3 in published) { tell("PUBLISH", published[$3], 135) }
      /received PUBLISH/ { if (/, q0,/) say("DELIVER", topic()); else delivered[number(", m")] = topic() }
      /sending (PUBACK|PUBCOMP)/ { tell("DELIVER", delivered[number("\\(m")], 0) }
      /sending SUBSCRIBE/ && !(number("Mid: ") in filters) { filters[number("Mid: ")] = filter() }
      /^Subscribed/ {
        first = filters[number("mid: ")]
        sub(/.*: /, "")
        count = split($0, codes, ", ")
        code = codes[1]
        for (i = count; i > 0; i--) if (codes[i] >= 128) code = codes[i]
        if (code == 0) printf "mqtt\tSUBSCRIBE\t%s\tGranted QoS 0\tok\n", first
        else tell("SUBSCRIBE", first, code)
      }
      # which one was answered, and how, is not said
      /sending UNSUBSCRIBE/ { leaving[asked++] = filter() }
      /received UNSUBACK/ { printf "mqtt\tUNSUBSCRIBE\t%s\t%s\tok\n", leaving[answered++], isNew ? "*" : "Success" }
      /received PINGRESP/ { tell("PINGREQ", "", 0) }
      # of its reason the clients say nothing
      /sending DISCONNECT/ { printf "mqtt\tDISCONNECT\t\t%s\tok\n", isNew ? "*" : "-" }
      /received DISCONNECT/ { tell("DISCONNECT", "", number("\\(")) }
      END { if (connecting) printf "mqtt\tCONNECT\t%s\t-\terror\n", id }
    ' "$said" || exit 1
  done >"$work/told"
  rm "$work"/said.*
  (echo '# what the clients said they sent and received' && cat "$work/told" "$work/known" 2>/dev/null || true) | truth "$1"
  rm -f "$work/known"
}

# What is known beforehand: METHOD RESOURCE STATUS OUTCOME.
truly() {
  printf 'mqtt\t%s\t%s\t%s\t%s\n' "$@" >>"$work/known"
}

# A client that goes on meanwhile; `over` waits for all of them.
meanwhile() {
  client "$@" &
  clients="$clients $!"
}
over() {
  wait $clients || true
  clients=
}
clients=

record mosquitto-messages
meanwhile mqttv311 mosquitto_sub -i screen -t 'shop/+/price' -t shop/news -q 2 -W 4
meanwhile 5 mosquitto_sub -i ledger -t 'shop/#' -q 1 -W 4 -D SUBSCRIBE user-property who ledger
meanwhile mqttv31 mosquitto_sub -h ::1 -i old -t 'shop/+/price' -q 0 -W 4 -U shop/nothing
sleep 1
for version in mqttv31 mqttv311 5; do
  for qos in 0 1 2; do
    client $version mosquitto_pub -i "till-$qos" -t shop/pear/price -m 12 -q $qos
  done
done
client 5 mosquitto_pub -h ::1 -i office -t shop/news -m hello -q 1 -r -D PUBLISH content-type text/plain \
  -D PUBLISH user-property from office -D CONNECT session-expiry-interval 60 -D PUBLISH topic-alias 3
client mqttv311 mosquitto_pub -i refused -t elsewhere/news -m hello -q 1
client 5 mosquitto_pub -i refused -t elsewhere/news -m hello -q 1
client 5 mosquitto_pub -i refused -t elsewhere/news -m hello -q 2
client mqttv311 mosquitto_pub -t shop/news -m hello
over
# the message that was kept, and one for which nobody waits
client mqttv311 mosquitto_sub -i late -t shop/news -q 1 -C 1
client 5 mosquitto_pub -i alone -t shop/cellar -m 0 -q 1
client 5 mosquitto_sub -i late -t shop/news -U shop/news -U shop/nothing -W 1
tell mosquitto-messages

record mosquitto-large
head -c 12000 /dev/zero | tr '\0' 'x' >"$work/large"
seq 30 >"$work/lines"
meanwhile mqttv311 mosquitto_sub -i screen -t large -t shop/lines -q 2 -C 31 -N
sleep 0.5
client mqttv311 mosquitto_pub -i till -t large -f "$work/large" -q 2
client 5 mosquitto_pub -i busy -t shop/lines -q 2 -l <"$work/lines"
over
# thirty messages at once, the topic said only once
{
  printf '\020\022\0\004MQTT\005\002\0\074\0\0\005alias'
  printf '\060\021\0\012shop/alias\003\043\0\002x'
  for i in $(seq 29); do printf '\060\007\0\0\003\043\0\002x'; done
  sleep 0.5
  printf '\340\0'
} | socat -t 1 - TCP:127.0.0.1:1883 >/dev/null
truly CONNECT alias Success ok
for i in $(seq 30); do truly PUBLISH shop/alias - ok; done
truly DISCONNECT '' - ok
tell mosquitto-large

record mosquitto-refused
client mqttv311 mosquitto_pub -p 1884 -i ann -u ann -P wrong -t shop/news -m hello
client 5 mosquitto_pub -p 1884 -i ann -u ann -P wrong -t shop/news -m hello
client mqttv31 mosquitto_pub -p 1884 -i nobody -t shop/news -m hello
client 5 mosquitto_pub -p 1884 -i ann -u ann -P secret -t shop/news -m hello
client mqttv311 mosquitto_sub -p 1885 -i curious -t secret/plans -W 1
client 5 mosquitto_sub -p 1885 -i curious -t secret/plans -t '#' -W 1
# a version that nobody speaks
printf '\020\020\0\004MQTT\011\002\0\074\0\004soon' | socat -t 1 - TCP:127.0.0.1:1883 >/dev/null
truly CONNECT soon 'Unsupported Protocol Version' warning
# who comes under a name that is in use takes it over; who dies leaves a will; who is silent pings
meanwhile 5 mosquitto_sub -i twin -t shop/twin -W 10
meanwhile mqttv311 mosquitto_sub -i heir -t shop/will -k 5 -W 7
sleep 0.5
meanwhile 5 mosquitto_sub -i twin -t shop/twin -C 1
sleep 0.5
client 5 mosquitto_pub -i other -t shop/twin -m x
{
  printf '\020\042\0\004MQTT\004\006\0\074\0\005dying\0\011shop/will\0\004gone'
  sleep 0.5
} | socat -t 0 - TCP:127.0.0.1:1883 >/dev/null
truly CONNECT dying Success ok
over
tell mosquitto-refused

record mosquitto-tls
client mqttv311 mosquitto_pub -p 8883 --cafile "$work/certificate" --insecure -i hidden -t shop/news -m hello
client 5 mosquitto_pub -h ::1 -p 8883 --cafile "$work/certificate" --insecure -i hidden -t shop/news -m hello
client 5 mosquitto_pub -i seen -t shop/news -m hello
rm "$(grep -l hidden "$work"/said.* | head -1)" "$(grep -l hidden "$work"/said.* | tail -1)"
printf 'tls\tHANDSHAKE\t*\t*\tok\n%.0s' 1 2 >>"$work/known"
tell mosquitto-tls
