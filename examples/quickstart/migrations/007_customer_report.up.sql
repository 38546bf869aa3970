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

-- The few orders that somebody has to work on now.
CREATE INDEX orders_open ON orders (placed_at) WHERE status IN ('new', 'paid');
