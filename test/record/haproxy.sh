#!/bin/sh
# Records what a real HAProxy says, between curl and nginx: plain, and with the PROXY protocol in both versions. Needs
# root, tcpdump, haproxy, nginx, curl and socat.
#
# The truth: HAProxy's log of what it was asked and nginx's of what it was asked in turn.
. "$(dirname "$0")/lib.sh"

log=$work/access
tab=$(printf '\t')
mkdir "$work/site"
seq 2000 >"$work/site/numbers.txt"
echo '<p>hello</p>' >"$work/site/index.html"
cat >"$work/nginx" <<END
worker_processes 1;
daemon off;
pid $work/pid;
error_log $work/errors;
events {}
http {
  log_format truth escape=none '\$request_method$tab\$request_uri$tab\$status';
  access_log $log truth;
  client_body_temp_path $work/body;
  proxy_temp_path $work/proxy;
  fastcgi_temp_path $work/fastcgi;
  uwsgi_temp_path $work/uwsgi;
  scgi_temp_path $work/scgi;
  server {
    listen 127.0.0.1:8080;
    listen 127.0.0.1:8081 proxy_protocol;
    root $work/site;
    location /made { return 201 made; }
    location /fails { return 500; }
  }
}
END
cat >"$work/haproxy" <<END
global
  log $work/haproxy.socket local0
defaults
  mode http
  log global
  # unused connections would say nothing
  option dontlognull
  log-format "%HM$tab%HU$tab%ST"
  timeout connect 1s
  timeout client 2s
  timeout server 500ms
  timeout http-request 1s
  retries 0
frontend plain
  bind 127.0.0.1:8000
  bind [::1]:8000
  http-request deny if { path /denied }
  http-request redirect location /index.html if { path /old }
  http-request return status 200 content-type text/plain string hello if { path /own }
  use_backend silent if { path /silent }
  use_backend gone if { path /gone }
  default_backend nginx
frontend version1
  bind 127.0.0.1:8001
  default_backend nginx1
frontend version2
  bind 127.0.0.1:8002
  bind [::1]:8002
  default_backend nginx2
backend nginx
  server a 127.0.0.1:8080
backend nginx1
  server a 127.0.0.1:8081 send-proxy
backend nginx2
  server a 127.0.0.1:8081 send-proxy-v2
backend silent
  server a 127.0.0.1:8082
backend gone
  server a 127.0.0.1:9
END
# a log message each, behind its priority and where it comes from
socat -u "UNIX-RECV:$work/haproxy.socket" - >>"$work/told" &
logged=$!
nginx -c "$work/nginx" 2>"$work/log" &
nginx=$!
# takes connections and never answers
socat TCP-LISTEN:8082,bind=127.0.0.1,reuseaddr,fork SYSTEM:'sleep 5' &
silent=$!
: >"$work/told"
listening 8081
listening 8082
haproxy -db -f "$work/haproxy" >"$work/log" 2>&1 &
haproxy=$!
listening 8002

get() { curl -sS "$@" >/dev/null; }
at=http://127.0.0.1

# Ends a recording: what was logged since the last one is its truth.
tell() {
  stop
  {
    echo "# HAProxy's log and nginx's"
    sed 's/^<[0-9]*>[^:]*:[0-9]*:[0-9]* haproxy\[[0-9]*\]: //; s/^"//; s/"$//' "$work/told" | cat - "$log" |
      awk -F '\t' -v OFS='\t' '{
        outcome = $3 == "-" ? "error" : $3 < 400 ? "ok" : $3 < 500 ? "warning" : "error"
        print "http", $1, $2, $3, outcome
      }'
  } | truth "$1"
  : >"$log"
  : >"$work/told"
}

record haproxy-plain
get "$at:8000/" "$at:8000/numbers.txt?a=1" "$at:8000/none" "$at:8000/fails" "$at:8000/denied" "$at:8000/own"
get -L "$at:8000/old" --next -I "$at:8000/numbers.txt" --next -d a=1 "$at:8000/made" --next -X DELETE "$at:8000/"
get -g "http://[::1]:8000/" --next "$at:8000/gone" --next "$at:8000/silent"
printf 'GET\t/silent\t-\n' >>"$log"
tell haproxy-plain

record haproxy-proxy
get "$at:8001/numbers.txt" "$at:8001/none" --next -d a=1 "$at:8001/made" &
get "$at:8002/numbers.txt" "$at:8002/none" --next -d a=1 "$at:8002/made"
get -g 'http://[::1]:8002/six' "$at:8001/fails"
wait $!
tell haproxy-proxy

kill $haproxy $nginx $silent $logged
