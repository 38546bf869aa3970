-- A compound body needs no DELIMITER here. Files that have one, because the command-line client needs it, work too.
CREATE TRIGGER invoices_changed AFTER UPDATE ON invoices FOR EACH ROW
BEGIN
    IF OLD.total_cents <> NEW.total_cents THEN
        INSERT INTO invoice_changes (invoice_id, old_cents, new_cents)
        VALUES (NEW.id, OLD.total_cents, NEW.total_cents);
    END IF;
END;

UPDATE invoices SET total_cents = total_cents + 100;
