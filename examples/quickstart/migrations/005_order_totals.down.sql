DROP TRIGGER order_lines_removed;
DROP TRIGGER order_lines_changed;
DROP TRIGGER order_lines_added;
ALTER TABLE orders DROP COLUMN total_cents;
