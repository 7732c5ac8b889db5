#!/bin/sh
# Records what a real nginx and curl say. Needs root, tcpdump, nginx, curl and socat.
#
# The truth: nginx's own access log. What is proxied is asked twice, by curl and by nginx, and logged twice; but who
# never answers nginx has no log.
. "$(dirname "$0")/lib.sh"

port=8080
log=$work/access
mkdir "$work/site" "$work/site/closed"
head -c 25000 /dev/zero | tr '\0' x >"$work/site/large.txt"
seq 500 >"$work/site/numbers.txt"
echo '<p>hello</p>' >"$work/site/index.html"
tab=$(printf '\t')
cat >"$work/conf" <<END
worker_processes 1;
daemon off;
pid $work/pid;
error_log $work/errors;
events {}
http {
  # 499: the client went away unanswered
  map \$status \$told { 499 -; default \$status; }
  map \$status \$outcome { ~^4(?!99) warning; ~^[23] ok; default error; }
  log_format truth escape=none 'http$tab\$request_method$tab\$request_uri$tab\$told$tab\$outcome';
  access_log $log truth;
  client_body_temp_path $work/body;
  proxy_temp_path $work/proxy;
  fastcgi_temp_path $work/fastcgi;
  uwsgi_temp_path $work/uwsgi;
  scgi_temp_path $work/scgi;
  gzip on;
  gzip_types text/plain;
  gzip_min_length 100;
  limit_req_zone \$uri zone=once:32k rate=1r/m;
  server {
    listen 127.0.0.1:$port;
    listen [::1]:$port;
    root $work/site;
    client_max_body_size 2k;
    location /app/ { proxy_pass http://127.0.0.1:8081; }
    location /gone/ { proxy_pass http://127.0.0.1:9; }
    location /slow/ { proxy_pass http://127.0.0.1:8082; proxy_read_timeout 1s; }
    location /busy { limit_req zone=once; }
    location /loop { try_files /nothing /loop; }
    location /old { return 308 /new; }
  }
  server {
    listen 127.0.0.1:8081;
    location /app/created { return 201 made; }
    location /app/empty { return 204; }
    location / { return 200 "from the application"; }
  }
}
END
nginx -c "$work/conf" 2>"$work/log" &
nginx=$!
# takes connections and never answers
socat TCP-LISTEN:8082,bind=127.0.0.1,reuseaddr,fork SYSTEM:'sleep 5' &
silent=$!
listening $port
listening 8082

get() { curl -sS "$@" >/dev/null; }
at=http://127.0.0.1:$port
six=http://[::1]:$port

# Ends a recording: what was logged since the last one is its truth.
tell() {
  stop
  (echo "# nginx's access log" && cat "$log") | truth "$1"
  : >"$log"
}

record nginx-files
get "$at/" "$at/index.html?a=1&b=two" "$at/large.txt" "$at/none" "$at/closed/" "$at/closed"
get "$at/numbers.txt" --next --compressed "$at/numbers.txt" --next -I "$at/large.txt"
get -r 100-199 "$at/large.txt" --next -r 40000- "$at/large.txt" --next -r 0-9,20-29 "$at/numbers.txt"
get -H 'If-Modified-Since: Fri, 31 Dec 2100 00:00:00 GMT' "$at/numbers.txt" "$at/index.html"
get -0 "$at/numbers.txt" --next -g "$six/index.html" "$six/none" --next -L "$at/old"
tell nginx-files

record nginx-methods
get -X OPTIONS "$at/" --next -X DELETE "$at/index.html" --next -X PROPFIND "$at/" --next -d a=1 "$at/index.html"
get -H 'Expect: 100-continue' -d '{"sku":12}' "$at/app/created" --next -d x "$at/app/empty"
seq 100 | get -T - "$at/app/put" --next -H 'Expect:' --data-binary "@$work/site/large.txt" "$at/app/large"
get -H 'Expect: 100-continue' --data-binary "@$work/site/large.txt" "$at/app/large"
get "$at/app/x" "$at/app/y?q=%20" "$at/app/z"
tell nginx-methods

record nginx-failures
get "$at/gone/a" "$at/gone/b" "$at/loop" "$at/busy" "$at/busy" "$at/slow/a"
# the client gives up before the server does
get -m 0.3 "$at/slow/b" 2>/dev/null || true
printf 'http\tGET\t/slow/%s\t-\terror\n' a b >>"$log"
tell nginx-failures

record nginx-pipeline
{
  printf '%s\r\n' \
    'GET /index.html?1 HTTP/1.1' 'Host: a' '' 'HEAD /large.txt HTTP/1.1' 'Host: a' '' \
    'GET /none HTTP/1.1' 'Host: a' '' 'GET /app/x HTTP/1.1' 'Host: a' '' \
    'POST /app/created HTTP/1.1' 'Host: a' 'Content-Length: 4' '' 'ab' \
    'GET /numbers.txt HTTP/1.1' 'Host: a' 'Connection: close' ''
  # a client that says no more would be one that went away
  sleep 1
} | socat - TCP:127.0.0.1:$port >"$work/answers"
get -Z --no-progress-meter --parallel-immediate "$at/index.html?[1-6]" "$at/none?[1-3]"
tell nginx-pipeline

kill $nginx $silent
