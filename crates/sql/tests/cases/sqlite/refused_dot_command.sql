CREATE TABLE t (a);
.read other.sql
