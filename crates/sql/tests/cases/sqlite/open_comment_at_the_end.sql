CREATE TABLE t (a);
/* open; 