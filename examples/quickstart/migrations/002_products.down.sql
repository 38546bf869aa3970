DROP TABLE shipping_rates;
DROP TABLE products;
