#!/bin/sh
# Records what BIND, dnsmasq and their clients say. Needs root, tcpdump, bind9, bind9-dnsutils and dnsmasq.
#
# The truth: what dig says it was answered, with how this script expects that to end; for what servers ask each
# other, their logs.
. "$(dirname "$0")/lib.sh"

ip address add 127.0.0.2/8 dev lo 2>/dev/null || true
long=$(printf 'x%.0s' $(seq 1 250))
{
  echo '$TTL 60'
  echo '@ SOA ns hostmaster 1 60 60 60 60'
  echo '@ NS ns'
  echo 'ns A 127.0.0.1'
  echo 'web A 10.1.2.3'
  echo 'web AAAA fd00::1:2'
  echo 'shop CNAME web'
  echo '@ MX 10 mail'
  echo 'mail A 10.1.2.4'
  echo '_http._tcp SRV 0 5 80 web'
  echo '_http._tcp SRV 0 5 8080 mail'
  echo 'web HTTPS 1 . alpn=h2'
  for i in 1 2 3 4 5 6 7; do echo "long TXT \"$long$i\""; done
  echo '$GENERATE 1-40 host$ A 10.1.3.$'
} >"$work/zone"
sed -e '/GENERATE/d' -e '/long/d' "$work/zone" >"$work/closed"
echo 'nothing of a zone' >"$work/broken"
key() { printf 'key shop { algorithm hmac-sha256; secret "c2VjcmV0"; };\n'; }
# NAME IPV4 IPV6 OTHERS. Whom BIND notifies when is not to be foreseen: this script does it.
options() {
  printf 'options { directory "%s"; pid-file none; session-keyfile none; recursion no; dnssec-validation no; notify no;\n' \
    "$work/$1"
  printf 'listen-on port 53 { %s; }; listen-on-v6 port 53 { %s; }; %s };\n' "$2" "$3" "$4"
  printf 'controls { };\nlogging { channel all { stderr; print-category yes; }; category queries { all; };\n'
  printf 'category default { all; }; };\n'
}
mkdir "$work/first" "$work/second"
{
  options first 127.0.0.1 ::1 'transfer-format one-answer; ixfr-from-differences yes;'
  key
  printf 'zone "shop.test" { type primary; file "%s/zone"; allow-update { key shop; }; };\n' "$work"
  printf 'zone "closed.test" { type primary; file "%s/closed"; allow-transfer { none; }; };\n' "$work"
  printf 'zone "broken.test" { type primary; file "%s/broken"; };\n' "$work"
} >"$work/first.conf"
{
  options second 127.0.0.2 none 'masterfile-format text; querylog no;'
  printf 'zone "shop.test" { type secondary; file "zone"; primaries { 127.0.0.1; }; };\n'
} >"$work/second.conf"

name_server() {
  : >"$work/$1.log"
  named -g -c "$work/$1.conf" 2>>"$work/$1.log" &
  until grep -q 'running$' "$work/$1.log"; do sleep 0.1; done
}
name_server first

# OUTCOME and what dig asks. A truncated answer is asked for again over TCP.
ask() {
  outcome=$1
  shift
  dig +noall +comments +question +tries=1 +timeout=2 "$@" >"$work/said"
  awk -v outcome="$outcome" -v asked="$*" '
    function tell(status, result) { printf "dns\t%s\t%s\t%s\t%s\n", type, name, status, result }
    /Truncated, retrying/ { again = 1 }
    /opcode: / {
      match($0, /opcode: [A-Z0-9]+/); opcode = substr($0, RSTART + 8, RLENGTH - 8)
      match($0, /status: [A-Z]+/); status = substr($0, RSTART + 8, RLENGTH - 8)
    }
    /^;[^; ]/ && !name {
      name = substr($1, 2); sub(/\.$/, "", name)
      type = opcode == "QUERY" ? $3 : opcode
    }
    END {
      if ((status == "NOERROR") != (outcome == "ok")) { print "unexpected: " asked ": " status > "/dev/stderr"; exit 1 }
      if (again) tell("NOERROR", "ok")
      tell(status, outcome)
    }
  ' "$work/said" >>"$work/truth"
}

# What is known beforehand: TYPE NAME STATUS OUTCOME.
truly() {
  printf 'dns\t%s\t%s\t%s\t%s\n' "$@" >>"$work/truth"
}

# Ends a recording: all that was told since the last one is its truth.
tell() {
  stop
  (echo "# $2" && cat "$work/truth") | truth "$1"
  rm "$work/truth"
}

record dns-answers
for server in @127.0.0.1 @::1; do
  ask ok $server web.shop.test A
  ask ok $server web.shop.test AAAA
  ask ok $server shop.shop.test A
  ask ok $server _http._tcp.shop.test SRV
  ask ok $server shop.test MX
  ask ok $server web.shop.test HTTPS
  ask ok $server +noedns shop.test SOA
  ask ok $server +tcp web.shop.test A
  ask ok $server long.shop.test TXT
