-- A table of 60,000 rows without a random source: inserts, an index, joins, windows, text.
CREATE TABLE item(id INTEGER PRIMARY KEY, kind TEXT, price INTEGER, note TEXT);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
INSERT INTO item SELECT i, 'kind' || (i * 7919 % 211), i * 104729 % 10007, printf('%08x %s', i * 2654435761 % 4294967296, hex(i)) FROM n;
CREATE INDEX item_kind ON item(kind, price);
SELECT count(*), sum(price), max(note) FROM item;
SELECT kind, count(*), sum(price) FROM item GROUP BY kind ORDER BY 3 DESC LIMIT 5;
SELECT count(*) FROM item a JOIN item b ON b.kind = a.kind AND b.price = a.price AND b.id > a.id;
SELECT sum(r) FROM (SELECT rank() OVER (PARTITION BY kind ORDER BY price) AS r FROM item);
SELECT count(*) FROM item WHERE note LIKE '%af%' AND substr(note, 3, 2) < '88';
UPDATE item SET price = price + length(note) WHERE id % 3 = 0;
DELETE FROM item WHERE id % 11 = 0;
SELECT count(*), sum(price), group_concat(DISTINCT kind) IS NOT NULL FROM item;
PRAGMA integrity_check;
