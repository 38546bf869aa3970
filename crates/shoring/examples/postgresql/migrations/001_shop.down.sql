DROP TABLE shop.orders;
DROP FUNCTION shop.touch();
DROP TYPE shop.order_status;
DROP SCHEMA shop;
