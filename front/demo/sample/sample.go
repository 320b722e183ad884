// Package sample holds the goods of the demo shop "Kiln & Orchard": what a
// newcomer finds on the shelves after the first start.
//
// The file system that FS returns has
//
//	categories.csv         six categories
//	products.csv           about sixty products, one row per variant
//	pictures/NAME-W.jpg    pictures, W pixels wide
//
// # categories.csv
//
// Columns: slug, parent, position, title:en, title:de, intro:en, intro:de,
// image. An empty parent means a category of the first level; image is a
// picture's NAME.
//
// # products.csv
//
// Rows that share a handle are one product. Columns that belong to the product
// (category, titles, texts, tax_class, producer, eu_contact, option names,
// images, popularity) are filled on its first row only; columns that belong to
// the variant (option values, sku, prices, unit, weight, stock) on every row.
//
//   - description is Markdown; facts has one "Label: value" per line.
//   - price and was_price are gross, in euros, with a point. was_price is set
//     only where the variant is reduced now.
//   - unit_amount and unit_base ask for a unit price: 250 g against kg, 500 ml
//     against l.
//   - producer and eu_contact are "Name, street, postcode town, country, mail".
//     eu_contact is filled where the producer sits outside the European Union.
//   - images and the image_alt columns are lists divided by semicolons, in the
//     same order.
//
// # Pictures
//
// Product pictures are upright, four to five, and come in 320, 640 and 1200
// pixels width, as do the category pictures (three to two). The home page has
// home-wide (640, 1200, 1920) and home-tall (640, 1200) for narrow screens;
// open-graph-1200.jpg is what other sites show beside a link. tools/draw makes
// them all. The names, people and addresses are made up.
package sample

import (
	"embed"
	"io/fs"
)

//go:embed categories.csv products.csv pictures/*.jpg pages
var files embed.FS

// FS returns the sample shop as a read-only file system.
func FS() fs.FS { return files }
