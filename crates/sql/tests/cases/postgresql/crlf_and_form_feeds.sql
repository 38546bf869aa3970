SELECT 1;

-- c;
SELECT2;
SELECT 'a
b';
SELECT 3;
-- loneSELECT 4;
