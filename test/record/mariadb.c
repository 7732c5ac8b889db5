/*
 * A client of MariaDB that does what the command line's does not: prepared statements, cursors, parameters sent in
 * pieces, arrays of parameters, and the commands that are no statements. It prints the truth of its recording: what
 * it asked, and the number of the error it got.
 *
 *     cc -o client mariadb.c -lmariadb && ./client PORT
 */
#include <mariadb/mysql.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *outcome_of(unsigned number) {
  return number == 0 ? "ok" : number == 1045 ? "warning" : "error";
}

static void told(const char *method, const char *resource, unsigned number) {
  printf("mysql\t%s\t%s\t", method, resource);
  if (number) printf("%u", number);
  else printf("OK");
  printf("\t%s\n", outcome_of(number));
}

static MYSQL_STMT *prepare(MYSQL *mysql, const char *text) {
  MYSQL_STMT *stmt = mysql_stmt_init(mysql);
  mysql_stmt_prepare(stmt, text, strlen(text));
  told("PREPARE", text, mysql_stmt_errno(stmt));
  return stmt;
}

static void execute(MYSQL_STMT *stmt, const char *verb, const char *text) {
  mysql_stmt_execute(stmt);
  told(verb, text, mysql_stmt_errno(stmt));
}

static void bind_number(MYSQL_BIND *bind, int *value) {
  memset(bind, 0, sizeof *bind);
  bind->buffer_type = MYSQL_TYPE_LONG;
  bind->buffer = value;
}

static void reads(MYSQL *mysql) {
  const char *text = "SELECT id, item FROM cart WHERE id >= ?";
  MYSQL_STMT *stmt = prepare(mysql, text);
  MYSQL_BIND bind;
  for (int id = 1; id <= 3; id++) {
    bind_number(&bind, &id);
    mysql_stmt_bind_param(stmt, &bind);
    execute(stmt, "SELECT", text);
    mysql_stmt_store_result(stmt);
    mysql_stmt_free_result(stmt);
  }
  mysql_stmt_reset(stmt);
  told("STMT_RESET", text, mysql_stmt_errno(stmt));
  mysql_stmt_close(stmt);
}

/* With a cursor, rows come when they are fetched. */
static void fetches(MYSQL *mysql) {
  const char *text = "SELECT seq FROM seq_1_to_5";
  unsigned long type = CURSOR_TYPE_READ_ONLY, rows = 2;
  MYSQL_STMT *stmt = prepare(mysql, text);
  mysql_stmt_attr_set(stmt, STMT_ATTR_CURSOR_TYPE, &type);
  mysql_stmt_attr_set(stmt, STMT_ATTR_PREFETCH_ROWS, &rows);
  execute(stmt, "SELECT", text);
  int value;
  MYSQL_BIND bind;
  bind_number(&bind, &value);
  mysql_stmt_bind_result(stmt, &bind);
  while (mysql_stmt_fetch(stmt) == 0) {}
  for (int i = 0; i < 3; i++) told("FETCH", text, 0);
  mysql_stmt_close(stmt);
}

static void writes(MYSQL *mysql) {
  const char *text = "INSERT INTO cart VALUES (?, ?)";
  MYSQL_STMT *stmt = prepare(mysql, text);
  int id = 100;
  MYSQL_BIND bind[2];
  bind_number(&bind[0], &id);
  memset(&bind[1], 0, sizeof bind[1]);
  bind[1].buffer_type = MYSQL_TYPE_STRING;
  bind[1].buffer = "kettle";
  bind[1].buffer_length = 6;
  mysql_stmt_bind_param(stmt, bind);
  mysql_stmt_send_long_data(stmt, 1, "a long ", 7);
  mysql_stmt_send_long_data(stmt, 1, "kettle", 6);
  execute(stmt, "INSERT", text);
  execute(stmt, "INSERT", text); /* a second time: a duplicate */
  mysql_stmt_close(stmt);
  mysql_stmt_close(prepare(mysql, "SELECT wrong FROM cart"));
  mysql_stmt_close(prepare(mysql, "INSERT INTO cart VALUES (7, 'bowl')"));
}

