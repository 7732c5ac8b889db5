#!/bin/sh
# Records what a real MariaDB and its clients say: mariadb, mariadb-dump and mariadb.c. Needs root, tcpdump, mariadb-server,
# gcc and libmariadb-dev. The truth is the server's general log, with the errors that the clients were told; where the
# log cannot say it (what is compressed, encrypted, refused), it is stated here.
. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
port=3306
socket=$work/socket
log=$work/log
mkdir "$work/data"
touch "$log"
chown mysql "$work" "$work/data" "$log"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=shop.test -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
chown mysql "$work/key.pem"
mariadb-install-db --no-defaults --user=mysql --datadir="$work/data" --auth-root-authentication-method=normal >/dev/null 2>&1
mariadbd --no-defaults --user=mysql --datadir="$work/data" --socket="$socket" --port=$port --bind-address='*' \
  --pid-file="$work/pid" --skip-name-resolve --general-log=0 --general-log-file="$log" --local-infile=1 --max-connections=10 \
  --ssl-cert="$work/cert.pem" --ssl-key="$work/key.pem" --innodb-buffer-pool-size=32M >"$work/server" 2>&1 &
listening $port
admin() { mariadb --no-defaults -S "$socket" -u root -N "$@"; }
trap 'admin -e SHUTDOWN; wait; rm -rf "$work"' EXIT

admin <<'SQL'
CREATE DATABASE shop;
CREATE DATABASE IF NOT EXISTS test;
CREATE TABLE shop.cart (id int PRIMARY KEY, item text);
CREATE TABLE shop.sold ENGINE=Aria AS SELECT seq, REPEAT('x', 50) AS item FROM shop.seq_1_to_500000;
CREATE USER keeper IDENTIFIED BY 'secret', guest IDENTIFIED BY 'hushhush';
GRANT ALL ON *.* TO keeper;
GRANT SELECT ON test.* TO guest;
delimiter //
CREATE PROCEDURE shop.offers() BEGIN SELECT 1; SELECT item FROM cart; END//
SQL

# keeper FILE OPTION...: runs statements, one a line; what the client is told of errors goes to $work/errors
keeper() {
  file=$1
  shift
  mariadb --no-defaults -u keeper -psecret --port $port --force "$@" <"$file" >/dev/null 2>"$work/errors" || true
}
logged() { admin -e "SET GLOBAL general_log = $1"; }
start() {
  logged 0
  : >"$log"
  logged 1
  record "$1" "tcp port $port"
}

# The log as truth: FILE holds the statements, whose errors are known by their lines. Values and the names of
# statements that were prepared are not in it.
log_truth() {
  logged 0
  echo "# MariaDB's general log, with the errors that the client was told"
  awk -F '\t' -v statements="$1" -v errors="$work/errors" '
    function tell(method, resource, status) {
      outcome = status == "OK" ? "ok" : status == 1045 || status == 1213 ? "warning" : "error"
      print "mysql\t" method "\t" resource "\t" status "\t" outcome
    }
    function verb(statement) {
      sub(/^(\/\*M?![0-9]*)? */, "", statement)
      match(statement, /^[A-Za-z]+/)
      return toupper(substr(statement, 1, RLENGTH))
    }
    BEGIN {
      while ((getline line < errors) > 0) if (match(line, /^ERROR [0-9]+/)) {
        number = substr(line, 7, RLENGTH - 6)
        match(line, /at line [0-9]+/)
        byLine[substr(line, RSTART + 8, RLENGTH - 8)] = number
      }
      while ((getline line < statements) > 0) {
        n++
        sub(/(;|\/\/)$/, "", line)
        if (n in byLine) failed[line] = byLine[n]
      }
    }
    match($0, /^[0-9: ]*\t+ *[0-9]+ [A-Z][A-Za-z ]*\t/) {
      rest = substr($0, RLENGTH + 1)
      head = substr($0, 1, RLENGTH - 1)
      sub(/^[0-9: ]*\t+ *[0-9]+ /, "", head)
      if (rest ~ /general_log|^SHUTDOWN/ || rest ~ /^root@/) next
      if (head == "Connect" && match(rest, / on [a-z]+/)) tell("LOGIN", substr(rest, RSTART + 4, RLENGTH - 4), "OK")
      else if (head == "Connect") tell("LOGIN", substr(rest, 1, index(rest, "@") - 1), "OK")
      if (head == "Query") tell(verb(rest), rest, rest in failed ? failed[rest] : "OK")
      if (head == "Init DB") tell("INIT_DB", rest, rest in failed ? failed[rest] : "OK")
      if (head == "Field List") { sub(/ +$/, "", rest); tell("FIELD_LIST", rest, "OK") }
    }' "$log"
}

