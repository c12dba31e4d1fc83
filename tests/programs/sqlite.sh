# sqlite3: many rows, full text, JSON, windows, a writer killed in the middle.
sqlite3 db <<'END'
PRAGMA journal_mode=WAL; CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b REAL, c BLOB);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000) INSERT INTO t SELECT i, 'row ' || (i * 7919 % 10007), i / 7.0, zeroblob(i % 9) FROM n;
CREATE INDEX ta ON t(a, b); CREATE VIRTUAL TABLE f USING fts5(body); INSERT INTO f SELECT a || ' word' || (id % 13) FROM t WHERE id % 10 = 0;
SELECT count(*), sum(b), max(a), min(length(c)) FROM t; SELECT a, count(*) FROM t GROUP BY a ORDER BY 2 DESC, 1 LIMIT 3; SELECT count(*) FROM f WHERE f MATCH 'word5 OR "row 17"'; SELECT snippet(f, 0, '[', ']', '.', 4) FROM f WHERE f MATCH 'word7' ORDER BY rowid LIMIT 2;
SELECT json_extract('{"a":[1,2,{"b":"c"}]}', '$.a[2].b'), json_group_array(id) FROM (SELECT id FROM t LIMIT 4); SELECT key, value, type FROM json_each('[1,"x",null,2.5,{"y":1}]');
SELECT id, rank() OVER w, sum(id) OVER (ORDER BY id ROWS 2 PRECEDING), ntile(3) OVER w, lag(a, 1, 'none') OVER w FROM t WHERE id < 8 WINDOW w AS (PARTITION BY id % 2 ORDER BY b DESC);
SELECT printf('%.17g %e %d %x', 1.0 / 3, 1e-300, 1 << 40, 255), round(2.5), abs(-3), hex(randomblob(4)) IS NOT NULL, strftime('%Y-%j %w', 86400 * 365.25, 'unixepoch'), date('2024-01-31', '+1 month'), 9223372036854775807 + 1;
EXPLAIN QUERY PLAN SELECT * FROM t WHERE a = 'row 5' AND b > 3; BEGIN; DELETE FROM t WHERE id % 3 = 0; SELECT changes(); ROLLBACK; SELECT count(*) FROM t;
.sha3sum
VACUUM; PRAGMA integrity_check; PRAGMA page_count;
END
sqlite3 db "PRAGMA journal_mode=DELETE; CREATE TABLE log(n)" ; (echo 'CREATE TABLE IF NOT EXISTS log(n);'; i=0; while :; do i=$((i + 1)); echo "INSERT INTO log VALUES($i);"; done) | sqlite3 db & sleep 2; kill -9 $!; pkill -9 -x sqlite3 2>/dev/null; wait 2>/dev/null
sqlite3 db 'PRAGMA integrity_check; SELECT count(*) = max(n) OR count(*) = 0 FROM log'; sqlite3 :memory: 'SELECT * FROM nothing' 2>&1; echo "status $?"; sqlite3 -csv -header db 'SELECT id, a FROM t LIMIT 2'; echo 'x,1
y,2' >c.csv; sqlite3 :memory: -cmd '.mode box' '.import --csv c.csv i' 'SELECT * FROM i' '.dump' 2>&1
