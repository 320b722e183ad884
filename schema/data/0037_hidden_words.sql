-- The desk finds hidden products by words, too: those that are hidden now get their words by the job that makes products anew.
UPDATE catalog_product SET stale = 1 WHERE state = 'draft';
