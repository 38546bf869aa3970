CREATE TABLE notes (
    id   integer PRIMARY KEY,
    text text NOT NULL
);

INSERT INTO notes (text) VALUES ('first; with a semicolon'), ('second');