done
ask ok @127.0.0.1 +ignore +noedns long.shop.test TXT
dig +noall +keepopen +tcp @127.0.0.1 web.shop.test A host1.shop.test A nowhere.shop.test A
truly A web.shop.test NOERROR ok
truly A host1.shop.test NOERROR ok
truly A nowhere.shop.test NXDOMAIN warning
tell dns-answers 'what dig says it was answered'

record dns-failures
ask warning @127.0.0.1 nowhere.shop.test A
ask warning @::1 nowhere.shop.test AAAA
ask error @127.0.0.1 web.broken.test A
ask error @127.0.0.1 www.elsewhere.test A
dig +noall +comments +tries=1 @127.0.0.1 +opcode=status shop.test SOA | grep -q NOTIMP
truly STATUS shop.test NOTIMP warning
ask warning @127.0.0.1 +noednsnegotiation +edns=7 shop.test SOA
ask error @127.0.0.1 +opcode=notify elsewhere.test SOA
# nobody is there: ICMP says so, and dig gives up
dig +noall +tries=1 +timeout=1 @127.0.0.9 web.shop.test A >/dev/null || true
truly A web.shop.test - error
tell dns-failures 'what dig says it was answered'

record dns-zones
dig +noall +tcp @127.0.0.1 shop.test AXFR
truly AXFR shop.test NOERROR ok
dig +noall +tcp @::1 -y hmac-sha256:shop:c2VjcmV0 shop.test AXFR
truly AXFR shop.test NOERROR ok
dig +noall +tcp @127.0.0.1 closed.test AXFR >/dev/null
truly AXFR closed.test REFUSED error
dig +noall @127.0.0.1 shop.test IXFR=1
truly IXFR shop.test NOERROR ok
cat >"$work/update" <<'END'
server 127.0.0.1
zone shop.test
update add new.shop.test 60 A 10.1.2.9
send
prereq yxdomain nowhere.shop.test
update add newer.shop.test 60 A 10.1.2.9
send
END
nsupdate -d -y hmac-sha256:shop:c2VjcmV0 "$work/update" >"$work/said" 2>&1 || true
sed -i -e '/^zone/s/shop/closed/' -e 's/\.shop/.closed/' -e '/prereq/,$d' "$work/update"
nsupdate -d "$work/update" >>"$work/said" 2>&1 || true
awk '
  /^Reply from/ { heard = 1 }
  heard && /opcode: / {
    match($0, /opcode: [A-Z]+/); opcode = substr($0, RSTART + 8, RLENGTH - 8)
    match($0, /status: [A-Z]+/); status = substr($0, RSTART + 8, RLENGTH - 8)
    outcome = status == "NOERROR" ? "ok" : status == "REFUSED" ? "error" : "warning"
  }
  heard && /^;[a-z]/ {
    name = substr($1, 2); sub(/\.$/, "", name)
    printf "dns\t%s\t%s\t%s\t%s\n", opcode == "QUERY" ? $3 : opcode, name, status, outcome
    heard = 0
  }
' "$work/said" >>"$work/truth"
tell dns-zones 'what dig and nsupdate say they were answered'

record dns-servers
: >"$work/first.log"
name_server second
until grep -q 'transfer of .shop.test.* Transfer completed' "$work/second.log"; do sleep 0.1; done
printf 'server 127.0.0.1\nzone shop.test\nupdate add late.shop.test 60 A 10.1.2.9\nsend\n' |
  nsupdate -y hmac-sha256:shop:c2VjcmV0 2>/dev/null
truly UPDATE shop.test NOERROR ok
ask ok @127.0.0.2 +opcode=notify shop.test SOA
until grep -q 'transferred serial 3' "$work/second.log"; do sleep 0.1; done
sleep 0.3
: >"$work/dnsmasq.log"
dnsmasq --no-daemon --no-resolv --no-hosts --listen-address=127.0.0.3 --bind-interfaces --user=root --server=127.0.0.1 \
  --log-queries --log-facility=- --pid-file= 2>>"$work/dnsmasq.log" &
until grep -q 'started' "$work/dnsmasq.log"; do sleep 0.1; done
sleep 0.3
ask ok @127.0.0.3 web.shop.test A
ask ok @127.0.0.3 web.shop.test A
ask ok @127.0.0.3 web.shop.test AAAA
ask warning @127.0.0.3 nowhere.shop.test A
# what the second and dnsmasq asked the first
sed -n 's/.* query: \([^ ]*\) IN \([A-Z]*\) .*/dns\t\2\t\1\t*\t*/p' "$work/first.log" >>"$work/truth"
tell dns-servers 'what dig says it was answered, and what the logs of named say it was asked'
