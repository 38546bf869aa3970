-- Every price a product ever had, kept by the database itself.
CREATE TABLE price_history (
    product_id  integer NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    valid_from  text NOT NULL,
    price_cents integer NOT NULL,
    PRIMARY KEY (product_id, valid_from)
) WITHOUT ROWID;

INSERT INTO price_history (product_id, valid_from, price_cents)
SELECT id, '2026-01-01 00:00:00', price_cents FROM products;

CREATE TRIGGER products_price_changed AFTER UPDATE OF price_cents ON products
WHEN NEW.price_cents <> OLD.price_cents
BEGIN
    INSERT INTO price_history (product_id, valid_from, price_cents)
    VALUES (NEW.id, strftime('%Y-%m-%d %H:%M:%f', 'now'), NEW.price_cents)
    ON CONFLICT (product_id, valid_from) DO UPDATE SET price_cents = excluded.price_cents;
END;
