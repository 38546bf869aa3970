-- Orders and their lines. A line goes with its order; a product that was ever ordered stays.
CREATE TABLE orders (
    id          integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers (id),
    status      text NOT NULL DEFAULT 'new',
    placed_at   text NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE INDEX orders_customer ON orders (customer_id, placed_at);

CREATE TABLE order_lines (
    order_id    integer NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    line        integer NOT NULL CHECK (line > 0),
    product_id  integer NOT NULL REFERENCES products (id),
    quantity    integer NOT NULL CHECK (quantity > 0),
    -- The price on the day of the order, not today's.
    price_cents integer NOT NULL CHECK (price_cents >= 0),
    PRIMARY KEY (order_id, line)
) WITHOUT ROWID;

CREATE INDEX order_lines_product ON order_lines (product_id);
