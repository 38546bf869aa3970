-- Cannot run in a transaction: Shoring runs it on its own and notes before and after it what it did.
CREATE INDEX CONCURRENTLY orders_by_customer ON shop.orders (customer);
