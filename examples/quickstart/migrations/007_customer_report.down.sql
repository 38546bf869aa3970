DROP INDEX orders_open;
DROP VIEW customer_report;
