;;
-- nothing;
; /* nothing; */ ;
SELECT 1;;
