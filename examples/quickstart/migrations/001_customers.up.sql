-- Customers of a small shop.
CREATE TABLE customers (
    id         integer PRIMARY KEY,
    email      text NOT NULL,
    name       text NOT NULL CHECK (length(name) > 0),
    country    text NOT NULL CHECK (length(country) = 2),
    created_at text NOT NULL DEFAULT CURRENT_TIMESTAMP
);

-- Addresses differ in more than capitals, or they are the same customer.
CREATE UNIQUE INDEX customers_email ON customers (lower(email));
