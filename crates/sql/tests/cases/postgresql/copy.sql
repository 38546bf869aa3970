CREATE TABLE copied (a text, b int);
COPY copied (a, b) FROM stdin;
it's; \N	1
\\.	2
$$	3
\.
copy copied from STDIN with (format csv, header); -- trailing comment
a,b
"x;
y",1
\.

COPY copied FROM stdin;
\.
SELECT count(*) FROM copied;
COPY copied TO stdout;
COPY (SELECT a FROM copied) TO STDOUT;
COPY copied FROM '/nonexistent/stdin';
SELECT 'after';
