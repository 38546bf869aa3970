-- A year of trade, so that the migrations after this one have something to work on:
-- 300 customers, 1,200 orders, 2,400 lines. In a real project your application wrote these rows.
WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 300)
INSERT INTO customers (email, name, country, created_at)
SELECT printf('customer-%03d@shop.example', i),
       CASE i % 5 WHEN 0 THEN 'Ada' WHEN 1 THEN 'Grace' WHEN 2 THEN 'Edsger' WHEN 3 THEN 'Barbara' ELSE 'Alan' END
           || printf(' No. %d', i),
       CASE i % 3 WHEN 0 THEN 'DE' WHEN 1 THEN 'FR' ELSE 'NL' END,
       datetime('2026-01-01 08:00:00', printf('+%d hours', i * 7))
FROM n;

WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
INSERT INTO orders (customer_id, status, placed_at)
SELECT customer.id,
       CASE WHEN i > 1150 THEN 'new' WHEN i > 1100 THEN 'paid' WHEN i % 40 = 0 THEN 'cancelled' ELSE 'shipped' END,
       datetime(customer.created_at, printf('+%d hours', i * 5))
FROM n
JOIN customers AS customer ON customer.email = printf('customer-%03d@shop.example', 1 + i * 7 % 300);

-- One to three lines per order.
INSERT INTO order_lines (order_id, line, product_id, quantity, price_cents)
SELECT orders.id, slot.line, products.id, 1 + (orders.id + slot.line) % 4, products.price_cents
FROM orders
JOIN customers ON customers.id = orders.customer_id AND customers.email LIKE 'customer-___@shop.example'
JOIN (SELECT 1 AS line UNION ALL SELECT 2 UNION ALL SELECT 3) AS slot ON slot.line <= 1 + orders.id % 3
JOIN products ON products.id = 1 + (orders.id * 5 + slot.line * 3) % 12;
