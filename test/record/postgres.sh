#!/bin/sh
# Records what a real PostgreSQL and its own clients say: psql, pgbench, pg_recvlogical. Needs root, tcpdump, postgresql,
# openssl. The truth is the server's log: what it was asked, and the SQLSTATE that it answered with. What
# the log cannot say (how messages were put together, what is encrypted) is stated here.
. "$(dirname "$0")/lib.sh"
port=5432
bin=$(ls -d /usr/lib/postgresql/*/bin | tail -1)
data=$work/data
log=$work/log
mkdir "$data"
touch "$log"
chown postgres "$work" "$data" "$log"
as() { su postgres -c "$1"; }
as "$bin/initdb -D $data -A trust -N" >/dev/null
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=shop.test -keyout "$data/server.key" -out "$data/server.crt" 2>/dev/null
chown postgres "$data/server.key" "$data/server.crt"
printf 'host all guest all scram-sha-256\nhost all,replication postgres all trust\nlocal all all trust\n' >"$data/pg_hba.conf"
cat >>"$data/postgresql.conf" <<END
port = $port
listen_addresses = '127.0.0.1, ::1'
unix_socket_directories = '$work'
wal_level = logical
max_connections = 10
superuser_reserved_connections = 0
autovacuum = off
log_line_prefix = '%p\t%e\t%d\t'
log_statement = all
log_connections = on
log_replication_commands = on
log_min_error_statement = error
END
as "$bin/pg_ctl -D $data -w -l $log start" >/dev/null
trap 'as "$bin/pg_ctl -D $data -m fast stop" >/dev/null; rm -rf "$work"' EXIT
export PGHOST=127.0.0.1 PGPORT=$port PGUSER=postgres PGDATABASE=postgres PGSSLMODE=disable PGGSSENCMODE=disable

admin() { PGHOST=$work psql -X -q -t -A -c "$1"; }
start() {
  : >"$log"
  record "$1" "tcp port $port"
}

# The log as truth. Statements that were parsed are logged before they are run; others only with their error.
log_truth() {
  echo "# PostgreSQL's log"
  awk -F '\t' '
    function tell(method, resource, status) {
      outcome = status == "00000" ? "ok" : status ~ /^(28|40|42501|57014|55P03)/ ? "warning" : "error"
      print "postgres\t" method "\t" resource "\t" (status == "00000" ? "OK" : status) "\t" outcome
    }
    function verb(statement) {
      return match(statement, /^[A-Za-z_]+/) ? toupper(substr(statement, 1, RLENGTH)) : "Query"
    }
    function flush(pid) {
      if (pid in asked) tell(verb(asked[pid]), asked[pid], status[pid])
      delete asked[pid]
    }
    function ask(pid, statement) { flush(pid); asked[pid] = statement; status[pid] = "00000" }
    NF < 4 { next }
    { pid = $1; text = $4; for (i = 5; i <= NF; i++) text = text "\t" $i }
    text ~ /^LOG:  connection received: host=\[local\]/ { ours[pid] = 1 }
    pid in ours { next }
    text ~ /^LOG:  (replication )?connection authorized/ { started[pid] = $3 }
    text ~ /^FATAL:/ && !(pid in asked) { delete started[pid]; tell("Startup", $3, $2) }
    text ~ /^LOG:  statement: / { ask(pid, substr(text, 18)) }
    text ~ /^LOG:  received replication command: / { ask(pid, substr(text, 37)) }
    text ~ /^LOG:  execute / {
      statement = text
      sub(/^LOG:  execute [^:]*: /, "", statement)
      if (text ~ /^LOG:  execute P_/ && !((pid, statement) in prepared)) {
        prepared[pid, statement] = 1
        tell("PREPARE", statement, "00000")
      }
      ask(pid, statement)
    }
    text ~ /^ERROR:/ { failed[pid] = $2 }
    text ~ /^STATEMENT:  / && pid in failed {
      statement = substr(text, 13)
      if (asked[pid] != statement) ask(pid, statement)
      status[pid] = failed[pid]
      delete failed[pid]
    }
    END {
      for (pid in started) tell("Startup", started[pid], "00000")
      for (pid in asked) flush(pid)
    }' "$log"
}

admin 'CREATE TABLE cart (id int PRIMARY KEY, item text)'
admin "CREATE ROLE guest LOGIN PASSWORD 'secret'"

start postgres-simple
PGHOST=::1 PGSSLMODE=prefer psql -X -q >/dev/null 2>&1 <<'SQL' || true
INSERT INTO cart VALUES (1, 'O''Brien'), (2, E'it\'s');
SELECT item FROM cart WHERE id IN (1, 2) AND item <> $$x$$;
INSERT INTO cart VALUES (1, 'twice');
SELEC 1;
SELECT * FROM nowhere;
SELECT 1/0;
SELECT 1\; SELECT 'two';
BEGIN;
SELECT wrong FROM cart;
SELECT 'in a failed transaction';
ROLLBACK;
DO 'BEGIN RAISE NOTICE ''hello''; RAISE NOTICE ''again''; END';
SET statement_timeout = 50;
SELECT pg_sleep(1);
RESET statement_timeout;
LISTEN news;
NOTIFY news, 'fresh';
PREPARE find AS SELECT item FROM cart WHERE id = $1;
EXECUTE find(2);
DEALLOCATE find;
;
SQL
stop
{
  log_truth
  echo '# the server has no certificate yet'
  printf 'postgres\tSSLRequest\t\tN\tok\n'
} | truth postgres-simple

start postgres-copy
psql -X -q >/dev/null 2>&1 <<'SQL' || true
COPY cart FROM STDIN;
3	three
4	four
\.
COPY cart FROM STDIN;
3	a duplicate
\.
COPY cart FROM STDIN;
no number
\.
COPY cart TO STDOUT;
COPY (SELECT 1/0) TO STDOUT;
SELECT count(*) FROM cart;
SQL
stop
log_truth | truth postgres-copy

start postgres-large
psql -X -q >/dev/null 2>&1 <<'SQL' || true
SELECT i, repeat('x', i % 8) FROM generate_series(1, 1000) i;
SELECT repeat('long', 5000);
SELECT i, 10/(400-i) FROM generate_series(1, 500) i;
COPY (SELECT i FROM generate_series(1, 300) i) TO STDOUT;
SQL
stop
log_truth | truth postgres-large

cat >"$work/prepared.sql" <<'SQL'
\set id random(1, 2)
BEGIN;
SELECT item FROM cart WHERE id = :id;
UPDATE cart SET item = 'cup' WHERE id = 2;
COMMIT;
SQL
chmod a+r "$work/prepared.sql"
start postgres-prepared
pgbench -n -M prepared -t 3 -c 3 -f "$work/prepared.sql" >/dev/null 2>&1
stop
{
  log_truth
  echo '# PREPARE: pgbench prepares a statement before it executes it first, under a name that begins with P_'
} | truth postgres-prepared

cat >"$work/pipeline.sql" <<'SQL'
\startpipeline
INSERT INTO cart VALUES (10, 'ten');
SELECT item FROM cart WHERE id = 10;
DELETE FROM cart WHERE id = 10;
\endpipeline
SELECT 1;
SQL
cat >"$work/failing.sql" <<'SQL'
\startpipeline
SELECT item FROM cart;
INSERT INTO cart VALUES (1, 'twice');
SELECT 2;
\endpipeline
SQL
chmod a+r "$work"/*.sql
start postgres-pipeline
pgbench -n -M extended -t 2 -f "$work/pipeline.sql" >/dev/null 2>&1
pgbench -n -M extended -t 1 -f "$work/failing.sql" >/dev/null 2>&1 || true
stop
{
  echo '# as the scripts above: what stands in a pipeline is answered at once, and ends at its first error'
  for i in 1 2; do
    printf 'postgres\tINSERT\tINSERT INTO cart VALUES (10, %sten%s);; SELECT item FROM cart WHERE id = 10;; DELETE FROM cart WHERE id = 10;\tOK\tok\n' "'" "'"
    printf 'postgres\tSELECT\tSELECT 1;\tOK\tok\n'
  done
  printf 'postgres\tSELECT\tSELECT item FROM cart;; INSERT INTO cart VALUES (1, %stwice%s);; SELECT 2;\t23505\terror\n' "'" "'"
  log_truth | grep -E '	(Startup)	'
} | truth postgres-pipeline

# A statement that is cancelled, and a lock that another connection holds
start postgres-cancel
timeout -s INT 1 psql -X -q -c 'SELECT pg_sleep(20)' >/dev/null 2>&1 || true
psql -X -q -c 'BEGIN' -c 'LOCK TABLE cart' -c 'SELECT pg_sleep(2)' >/dev/null 2>&1 &
sleep 1
psql -X -q -c 'BEGIN' -c 'LOCK TABLE cart NOWAIT' >/dev/null 2>&1 || true
wait $!
stop
{
  log_truth
  echo '# cancelled with a request of its own'
  printf 'postgres\tCancelRequest\t\t-\tok\n'
} | truth postgres-cancel

start postgres-logins
PGPASSWORD=wrong psql -X -U guest -c 'SELECT 1' >/dev/null 2>&1 || true
PGPASSWORD=secret psql -X -U guest -c 'SELECT current_user' >/dev/null 2>&1 || true
psql -X -d nowhere -c 'SELECT 1' >/dev/null 2>&1 || true
psql -X -U nobody -c 'SELECT 1' >/dev/null 2>&1 || true
for i in 1 2 3 4 5 6 7 8 9 10; do psql -X -c "SELECT pg_sleep(2), $i" >/dev/null 2>&1 & done
sleep 1
psql -X -c 'SELECT 11' >/dev/null 2>&1 || true
sleep 2
stop
# that one had no room: it is logged before its database is known
log_truth | sed 's/^postgres	Startup		53300/postgres	Startup	postgres	53300/' | truth postgres-logins

start postgres-replication
pg_recvlogical -d postgres -S changes --create-slot >/dev/null 2>&1
admin "INSERT INTO cart VALUES (77, 'replicated')"
timeout -s INT 2 pg_recvlogical -d postgres -S changes --start -f "$work/changes" >/dev/null 2>&1 || true
pg_recvlogical -d postgres -S changes --drop-slot >/dev/null 2>&1
stop
log_truth | truth postgres-replication

admin "ALTER SYSTEM SET ssl = on"
admin "SELECT pg_reload_conf()" >/dev/null
sleep 1
start postgres-tls
PGSSLMODE=require psql -X -c 'SELECT 1' >/dev/null
PGHOST=::1 PGSSLMODE=require psql -X -c 'SELECT 2' >/dev/null
stop
truth postgres-tls <<'TRUTH'
# as the options above: two connections, encrypted from the startup on
postgres	SSLRequest		S	ok
postgres	SSLRequest		S	ok
tls	HANDSHAKE	*	TLSv1.3	ok
tls	HANDSHAKE	*	TLSv1.3	ok
TRUTH
