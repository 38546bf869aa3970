DROP TABLE shop.countries;
