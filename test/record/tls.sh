#!/bin/sh
# Records TLS as OpenSSL and GnuTLS speak it: nginx and openssl s_server answer curl, openssl s_client and gnutls-cli.
# Needs root, tcpdump, openssl, nginx, curl, gnutls-bin and python3.
#
# The truth: what this script had a client do and how it says beforehand that this ends. It stops when the words of the
# client, or of nginx's log, are others.
. "$(dirname "$0")/lib.sh"

# Segments shorter than records, as on a wire.
ip link set lo mtu 1500

# --- certificates: NAME SUBJECT EXTENSION [openssl's options]
cd "$work"
key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }
authority() {
  key "$1"
  openssl req -x509 -new -key "$1.key" -subj "/CN=$2" -days 3650 -out "$1.pem" \
    -addext basicConstraints=critical,CA:true 2>/dev/null
}
certificate() {
  name=$1 subject=$2 extension=$3
  shift 3
  key "$name"
  openssl req -new -key "$name.key" -subj "$subject" -out "$name.csr"
  echo "$extension" >"$name.ext"
  openssl x509 -req -in "$name.csr" -CA authority.pem -CAkey authority.key -CAcreateserial -extfile "$name.ext" \
    -out "$name.pem" "$@" 2>/dev/null
}
authority authority 'Test Authority'
authority stranger 'Another Authority'
certificate shop '/O=Shop/CN=shop.example' 'subjectAltName=DNS:shop.example,DNS:www.shop.example' -days 3650
certificate unnamed '/O=Shop' 'subjectAltName=email:shop@shop.example,DNS:alternative.example,DNS:b.example' -days 3650
certificate client '/CN=ann' 'extendedKeyUsage=clientAuth' -days 3650
openssl req -new -key shop.key -subj /CN=old.example -out old.csr
openssl x509 -req -in old.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days -1 -out old.pem 2>/dev/null

# --- servers
mkdir www
head -c 30000 /dev/urandom >www/large
echo small >www/index.html
cat >nginx.conf <<END
daemon off; pid $work/nginx.pid; error_log $work/error.log info;
events {}
http {
  access_log off; root $work/www; default_type text/plain;
  client_body_temp_path $work/t1; proxy_temp_path $work/t2; fastcgi_temp_path $work/t3;
  uwsgi_temp_path $work/t4; scgi_temp_path $work/t5;
  ssl_certificate shop.pem; ssl_certificate_key shop.key;
  ssl_session_cache shared:a:1m; ssl_early_data on; ssl_protocols TLSv1.2 TLSv1.3;
  server { listen 4430 ssl http2; listen [::1]:4430 ssl http2; server_name shop.example; }
  server { listen 4430 ssl http2; server_name old.example; ssl_certificate old.pem; ssl_certificate_key shop.key; }
  server { listen 4431 ssl default_server; ssl_reject_handshake on; }
  server { listen 4431 ssl; server_name shop.example; }
  server { listen 4432 ssl; ssl_ecdh_curve secp384r1; }
  server { listen 4433 ssl; ssl_protocols TLSv1.2; }
  server { listen 4480; }
}
END
nginx -p "$work" -c nginx.conf 2>/dev/null &
# PORT OPTION ...
serve() {
  port=$1
  shift
  tail -f /dev/null | openssl s_server -accept "$port" "$@" >>"$work/served" 2>&1 &
  listening "$port"
}
shop='-cert shop.pem -key shop.key'
serve 4440 $shop -rev -tls1 -cipher DEFAULT@SECLEVEL=0
serve 4441 $shop -rev -tls1_1 -cipher DEFAULT@SECLEVEL=0
serve 4442 $shop -rev -Verify 1 -CAfile authority.pem -verify_return_error
serve 4443 -cert unnamed.pem -key unnamed.key -rev -no_tls1_3
serve 4444 $shop -early_data -tls1_3
listening 4430
# Agrees to encrypt in the words of SMTP.
cat >smtp.py <<'END'
import socket, ssl
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain('shop.pem', 'shop.key')
with socket.create_server(('127.0.0.1', 2525)) as server:
    client, _ = server.accept()
    client.sendall(b'220 mail.example ESMTP\r\n')
    for answer in [b'250-mail.example\r\n250 STARTTLS\r\n', b'220 go ahead\r\n']:
        client.recv(1000)
        client.sendall(answer)
    with context.wrap_socket(client, server_side=True) as secured:
        secured.recv(1000)
