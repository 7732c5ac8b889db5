#!/bin/sh
# Records what a real PostgreSQL and its own clients say, as capture files in $1: root, tcpdump and postgresql needed.
# Its data lives in $1 and goes with the end; only the loopback interface is used.
set -eu
out=$1
port=54329
bin=$(ls -d /usr/lib/postgresql/*/bin | tail -1)
mkdir -p "$out/data" && chown postgres "$out" "$out/data"
as() { su postgres -c "$1"; }
as "$bin/initdb -D $out/data -A trust -N" >/dev/null
printf 'host all guest 127.0.0.1/32 scram-sha-256\nhost all postgres 127.0.0.1/32 trust\n' >"$out/data/pg_hba.conf"
as "$bin/pg_ctl -D $out/data -w -l $out/log -o '-p $port -k $out -c listen_addresses=127.0.0.1' start" >/dev/null
trap 'as "$bin/pg_ctl -D $out/data -m fast stop" >/dev/null; rm -rf "$out/data"' EXIT

sql() { PGSSLMODE=$1 PGGSSENCMODE=disable psql -X -q -h 127.0.0.1 -p $port -U postgres postgres; }
record() {
  tcpdump -i lo -U -w "$out/$1.pcap" "tcp port $port" 2>/dev/null &
  dump=$!
  sleep 1
}
stop() { sleep 1; kill $dump; wait $dump || true; }

echo 'CREATE TABLE cart (id int PRIMARY KEY, item text); CREATE ROLE guest LOGIN' | sql disable

record simple
sql prefer <<'SQL' >/dev/null 2>&1 || true
INSERT INTO cart VALUES (1, 'O''Brien'), (2, E'it\'s');
SELECT item FROM cart WHERE id IN (1, 2) AND item <> $$x$$;
INSERT INTO cart VALUES (1, 'twice');
SELECT 1\; SELECT 'two';
LISTEN news;
NOTIFY news, 'fresh';
SELECT * FROM nowhere;
;
SQL
stop

record copy
sql disable <<'SQL' >/dev/null
COPY cart FROM STDIN;
3	three
4	four
\.
COPY cart TO STDOUT;
SQL
stop

record extended
cat >"$out/script.sql" <<'SQL'
\set id random(1, 2)
BEGIN;
SELECT item FROM cart WHERE id = :id;
COMMIT;
SQL
chmod a+r "$out/script.sql"
PGSSLMODE=disable pgbench -n -M prepared -t 2 -f "$out/script.sql" -h 127.0.0.1 -p $port -U postgres postgres >/dev/null 2>&1
stop

record pipeline
cat >"$out/script.sql" <<'SQL'
\startpipeline
INSERT INTO cart VALUES (10, 'ten');
SELECT item FROM cart WHERE id = 10;
DELETE FROM cart WHERE id = 10;
\endpipeline
SQL
PGSSLMODE=disable pgbench -n -M extended -t 1 -f "$out/script.sql" -h 127.0.0.1 -p $port -U postgres postgres >/dev/null 2>&1
stop

record refused
PGPASSWORD=wrong PGSSLMODE=disable PGGSSENCMODE=disable psql -X -h 127.0.0.1 -p $port -U guest postgres -c 'SELECT 1' 2>/dev/null || true
stop