cat >"$work/queries" <<'SQL'
INSERT INTO cart VALUES (1, 'O''Brien'), (2, "it's"), (3, NULL);
SELECT item FROM cart WHERE id IN (1, 2) AND item <> 'x';
INSERT INTO cart VALUES (1, 'twice');
SELEC 1;
SELECT * FROM nowhere;
SELECT wrong FROM cart;
BEGIN;
UPDATE cart SET item = 'cup' WHERE id = 2;
COMMIT;
PREPARE find FROM 'SELECT item FROM cart WHERE id = ?';
SET @id = 2;
EXECUTE find USING @id;
DEALLOCATE PREPARE find;
CALL offers();
SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no';
/*!40101 SET @a = 1 */;
delimiter //
SELECT 1; SELECT 'two'; UPDATE cart SET item = 'pot' WHERE id = 3; SELECT 3//
DO 0; SELECT * FROM nowhere2; SELECT 4//
delimiter ;
USE test;
SQL
start mariadb-queries
keeper "$work/queries" -h ::1 --skip-ssl --comments shop
stop
log_truth "$work/queries" >"$work/truth"
# what is sent as one is logged in parts
grep -vE "	(SELECT 1; |SELECT 'two'|UPDATE cart SET item = 'pot'|SELECT 3|DO 0|SELECT \* FROM nowhere2|SELECT 4)" "$work/truth" >"$work/truth2"
{
  cat "$work/truth2"
  printf "mysql\tSELECT\tSELECT 1; SELECT 'two'; UPDATE cart SET item = 'pot' WHERE id = 3; SELECT 3\tOK\tok\n"
  printf 'mysql\tDO\tDO 0; SELECT * FROM nowhere2; SELECT 4\t1146\terror\n'
} | truth mariadb-queries

cat >"$work/large" <<'SQL'
SELECT seq, REPEAT('x', seq MOD 8) FROM seq_1_to_1500;
SELECT REPEAT('long', 5000);
SELECT seq FROM seq_1_to_0;
SQL
start mariadb-large
keeper "$work/large" -h 127.0.0.1 --skip-ssl shop
stop
log_truth "$work/large" | truth mariadb-large

for i in $(seq 1000 1400); do printf '%s\tof many\n' "$i"; done >"$work/rows"
cat >"$work/load" <<'SQL'
LOAD DATA LOCAL INFILE 'rows' INTO TABLE cart;
LOAD DATA LOCAL INFILE 'nowhere' INTO TABLE cart;
SELECT COUNT(*) FROM cart;
SQL
start mariadb-load
cd "$work"
keeper "$work/load" -h 127.0.0.1 --skip-ssl --local-infile=1 shop
stop
# the client has no such file: to the server it is an empty one
sed -i '/nowhere/d' "$work/errors"
log_truth "$work/load" | truth mariadb-load
admin -e "DELETE FROM shop.cart WHERE id >= 1000"

gcc -o "$work/client" "$here/mariadb.c" -lmariadb
start mariadb-prepared
{
  echo '# what the client asked, and was told'
  "$work/client" $port
} | truth mariadb-prepared
stop

start mariadb-dump
mariadb-dump --no-defaults -u keeper -psecret -h 127.0.0.1 --port $port --skip-ssl shop cart --where 'id < 10' >/dev/null 2>"$work/errors"
stop
: >"$work/none"
log_truth "$work/none" | truth mariadb-dump

long=$(printf 'long %.0s' $(seq 60))
cat >"$work/compressed" <<SQL
SELECT 1;
DO 0;
SELECT * FROM nowhere;
SELECT REPEAT('a long answer ', 500);
SELECT '$long';
UPDATE cart SET item = '$long' WHERE id = 1;
SQL
start mariadb-compressed
keeper "$work/compressed" -h 127.0.0.1 --skip-ssl --compress shop
stop
truth mariadb-compressed <<'TRUTH'
# as the statements above: the server compresses more than 50 bytes, as any result is, the client more than 150
mysql	LOGIN	shop	OK	ok
mysql	SELECT	SELECT 1	-	ok
mysql	DO	DO 0	OK	ok
mysql	SELECT	SELECT * FROM nowhere	1146	error
mysql	SELECT	SELECT REPEAT('a long answer ', 500)	-	ok
mysql	COMPRESSED	<compressed>	-	ok
mysql	COMPRESSED	<compressed>	OK	ok
TRUTH

echo 'SELECT 1;' >"$work/one"
start mariadb-tls
keeper "$work/one" -h 127.0.0.1 --ssl shop
keeper "$work/one" -h ::1 --ssl shop
stop
truth mariadb-tls <<'TRUTH'
# as the options above: two connections, encrypted from the login on
mysql	SSLRequest		-	ok
mysql	SSLRequest		-	ok
tls	HANDSHAKE	*	TLSv1.3	ok
tls	HANDSHAKE	*	TLSv1.3	ok
TRUTH

logged 0
record mariadb-logins "tcp port $port"
call() { mariadb --no-defaults -h 127.0.0.1 --port $port --skip-ssl "$@" >/dev/null 2>>"$work/errors" || true; }
: >"$work/errors"
call -u keeper -pwrong shop -e 'SELECT 1'
call -u guest -phushhush shop -e 'SELECT 1'
call -u keeper -psecret nowhere -e 'SELECT 1'
for i in 1 2 3 4 5 6 7 8 9 10; do call -u guest -phushhush test -e "SELECT SLEEP(2), $i" & done
sleep 1
call -u guest -phushhush test -e 'SELECT 11'
sleep 2
stop
{
  echo '# the errors that the client was told, and that there is room for ten connections'
  sed -n 's/^ERROR \([0-9]*\).*/\1/p' "$work/errors" | while read -r number; do
    case $number in
      1045) printf 'mysql\tLOGIN\tshop\t1045\twarning\n' ;;
      1044) printf 'mysql\tLOGIN\tshop\t1044\twarning\n' ;;
      1049) printf 'mysql\tLOGIN\tnowhere\t1049\terror\n' ;;
      *) printf 'mysql\tLOGIN\ttest\t%s\terror\n' "$number" ;;
    esac
  done
  for i in 1 2 3 4 5 6 7 8 9 10; do
    printf 'mysql\tLOGIN\ttest\tOK\tok\nmysql\tSELECT\tSELECT SLEEP(2), %s\tOK\tok\n' "$i"
  done
} | truth mariadb-logins
