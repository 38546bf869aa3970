CREATE TABLE invoices (
    id          bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
    customer    varchar(200) NOT NULL,
    total_cents bigint NOT NULL DEFAULT 0,
    -- `#` inside a quoted name is no comment
    `no #`      varchar(20) NULL
) ENGINE=InnoDB;

INSERT INTO invoices (customer, total_cents) VALUES ('Ada; with a semicolon', 1200), ('Grace', 800);

CREATE TABLE invoice_changes (
    id         bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
    invoice_id bigint NOT NULL,
    old_cents  bigint NOT NULL,
    new_cents  bigint NOT NULL
) ENGINE=InnoDB;
