CREATE TABLE t (a INTEGER /* inside */) /* after */;
ALTER TABLE t ADD COLUMN b TEXT DEFAULT NULL /* later: CURRENT_TIMESTAMP */;
CREATE VIEW v AS
SELECT a
FROM t -- all of it
;
CREATE INDEX i ON t (a) /* the only one */ ; -- not of the statement
INSERT INTO t VALUES (1, 'x') -- at the end
;
CREATE INDEX j ON t (b)
;
