-- Only the rows of the sample; what was written since stays.
DELETE FROM order_lines
WHERE order_id IN (
    SELECT orders.id FROM orders JOIN customers ON customers.id = orders.customer_id
    WHERE customers.email LIKE 'customer-___@shop.example'
);
DELETE FROM orders
WHERE customer_id IN (SELECT id FROM customers WHERE email LIKE 'customer-___@shop.example');
DELETE FROM customers WHERE email LIKE 'customer-___@shop.example';