END
python3 smtp.py &
listening 2525

# --- what is asked
# RESOURCE STATUS OUTCOME WORDS COMMAND ...: the client says WORDS, or nginx logs them.
connect() {
  resource=$1 status=$2 outcome=$3 words=$4
  shift 4
  : >error.log
  "$@" </dev/null >said 2>&1 || true
  sleep 0.1
  if ! grep -qE "$words" said error.log; then
    echo "nobody says '$words':" >&2
    cat said error.log >&2
    exit 1
  fi
  printf 'tls\tHANDSHAKE\t%s\t%s\t%s\n' "$resource" "$status" "$outcome" >>truth
}
# Ends a recording: all that was told since the last one is its truth.
tell() {
  stop
  (echo '# what clients were to do, and said themselves or nginx of them' && cat truth) | truth "$1"
  rm truth
}
web() { curl -sv --max-time 5 --cacert authority.pem --resolve '*:4430:127.0.0.1' --resolve '*:4431:127.0.0.1' "$@"; }
# A client that says a line and goes.
line() { (echo line; sleep 0.3) | openssl s_client -CAfile authority.pem "$@"; }
# One that waits for the server's next word.
wait_for() { (sleep 0.5) | openssl s_client -CAfile authority.pem "$@"; }

record tls-versions
connect shop.example TLSv1.3 ok 'SSL connection using TLSv1.3' web --http1.1 https://shop.example:4430/
connect shop.example TLSv1.3 ok 'ALPN: server accepted h2' web https://shop.example:4430/
connect shop.example TLSv1.2 ok 'SSL connection using TLSv1.2' web --tls-max 1.2 --http1.1 https://shop.example:4430/
connect shop.example TLSv1.1 ok 'Protocol  : TLSv1.1' line -connect 127.0.0.1:4441 -servername shop.example -tls1_1 -cipher DEFAULT@SECLEVEL=0
connect shop.example TLSv1.0 ok 'Protocol  : TLSv1$' line -connect 127.0.0.1:4440 -noservername -tls1 -cipher DEFAULT@SECLEVEL=0
connect shop.example TLSv1.2 ok 'New, TLSv1.2' line -connect 127.0.0.1:4430 -noservername -tls1_2
connect '' TLSv1.3 ok 'New, TLSv1.3' line -connect 127.0.0.1:4430 -noservername
connect alternative.example TLSv1.2 ok 'New, TLSv1.2' line -connect 127.0.0.1:4443 -noservername
connect shop.example TLSv1.3 ok 'SSL connection using TLSv1.3' curl -skv --http1.1 --resolve 'shop.example:4430:[::1]' https://shop.example:4430/
connect www.shop.example TLSv1.3 ok 'Description: \(TLS1.3' gnutls-cli --x509cafile authority.pem -p 4430 --sni-hostname www.shop.example --verify-hostname shop.example 127.0.0.1
connect shop.example TLSv1.2 ok 'Description: \(TLS1.2' gnutls-cli --x509cafile authority.pem -p 4430 --disable-sni --verify-hostname shop.example --priority NORMAL:-VERS-TLS1.3 127.0.0.1
tell tls-versions

record tls-resumed
for version in tls1_2 tls1_3; do
  connect shop.example "TLSv1.${version#tls1_}" ok 'New, TLSv1' line -connect 127.0.0.1:4430 -servername shop.example -$version -sess_out session-$version
  connect shop.example "TLSv1.${version#tls1_}" ok 'Reused, TLSv1' line -connect 127.0.0.1:4430 -servername shop.example -$version -sess_in session-$version
