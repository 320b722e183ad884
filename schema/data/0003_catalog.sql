-- The catalogue. A product is one document (source), written and read whole; what is searched, sorted, constrained or
-- counted stands in columns and in the tables below it. Everything from catalog_page on is derived from the documents
-- and can be made again (catalog.Rebuild).

CREATE TABLE catalog_version (
  one       INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  n         INTEGER NOT NULL,        -- grows with every write: page caches go by it
  shelves   INTEGER NOT NULL,        -- n when categories, options or values last changed
  languages TEXT NOT NULL,           -- what the derived rows were made for
  layout    INTEGER NOT NULL         -- the form of the derived rows
) STRICT;
INSERT INTO catalog_version (one, n, shelves, languages, layout) VALUES (1, 1, 1, '', 0);

CREATE TABLE catalog_category (
  id         BLOB NOT NULL PRIMARY KEY,
  slug       TEXT NOT NULL UNIQUE,
  parent     BLOB REFERENCES catalog_category (id),
  position   INTEGER NOT NULL,
  texts      TEXT NOT NULL,          -- JSON by language: title, intro
  image      TEXT NOT NULL,          -- name of a picture, or empty
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX catalog_category_parent ON catalog_category (parent, position, slug);

CREATE TABLE catalog_product (
  id           BLOB NOT NULL PRIMARY KEY,
  handle       TEXT NOT NULL UNIQUE,
  state        TEXT NOT NULL,        -- draft, published
  tax_class    TEXT NOT NULL,
  producer     TEXT NOT NULL,        -- a firm's name and address, as EU 2023/988 article 19 asks
  eu_contact   TEXT NOT NULL,
  popularity   INTEGER NOT NULL CHECK (popularity >= 0),
  source       TEXT NOT NULL,        -- JSON: texts, options, pictures with their words
  published_at INTEGER NOT NULL,     -- 0 while it never was
  created_at   INTEGER NOT NULL,
  updated_at   INTEGER NOT NULL,
  stale        INTEGER NOT NULL      -- 1: derived rows are to be made again
) STRICT;
CREATE INDEX catalog_product_stale ON catalog_product (id) WHERE stale = 1;

CREATE TABLE catalog_product_category (
  product  BLOB NOT NULL REFERENCES catalog_product (id),
  category BLOB NOT NULL REFERENCES catalog_category (id),
  position INTEGER NOT NULL,         -- 0 is the product's home
  PRIMARY KEY (product, category)
) STRICT, WITHOUT ROWID;
CREATE INDEX catalog_product_category_of ON catalog_product_category (category, product);

CREATE TABLE catalog_variant (
  id            BLOB NOT NULL PRIMARY KEY,
  product       BLOB NOT NULL REFERENCES catalog_product (id),
  sku           TEXT NOT NULL UNIQUE,
  position      INTEGER NOT NULL,
  active        INTEGER NOT NULL,    -- 0: withdrawn from sale, kept for its history
  price         INTEGER NOT NULL CHECK (price >= 0),
  was_price     INTEGER NOT NULL,    -- 0, or the price that a reduction is held against
  reduced_at    INTEGER NOT NULL,    -- 0, or when the unbroken reduction began
  lowest_price  INTEGER NOT NULL,    -- 0, or the lowest price of the 30 days before reduced_at
  unit_amount   INTEGER NOT NULL,
  unit_base     TEXT NOT NULL,
  weight_g      INTEGER NOT NULL,
  max_per_order INTEGER NOT NULL,    -- 0 for the store's bound
  value_keys    TEXT NOT NULL,       -- JSON list of [option key, value key]
  value_names   TEXT NOT NULL,       -- JSON list, one object by language for each option
  available     INTEGER NOT NULL,    -- 1 while stock says that a piece is there
  created_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX catalog_variant_product ON catalog_variant (product, position, id);

-- Every change of a price, for good: article 6a of directive 98/6/EC asks for the lowest of 30 days.
CREATE TABLE catalog_price (
  variant   BLOB NOT NULL REFERENCES catalog_variant (id),
  at        INTEGER NOT NULL,
  id        BLOB NOT NULL,
  price     INTEGER NOT NULL,
  was_price INTEGER NOT NULL,
  PRIMARY KEY (variant, at, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE catalog_option (
  key      TEXT NOT NULL PRIMARY KEY, -- folded name in the store's first language
  labels   TEXT NOT NULL,             -- JSON by language
  position INTEGER NOT NULL
) STRICT;

CREATE TABLE catalog_value (
  option   TEXT NOT NULL REFERENCES catalog_option (key),
  key      TEXT NOT NULL,
  labels   TEXT NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (option, key)
) STRICT;

-- Pictures are named by the hash of what was handed in.
CREATE TABLE catalog_image (
  name       TEXT NOT NULL PRIMARY KEY,
  state      TEXT NOT NULL,          -- waiting, ready, refused
  upload     TEXT NOT NULL,          -- blob of the upload until it has been drawn anew, then empty
  reason     TEXT NOT NULL,          -- message key of a refusal
  width      INTEGER NOT NULL,       -- of the largest rendition; 0 until ready
  height     INTEGER NOT NULL,
  widths     TEXT NOT NULL,          -- "320,640", ascending
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE catalog_rendition (
  image  TEXT NOT NULL REFERENCES catalog_image (name),
  width  INTEGER NOT NULL,
  height INTEGER NOT NULL,
  type   TEXT NOT NULL,
  bytes  INTEGER NOT NULL,
  blob   TEXT NOT NULL,
  PRIMARY KEY (image, width)
) STRICT;

CREATE TABLE catalog_product_image (
  image   TEXT NOT NULL REFERENCES catalog_image (name),
  product BLOB NOT NULL REFERENCES catalog_product (id),
  PRIMARY KEY (image, product)
) STRICT, WITHOUT ROWID;
CREATE INDEX catalog_product_image_of ON catalog_product_image (product, image);

-- Derived: what a product page reads, one document for each language.
CREATE TABLE catalog_page (
  handle  TEXT NOT NULL,
  lang    TEXT NOT NULL,
  product BLOB NOT NULL,
  doc     TEXT NOT NULL,
  PRIMARY KEY (handle, lang)
) STRICT;
CREATE INDEX catalog_page_product ON catalog_page (product, lang);

-- Derived: what a list shows of a product, one row for each language.
CREATE TABLE catalog_card (
  lang       TEXT NOT NULL,
  product    BLOB NOT NULL,
  name_key   BLOB NOT NULL,          -- collation key of the title
  price      INTEGER NOT NULL,
  available  INTEGER NOT NULL,
  popularity INTEGER NOT NULL,
  published_at INTEGER NOT NULL,
  doc        TEXT NOT NULL,
  PRIMARY KEY (lang, product)
) STRICT, WITHOUT ROWID;

-- Derived: who buys what is on sale, by language.
CREATE TABLE catalog_item (
  variant BLOB NOT NULL,
  lang    TEXT NOT NULL,
  product BLOB NOT NULL,
  doc     TEXT NOT NULL,
  PRIMARY KEY (variant, lang)
) STRICT, WITHOUT ROWID;
CREATE INDEX catalog_item_product ON catalog_item (product, variant, lang);

-- Derived: published products by category and all its ancestors, and under the root that holds everything.
CREATE TABLE catalog_listing (
  category     BLOB NOT NULL,
  product      BLOB NOT NULL,
  popularity   INTEGER NOT NULL,
  published_at INTEGER NOT NULL,
  price        INTEGER NOT NULL,
  available    INTEGER NOT NULL,
  PRIMARY KEY (category, product)
) STRICT, WITHOUT ROWID;
CREATE INDEX catalog_listing_product ON catalog_listing (product, category);
CREATE INDEX catalog_listing_popular ON catalog_listing (category, popularity, product);
CREATE INDEX catalog_listing_newest ON catalog_listing (category, published_at, product);
CREATE INDEX catalog_listing_price ON catalog_listing (category, price, product);

CREATE TABLE catalog_listing_name (
  category BLOB NOT NULL,
  lang     TEXT NOT NULL,
  name_key BLOB NOT NULL,
  product  BLOB NOT NULL,
  PRIMARY KEY (category, lang, name_key, product)
) STRICT, WITHOUT ROWID;
CREATE INDEX catalog_listing_name_product ON catalog_listing_name (product);

-- Derived: option values of a published product, and how many products of a category have each.
CREATE TABLE catalog_product_value (
  option  TEXT NOT NULL,
  value   TEXT NOT NULL,
  product BLOB NOT NULL,
  PRIMARY KEY (product, option, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX catalog_product_value_of ON catalog_product_value (option, value, product);

CREATE TABLE catalog_facet (
  category BLOB NOT NULL,
  option   TEXT NOT NULL,            -- empty: all products of the category
  value    TEXT NOT NULL,
  products INTEGER NOT NULL,
  PRIMARY KEY (category, option, value)
) STRICT, WITHOUT ROWID;

-- Derived: the search index (ADR 0020). Words are folded in Go; rank joins where the word stands and the popularity.
CREATE TABLE catalog_posting (
  lang    TEXT NOT NULL,
  word    TEXT NOT NULL,
  rank    INTEGER NOT NULL,
  product BLOB NOT NULL,
  PRIMARY KEY (lang, word, rank, product)
) STRICT, WITHOUT ROWID;

CREATE TABLE catalog_words (
  lang       TEXT NOT NULL,
  product    BLOB NOT NULL,
  popularity INTEGER NOT NULL,       -- as it stands in the ranks of these words
  words      TEXT NOT NULL,          -- every word of the product with its weight, so that postings can be taken back
  PRIMARY KEY (lang, product)
) STRICT, WITHOUT ROWID;

CREATE TABLE catalog_word (
  lang     TEXT NOT NULL,
  word     TEXT NOT NULL,
  products INTEGER NOT NULL,         -- how many have it
  since    INTEGER NOT NULL,         -- catalogue version of the last change
  PRIMARY KEY (lang, word)
) STRICT, WITHOUT ROWID;
CREATE INDEX catalog_word_since ON catalog_word (lang, since, word);
