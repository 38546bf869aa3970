-- The orders from before 005. One statement: on SQLite 1,200 rows are a matter of milliseconds.
UPDATE orders
SET total_cents = (
    SELECT coalesce(sum(quantity * price_cents), 0) FROM order_lines WHERE order_lines.order_id = orders.id
)
WHERE total_cents IS NULL;