done
connect '' TLSv1.3 ok 'New, TLSv1.3' line -connect 127.0.0.1:4444 -noservername -sess_out session-early
echo 'first line' >early
connect '' TLSv1.3 ok 'Early data was accepted' line -connect 127.0.0.1:4444 -noservername -sess_in session-early -early_data early
# the server wants another curve: HelloRetryRequest
connect shop.example TLSv1.3 ok 'Server Temp Key: ECDH, (secp384r1|P-384)' line -connect 127.0.0.1:4432 -servername shop.example
tell tls-resumed

record tls-refused
# the client does not trust the server; OpenSSL says why in the clear in TLS 1.3 too, GnuTLS encrypts it
distrust() { curl -sv --cacert stranger.pem --resolve shop.example:4430:127.0.0.1 "$@" https://shop.example:4430/; }
connect shop.example unknown_ca error 'TLSv1.2 \(OUT\), TLS alert, unknown CA' distrust --tls-max 1.2
connect shop.example unknown_ca error 'TLSv1.3 \(OUT\), TLS alert, unknown CA' distrust
connect shop.example encrypted_alert error 'certificate issuer is unknown' gnutls-cli --x509cafile stranger.pem -p 4430 --sni-hostname shop.example 127.0.0.1
connect old.example certificate_expired error 'TLSv1.2 \(OUT\), TLS alert, certificate expired' web --tls-max 1.2 https://old.example:4430/
connect old.example certificate_expired error 'TLSv1.3 \(OUT\), TLS alert, certificate expired' web https://old.example:4430/
# the server has no such name, version, cipher
connect nobody.example unrecognized_name warning 'TLS alert, unrecognized name' web https://nobody.example:4431/
connect shop.example protocol_version warning 'SSL alert number 70' line -connect 127.0.0.1:4433 -servername shop.example -tls1_3
connect shop.example handshake_failure warning 'SSL alert number 40' line -connect 127.0.0.1:4433 -servername shop.example -tls1_2 -cipher AES128-SHA
connect shop.example protocol_version warning 'SSL alert number 70' line -connect 127.0.0.1:4430 -servername shop.example -tls1_1 -cipher DEFAULT@SECLEVEL=0
# no TLS at all on a port of TLS, and the other way round
curl -s http://127.0.0.1:4430/ | grep -q 'The plain HTTP request was sent to HTTPS port'
printf 'http\tGET\t/\t400\twarning\n' >>truth
connect shop.example - error 'wrong version number' curl -sv --resolve shop.example:4480:127.0.0.1 https://shop.example:4480/
tell tls-refused

record tls-client-certificate
certify() { wait_for -connect 127.0.0.1:4442 -servername shop.example "$@"; }
for version in 2 3; do
  connect shop.example "TLSv1.$version" ok "New, TLSv1.$version" line -connect 127.0.0.1:4442 -servername shop.example -tls1_$version -cert client.pem -key client.key
done
connect shop.example handshake_failure warning 'SSL alert number 40' certify -tls1_2
connect shop.example encrypted_alert warning 'SSL alert number 116' certify -tls1_3
connect shop.example unknown_ca warning 'SSL alert number 48' certify -tls1_2 -cert stranger.pem -key stranger.key
connect shop.example encrypted_alert warning 'SSL alert number 48' certify -tls1_3 -cert stranger.pem -key stranger.key
tell tls-client-certificate

record tls-large
connect shop.example TLSv1.3 ok '^< HTTP/1.1 200 OK' web --http1.1 -o answer https://shop.example:4430/large
cmp answer www/large
tell tls-large

record tls-starttls
connect mail.example TLSv1.3 ok 'New, TLSv1.3' line -connect 127.0.0.1:2525 -servername mail.example -starttls smtp
tell tls-starttls
