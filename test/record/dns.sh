#!/bin/sh
# Records what dnsmasq and the resolver of Node say to each other, as capture files in $1: root, tcpdump, dnsmasq and
# the Node of the checkout needed. Only the loopback interface is used.
set -eu
out=$1
port=53539
mkdir -p "$out"
long=$(printf 'x%.0s' $(seq 1 200))
dnsmasq --no-daemon --no-resolv --no-hosts --listen-address=127.0.0.1 --bind-interfaces --port=$port --user=root \
  --address=/web.test/10.1.2.3 --address=/web.test/fd00::1:2 --cname=shop.test,store.test \
  --host-record=store.test,10.1.2.4 --srv-host=_sip._tcp.test,web.test,5060 --mx-host=test,mail.test,10 \
  --ptr-record=3.2.1.10.in-addr.arpa,web.test --local=/test/ --edns-packet-max=512 \
  --txt-record=long.test,"$long","$long","$long" --txt-record=short.test,hello >"$out/log" 2>&1 &
server=$!
trap 'kill $server' EXIT

ask() {
  tcpdump -i lo -U -w "$out/$1.pcap" "port $port" 2>/dev/null &
  dump=$!
  sleep 1
  node --input-type=module -e "
    import { Resolver } from 'node:dns/promises'
    const resolver = new Resolver({ timeout: 500, tries: 1 })
    resolver.setServers(['127.0.0.1:$port'])
    const ask = (name, type) => resolver.resolve(name, type).catch(() => {})
    await $2"
  sleep 1
  kill $dump
  wait $dump || true
}

ask answers "Promise.all([ask('Web.test', 'A'), ask('web.test', 'AAAA'), ask('shop.test', 'A'), ask('_sip._tcp.test', 'SRV'), ask('test', 'MX'), ask('3.2.1.10.in-addr.arpa', 'PTR'), ask('short.test', 'TXT')])"
ask failures "Promise.all([ask('nowhere.test', 'A'), ask('elsewhere.example', 'A')])"
ask tcp "ask('long.test', 'TXT')"
