DROP TRIGGER invoices_changed;
UPDATE invoices SET total_cents = total_cents - 100;
DELETE FROM invoice_changes;
