-- Changes of stock by hand, counted for the page on which the next one is made: a second click is told from a second wish.
CREATE INDEX stock_move_by_hand ON stock_move (variant) WHERE reason <> '';
