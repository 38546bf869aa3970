-- The table without the rules, the same way.
PRAGMA foreign_keys = OFF;

DROP VIEW customer_report;
DROP TRIGGER order_lines_removed;
DROP TRIGGER order_lines_changed;
DROP TRIGGER order_lines_added;

CREATE TABLE orders_old (
    id          integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers (id),
    status      text NOT NULL DEFAULT 'new',
    placed_at   text NOT NULL DEFAULT CURRENT_TIMESTAMP,
    total_cents integer
);

INSERT INTO orders_old (id, customer_id, status, placed_at, total_cents)
SELECT id, customer_id, status, placed_at, total_cents FROM orders;

DROP TABLE orders;
ALTER TABLE orders_old RENAME TO orders;

CREATE INDEX orders_customer ON orders (customer_id, placed_at);
CREATE INDEX orders_open ON orders (placed_at) WHERE status IN ('new', 'paid');

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

CREATE VIEW customer_report AS
SELECT customers.id,
       customers.name,
       customers.country,
       count(orders.id)                          AS orders,
       coalesce(sum(orders.total_cents), 0)      AS total_cents,
       max(orders.placed_at)                     AS last_order_at
FROM customers
LEFT JOIN orders ON orders.customer_id = customers.id AND orders.status <> 'cancelled'
GROUP BY customers.id, customers.name, customers.country;

PRAGMA foreign_keys = ON;
