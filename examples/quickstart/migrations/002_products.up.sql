-- What the shop sells, and what sending it costs. Money is kept in cents.
CREATE TABLE products (
    id          integer PRIMARY KEY,
    sku         text NOT NULL UNIQUE,
    name        text NOT NULL,
    price_cents integer NOT NULL CHECK (price_cents >= 0),
    is_sold     integer NOT NULL DEFAULT 1 CHECK (is_sold IN (0, 1))
);

-- Filled by seeds/shipping_rates.sql: reference data that changes without a migration.
CREATE TABLE shipping_rates (
    country       text PRIMARY KEY CHECK (length(country) = 2),
    price_cents   integer NOT NULL CHECK (price_cents >= 0),
    free_from_cents integer
);

INSERT INTO products (sku, name, price_cents) VALUES
    ('TEA-001', 'Assam, second flush', 890),
    ('TEA-002', 'Darjeeling, first flush', 1450),
    ('TEA-003', 'Earl Grey', 690),
    ('TEA-004', 'Gunpowder', 590),
    ('TEA-005', 'Sencha', 1290),
    ('TEA-006', 'Rooibos; no caffeine', 490),
    ('POT-001', 'Teapot, 1.2 l', 3900),
    ('POT-002', 'Teapot, cast iron', 6900),
    ('CUP-001', 'Cup, set of 4', 2400),
    ('CUP-002', 'Gaiwan', 1900),
    ('ACC-001', 'Strainer', 790),
    ('ACC-002', 'Scale, 0.1 g', 2190);
