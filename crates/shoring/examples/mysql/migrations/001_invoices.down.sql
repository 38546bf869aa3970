DROP TABLE invoice_changes;
DROP TABLE invoices;
