DROP INDEX CONCURRENTLY shop.orders_by_customer;
