CREATE FUNCTION add(a integer, b integer) RETURNS integer
LANGUAGE SQL
BEGIN ATOMIC
  SELECT 1;
  SELECT CASE WHEN a > 0 THEN CASE WHEN b > 0 THEN a + b END ELSE 0 END;
END;
CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC; END;
CREATE FUNCTION atomic() RETURNS int LANGUAGE sql RETURN 1;
create or replace function is_atomic_begin() returns int language sql as 'select 1;';
CREATE TABLE begin_atomic (begin int, atomic int);
BEGIN;
SELECT 1 AS atomic;
END;
