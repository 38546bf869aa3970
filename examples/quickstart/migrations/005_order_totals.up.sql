-- First of three steps: a column for the total that may be empty, and triggers that keep it for every line written from
-- now on. The old orders follow in 006, the rule that it is never empty in 008.
ALTER TABLE orders ADD COLUMN total_cents integer;

CREATE TRIGGER order_lines_added AFTER INSERT ON order_lines
BEGIN
    UPDATE orders
    SET total_cents = (SELECT sum(quantity * price_cents) FROM order_lines WHERE order_id = NEW.order_id)
    WHERE id = NEW.order_id;
END;

CREATE TRIGGER order_lines_changed AFTER UPDATE ON order_lines
BEGIN
    UPDATE orders
    SET total_cents = (
        SELECT CASE WHEN count(*) = 0 THEN 0 ELSE sum(quantity * price_cents) END
        FROM order_lines WHERE order_id = orders.id
    )
    WHERE id IN (OLD.order_id, NEW.order_id);
END;

CREATE TRIGGER order_lines_removed AFTER DELETE ON order_lines
BEGIN
    UPDATE orders
    SET total_cents = (
        SELECT CASE WHEN count(*) = 0 THEN 0 ELSE sum(quantity * price_cents) END
        FROM order_lines WHERE order_id = OLD.order_id
    )
    WHERE id = OLD.order_id;
END;
