//! Statements of the other dialects, by what they do.

use super::{Dialect, classify, cut};
use crate::reading::sql::{Prepared, Statement, Tokens};

/// The words of what a text does, worst things included, in order.
fn words(text: &str, dialect: Dialect, conditional: bool) -> Vec<String> {
    let cut = cut(text, dialect, conditional);
    let mut prepared = Prepared::new();
    let mut all = Vec::new();
    for statement in &cut.statements {
        match classify(Tokens(statement), dialect, &mut prepared) {
            Statement::Known(known) => all.extend(known.deeds.iter().map(|d| d.kind.word().to_owned())),
            Statement::Unknown(words) => all.push(format!("?{words}")),
        }
    }
    if cut.unclosed {
        all.push("unclosed".into());
    }
    all
}

fn of(dialect: Dialect, cases: &[(&str, &str)]) {
    for (text, wanted) in cases {
        assert_eq!(words(text, dialect, true).join(" "), *wanted, "{text}");
    }
}

#[test]
fn mysql_statements() {
    of(
        Dialect::MySql,
        &[
            ("DROP TABLE a; drop database `x;y`", "drop-table drop-database"),
            ("DROP SCHEMA shop", "drop-database"),
            ("SELECT 'it\\'s; DROP TABLE t'", "select"),
            ("SELECT \"a\\\"; DROP TABLE t\"", "select"),
            ("SELECT 1 -- x\n; DROP TABLE t", "select drop-table"),
            ("SELECT 1--1; DROP TABLE t", "select drop-table"),
            ("# DROP TABLE t\nSELECT 1", "select"),
            ("/* DROP TABLE t; */ SELECT 1", "select"),
            ("/*!50000 DROP TABLE t */", "drop-table"),
            ("/*M!100100 DROP TABLE t */", "drop-table"),
            ("/*! DROP TABLE t; */ SELECT 1", "drop-table select"),
            ("DELETE FROM t", "delete-all"),
            ("DELETE FROM t WHERE 1", "delete-all"),
            ("DELETE FROM t WHERE id = 1", "delete-where"),
            ("DELETE FROM t LIMIT 5", "delete-where"),
            ("DELETE a FROM a JOIN b ON a.i = b.i WHERE b.x = 2", "delete-where"),
            ("UPDATE IGNORE t SET a = 1", "update-all"),
            ("UPDATE a, b SET a.x = b.x WHERE a.i = b.i", "update-where"),
            ("REPLACE INTO t VALUES (1)", "upsert"),
            ("INSERT INTO t (a) VALUES (1) ON DUPLICATE KEY UPDATE a = VALUES(a)", "upsert"),
            ("INSERT IGNORE t SET a = 1", "insert"),
            ("ALTER TABLE t DROP c", "alter-drop-column"),
            ("ALTER TABLE t DROP INDEX c", "alter"),
            ("ALTER TABLE t DROP PARTITION p0", "truncate"),
            ("TRUNCATE t", "truncate"),
            ("RENAME TABLE a TO b", "rename"),
            ("SET GLOBAL read_only = 1; SET @@global.x = 1; SET a = 1", "alter-system alter-system set"),
            ("GRANT ALL ON *.* TO x", "superuser"),
            ("GRANT SELECT ON shop.* TO x", "grant"),
            ("RESET MASTER; PURGE BINARY LOGS TO 'x'", "purge-logs purge-logs"),
            ("SHUTDOWN; KILL 5; STOP SLAVE", "shutdown terminate-backend replication"),
            ("SHOW TABLES; USE x; DESC t", "select select select"),
            ("SELECT ifnull(a, b), group_concat(c), database() FROM t", "select"),
            ("SELECT purge_all()", "select unknown-function"),
            ("SELECT * FROM t INTO OUTFILE '/tmp/x'", "copy-to-file"),
            ("ANALYZE DELETE FROM t", "explain-analyze delete-all"),
            ("EXPLAIN DELETE FROM t", "explain"),
            ("WITH c AS (SELECT 1) DELETE FROM t", "delete-all"),
            ("FROBNICATE t", "?frobnicate t"),
            ("SELECT 'open", "select unclosed"),
            ("CREATE OR REPLACE TABLE t (a int)", "drop-table"),
            ("CREATE TABLE t (a int)", "create"),
            ("DROP TEMPORARY TABLE x", "set"),
        ],
    );
}

