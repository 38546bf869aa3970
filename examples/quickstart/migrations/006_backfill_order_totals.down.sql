-- Back to "not computed"; 006 computes them again.
UPDATE orders SET total_cents = NULL;
