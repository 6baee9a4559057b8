-- What can be paid with, as the payment provider says when the payments worker asks it; null where it does not say. Unlogged: it is
-- asked for again at every start, and unknown until then.
CREATE UNLOGGED TABLE commerce_payment_methods (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    methods text[]
) WITH (fillfactor = 50);