#[test]
fn what_stands_in_a_conditional_comment_is_left_out_where_it_is_a_comment() {
    assert_eq!(
        words("DELETE FROM t /*!99999 WHERE id = 1 */", Dialect::MySql, false).join(" "),
        "delete-all"
    );
    assert_eq!(words("/*!40101 SET NAMES utf8 */;", Dialect::MySql, false).join(" "), "");
}

#[test]
fn sqlite_statements() {
    of(
        Dialect::Sqlite,
        &[
            ("DROP TABLE [a;b]; DROP TABLE `c`", "drop-table drop-table"),
            ("SELECT '\\'; DROP TABLE t; --'", "select drop-table"),
            ("INSERT OR REPLACE INTO t VALUES (1)", "upsert"),
            ("UPDATE OR IGNORE t SET a = 1", "update-all"),
            ("DELETE FROM t", "delete-all"),
            ("DELETE FROM t WHERE id = 3", "delete-where"),
            ("PRAGMA table_info(t)", "set"),
            ("PRAGMA user_version = 3", "alter"),
            ("SELECT load_extension('x')", "select unknown-function"),
            ("SELECT ifnull(a, b), json_group_array(c) FROM t", "select"),
            (
                "CREATE TRIGGER x AFTER INSERT ON t BEGIN DELETE FROM u; SELECT 1; END; SELECT 2",
                "create select",
            ),
            ("VACUUM", "maintain"),
        ],
    );
}

#[test]
fn clickhouse_statements() {
    of(
        Dialect::ClickHouse,
        &[
            ("DROP TABLE shop.orders ON CLUSTER c", "drop-table"),
            ("DROP DATABASE shop SYNC", "drop-database"),
            ("ALTER TABLE t DELETE WHERE 1", "delete-where"),
            ("ALTER TABLE t DELETE WHERE 1=1", "delete-all"),
            ("ALTER TABLE t DROP PARTITION '2024'", "truncate"),
            ("ALTER TABLE t DROP COLUMN c", "alter-drop-column"),
            ("ALTER TABLE t ADD COLUMN c Int32", "alter"),
            ("TRUNCATE TABLE IF EXISTS t", "truncate"),
            ("TRUNCATE ALL TABLES FROM shop", "drop-schema"),
            ("SYSTEM SHUTDOWN", "shutdown"),
            ("SYSTEM DROP DNS CACHE", "maintain"),
            ("SYSTEM DROP REPLICA 'a' FROM TABLE t", "truncate"),
            ("SELECT toDate(now()), uniq(x) FROM t FORMAT JSON", "select"),
            ("SELECT * FROM executable('x', TSV, 'a Int')", "select unknown-function"),
            ("INSERT INTO t SELECT 1", "insert"),
            ("INSERT INTO FUNCTION s3('x') SELECT 1", "copy-to-file"),
            ("DELETE FROM t WHERE id = 1", "delete-where"),
            ("OPTIMIZE TABLE t FINAL", "maintain"),
            ("EXCHANGE TABLES a AND b", "rename"),
            ("SHOW TABLES", "select"),
        ],
    );
}

#[test]
fn bigquery_statements() {
    of(
        Dialect::BigQuery,
        &[
            ("DROP TABLE `p.d.t`", "drop-table"),
            ("DROP SCHEMA d CASCADE", "drop-schema"),
            ("DROP SCHEMA d", "drop-empty-schema"),
            ("CREATE OR REPLACE TABLE d.t AS SELECT 1", "drop-table"),
            ("DELETE d.t WHERE true", "delete-all"),
            ("DELETE FROM d.t WHERE id = 1", "delete-where"),
            ("TRUNCATE TABLE d.t", "truncate"),
            ("MERGE d.t USING s ON t.i = s.i WHEN MATCHED THEN DELETE", "merge-delete"),
            ("SELECT '''a; DROP TABLE t''', r'\\d', SAFE_DIVIDE(1, 2) FROM d.t", "select"),
            ("# DROP TABLE t\nSELECT 1", "select"),
            ("EXECUTE IMMEDIATE 'DROP TABLE t'", "execute-unknown"),
            ("BEGIN DROP TABLE t; END", "?begin drop transaction"),
            ("EXPORT DATA OPTIONS(uri='gs://x') AS SELECT 1", "copy-to-file"),
        ],
    );
}