/* Many rows of parameters in one packet, which only MariaDB knows. */
static void bulk(MYSQL *mysql) {
  const char *text = "INSERT INTO cart (id, item) VALUES (?, 'of many')";
  MYSQL_STMT *stmt = prepare(mysql, text);
  int ids[] = {201, 202, 203};
  unsigned rows = 3;
  MYSQL_BIND bind;
  bind_number(&bind, ids);
  mysql_stmt_attr_set(stmt, STMT_ATTR_ARRAY_SIZE, &rows);
  mysql_stmt_bind_param(stmt, &bind);
  execute(stmt, "INSERT", text);
  mysql_stmt_close(stmt);
}

/* Prepares and executes without waiting in between. */
static void at_once(MYSQL *mysql) {
  const char *text = "SELECT item FROM cart WHERE id = 1";
  MYSQL_STMT *stmt = mysql_stmt_init(mysql);
  unsigned parameters = 0;
  mysql_stmt_attr_set(stmt, STMT_ATTR_PREBIND_PARAMS, &parameters);
  mariadb_stmt_execute_direct(stmt, text, strlen(text));
  told("PREPARE", text, 0);
  told("SELECT", text, mysql_stmt_errno(stmt));
  mysql_stmt_store_result(stmt);
  mysql_stmt_close(stmt);
}

static void query(MYSQL *mysql, const char *verb, const char *text) {
  told(verb, text, mysql_query(mysql, text) ? mysql_errno(mysql) : 0);
}

static unsigned reports;

static void report(const MYSQL *mysql, unsigned stage, unsigned stages, double done, const char *text, unsigned length) {
  reports++;
}

/* A statement that takes so long that the server tells how far it has got. */
static void progresses(MYSQL *mysql) {
  query(mysql, "SET", "SET SESSION progress_report_time = 1");
  query(mysql, "ALTER", "ALTER TABLE sold ADD KEY (item, seq)");
  if (reports == 0) fprintf(stderr, "no progress was reported\n");
}

static void commands(MYSQL *mysql) {
  told("PING", "", mysql_ping(mysql) ? mysql_errno(mysql) : 0);
  mysql_stat(mysql);
  told("STATISTICS", "", mysql_errno(mysql));
  mysql_free_result(mysql_list_fields(mysql, "cart", "%"));
  told("FIELD_LIST", "cart", mysql_errno(mysql));
  told("INIT_DB", "nowhere", mysql_select_db(mysql, "nowhere") ? mysql_errno(mysql) : 0);
  told("INIT_DB", "shop", mysql_select_db(mysql, "shop") ? mysql_errno(mysql) : 0);
  mysql_free_result(mysql_list_processes(mysql));
  told("PROCESS_INFO", "", mysql_errno(mysql));
  told("KILL", "KILL 4000000", mysql_kill(mysql, 4000000) ? mysql_errno(mysql) : 0);
  mysql_set_server_option(mysql, MYSQL_OPTION_MULTI_STATEMENTS_ON);
  told("SET_OPTION", "", mysql_errno(mysql));
  mysql_reset_connection(mysql);
  told("RESET_CONNECTION", "", mysql_errno(mysql));
  told("CHANGE_USER", "test", mysql_change_user(mysql, "guest", "hushhush", "test") ? mysql_errno(mysql) : 0);
  told("CHANGE_USER", "shop", mysql_change_user(mysql, "guest", "wrong", "shop") ? mysql_errno(mysql) : 0);
}

int main(int count, char **words) {
  if (count < 2) return 2;
  MYSQL *mysql = mysql_init(NULL);
  my_bool no = 0;
  mysql_optionsv(mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &no);
  mysql_optionsv(mysql, MYSQL_PROGRESS_CALLBACK, report);
  if (!mysql_real_connect(mysql, "127.0.0.1", "keeper", "secret", "shop", atoi(words[1]), NULL, 0)) {
    fprintf(stderr, "%s\n", mysql_error(mysql));
    return 1;
  }
  told("LOGIN", "shop", 0);
  reads(mysql);
  fetches(mysql);
  writes(mysql);
  bulk(mysql);
  at_once(mysql);
  progresses(mysql);
  commands(mysql);
  mysql_close(mysql);
  return 0;
}
