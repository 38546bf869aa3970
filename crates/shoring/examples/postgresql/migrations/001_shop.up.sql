CREATE SCHEMA shop;

CREATE TYPE shop.order_status AS ENUM ('new', 'paid', 'shipped');

CREATE TABLE shop.orders (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    status     shop.order_status NOT NULL DEFAULT 'new',
    customer   text NOT NULL,
    created_at timestamp with time zone NOT NULL DEFAULT now()
);

CREATE FUNCTION shop.touch() RETURNS trigger LANGUAGE plpgsql AS $touch$
BEGIN
    NEW.created_at := coalesce(NEW.created_at, now());
    RETURN NEW;
END;
$touch$;

CREATE TRIGGER orders_touch BEFORE INSERT ON shop.orders FOR EACH ROW EXECUTE FUNCTION shop.touch();
