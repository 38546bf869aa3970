SELECT E'one'
  'two\'; still';
SELECT 2;
