-- Reference data: may run again at any time, and does when this file changes.
INSERT INTO shipping_rates (country, price_cents, free_from_cents) VALUES
    ('DE', 490, 5000),
    ('FR', 890, 8000),
    ('NL', 690, 7000)
ON CONFLICT (country) DO UPDATE
SET price_cents = excluded.price_cents,
    free_from_cents = excluded.free_from_cents;

-- A country that is not listed is not delivered to.
DELETE FROM shipping_rates WHERE country NOT IN ('DE', 'FR', 'NL');
