package privacy

import (
	"slices"

	"strongroom/guard/vault"
)

// ExportPiece is a part of a file with the data of many orders, sealed under a key of the file's own.
var ExportPiece = &Declaration{
	Field: vault.Field{Number: 231, Purpose: vault.Fulfilment, Mask: vault.MaskAll}, Name: "export.piece",
	What:  Text{EN: "Orders in a file that the shop takes out, for its bookkeeping or to move", DE: "Bestellungen in einer Datei, die der Shop ausführt, etwa für einen Umzug"},
	Why:   Text{EN: "So that two people can agree on it, and one of them can fetch it once", DE: "Damit zwei Personen zustimmen können und eine davon sie einmal abholen kann"},
	Basis: Interest,
	Keep:  Term{Key: "export_over", Days: 1, Text: Text{EN: "until it was fetched, at most a day", DE: "bis sie abgeholt ist, höchstens einen Tag"}},
}

func exportFields() []*Declaration { return []*Declaration{ExportPiece} }

// exportColumns classifies the tables whose names begin with export.
func exportColumns() []Column {
	return slices.Concat(
		plain("export_file", "id of a request", "id"),
		plain("export_file", "id of a member", "asker"),
		plain("export_file", "name of a role", "role"),
		plain("export_file", "random id of whose keys seal the pieces", "subject"),
		plain("export_file", "enum word", "format"),
		plain("export_file", "enum", "state"),
		plain("export_file", "id of an order", "mark_id"),
		plain("export_file", "counter", "pieces", "orders", "tries"),
		plain("export_file", "number of bytes", "size"),
		plain("export_file", "time", "from_at", "until_at", "mark_at", "made_at", "ready_at", "ends_at", "until_try"),
		plain("export_piece", "id of a request", "file"),
		plain("export_piece", "counter", "seq"),
		plain("export_piece", "random id with its time", "id"),
		sealed("export_piece", "bytes", ExportPiece),
	)
}
