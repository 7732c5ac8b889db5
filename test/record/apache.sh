#!/bin/sh
# Records what a real Apache and curl say. Needs root, tcpdump, apache2, curl and socat.
#
# The truth: Apache's own access log; what is proxied is asked twice, by curl and by Apache, and logged twice.
. "$(dirname "$0")/lib.sh"

port=8080
log=$work/access
mkdir "$work/site" "$work/site/sub" "$work/cgi" "$work/site/denied"
seq 2500 >"$work/site/large.txt"
seq 300 >"$work/site/numbers.txt"
echo '<!doctype html><p>hello</p>' >"$work/site/index.html"
tab=$(printf '\t')
cat >"$work/cgi/stream" <<'END'
#!/bin/sh
printf 'Content-Type: text/plain\n\n'
for part in one two three; do echo "$part of $QUERY_STRING"; sleep 0.1; done
END
cat >"$work/cgi/broken" <<'END'
#!/bin/sh
exit 1
END
cat >"$work/cgi/took" <<'END'
#!/bin/sh
printf 'Status: 202 Accepted\nContent-Type: text/plain\n\n%s\n' "$(wc -c)"
END
chmod a+x "$work"/cgi/*
chmod a+w "$work"
touch "$log"
for module in mpm_event authz_core dir mime deflate filter alias cgid rewrite proxy proxy_http reqtimeout env; do
  echo "LoadModule ${module}_module /usr/lib/apache2/modules/mod_$module.so"
done >"$work/conf"
cat >>"$work/conf" <<END
ServerName localhost
ServerRoot $work
PidFile $work/pid
DefaultRuntimeDir $work
ScriptSock $work/cgisock
ErrorLog $work/errors
User www-data
Group www-data
Listen 127.0.0.1:$port
Listen [::1]:$port
StartServers 1
MinSpareThreads 5
MaxSpareThreads 10
ThreadsPerChild 5
MaxRequestWorkers 10
HttpProtocolOptions Unsafe
LogFormat "%H$tab%m$tab%r$tab%>s" truth
CustomLog $log truth
DocumentRoot $work/site
TypesConfig /etc/mime.types
DirectoryIndex index.html
ScriptAlias /cgi/ $work/cgi/
ScriptAlias /back/ $work/cgi/
ProxyPass /proxied/ http://127.0.0.1:$port/back/
ProxyPass /gone/ http://127.0.0.1:9/
Redirect 302 /old /index.html
SetOutputFilter DEFLATE
KeepAliveTimeout 5
RequestReadTimeout header=1 body=1
LimitRequestBody 1000
<Directory $work/site/denied>
  Require all denied
</Directory>
END
apache2 -f "$work/conf" -DFOREGROUND 2>"$work/log" &
apache=$!
listening $port

get() { curl -sS "$@" >/dev/null; }
at=http://127.0.0.1:$port
six=http://[::1]:$port

# Ends a recording: what was logged since the last one is its truth. HTTP/0.9 knows no status.
tell() {
  stop
  {
    echo "# Apache's access log"
    awk -F '\t' -v OFS='\t' '{
      split($3, line, " ")
      outcome = $4 == "-" ? "error" : $4 < 400 ? "ok" : $4 < 500 ? "warning" : "error"
      print "http", $2, line[2], $1 == "HTTP/0.9" ? "-" : $4, outcome
    }' "$log"
  } | truth "$1"
  : >"$log"
}

record apache-files
get "$at/" "$at/numbers.txt?a=1;b=2" "$at/none" "$at/denied/" "$at/sub" "$at/sub/" -L "$at/old"
get --compressed "$at/large.txt" --next -I "$at/large.txt" --next -r 5-9,15-19 "$at/numbers.txt"
get -H 'If-Modified-Since: Fri, 31 Dec 2100 00:00:00 GMT' "$at/numbers.txt" --next -0 "$at/large.txt"
get -g "$six/" "$six/none" --next -X OPTIONS "$at/" --next -X TRACE "$at/" --next -X PATCH "$at/index.html"
get "$at/cgi/stream?x" "$at/cgi/stream?y" "$at/cgi/broken" "$at/cgi/none" "$at/gone/"
get -H 'Expect: 100-continue' -d 'a=1' "$at/cgi/took" --next -d 'b=2' "$at/cgi/took"
seq 100 | get -T - "$at/cgi/took" --next --data-binary "@$work/site/large.txt" "$at/cgi/took"
tell apache-files

record apache-proxy
get "$at/proxied/stream?a" "$at/proxied/broken" "$at/proxied/none" --next -d c=3 "$at/proxied/took"
tell apache-proxy

record apache-odd
# HTTP/0.9: a line, and the page
{ printf 'GET /index.html\r\n'; sleep 0.5; } | socat - TCP:127.0.0.1:$port >"$work/answers"
# a head, and a body, that take too long
{ printf 'GET /slow HTTP/1.1\r\nHost: a\r\n'; sleep 2.5; } | socat - TCP:127.0.0.1:$port >>"$work/answers"
{ printf 'POST /cgi/took HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n123'; sleep 2.5; } |
  socat - TCP:127.0.0.1:$port >>"$work/answers"
# lines that end with a line feed, a folded field, no Host, a version nobody speaks; what follows an error is never answered
{ printf 'GET /?lf HTTP/1.1\nHost: a\nX-Folded: one\n two\nConnection: close\n\n'; sleep 0.5; } |
  socat - TCP:127.0.0.1:$port >>"$work/answers"
{ printf 'GET /?nohost HTTP/1.1\r\n\r\n'; sleep 0.5; } | socat - TCP:127.0.0.1:$port >>"$work/answers"
{
  printf '%s HTTP/1.1\r\nHost: a\r\n\r\n' 'GET /?1' 'BREW /?2' 'GET /none?3' 'GET /?4'
  sleep 0.5
} | socat - TCP:127.0.0.1:$port >>"$work/answers"
printf 'HTTP/1.1\tGET\tGET %s HTTP/1.1\t-\n' '/none?3' '/?4' >>"$log"
tell apache-odd

kill $apache
