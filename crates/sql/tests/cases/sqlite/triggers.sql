CREATE TABLE t (a, b);
CREATE TABLE log (a);
CREATE TRIGGER one AFTER INSERT ON t BEGIN
  INSERT INTO log VALUES (CASE WHEN new.a > 1 THEN 'big;' ELSE 'small' END);
  UPDATE t SET b = 'end;' WHERE a = new.a;
END;
CREATE TEMP TRIGGER two AFTER DELETE ON t WHEN old.a = 1 BEGIN DELETE FROM log; /* END; */ END;
create temporary trigger if not exists three after update on t begin select 1; end ;
EXPLAIN CREATE TRIGGER four AFTER INSERT ON t BEGIN SELECT 1; END;
INSERT INTO t VALUES (1, 'x'), (2, 'y;');
CREATE TABLE trigger_end (end_at, "END;");
