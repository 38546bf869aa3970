CREATE TABLE shop.countries (code text PRIMARY KEY, name text NOT NULL);

COPY shop.countries (code, name) FROM stdin;
DE	Germany
FR	France; with a semicolon
NL	Netherlands
\.

DO $$ BEGIN RAISE NOTICE '% countries are there', (SELECT count(*) FROM shop.countries); END $$;
