// Package schema holds the forward-only migration histories of the two databases.
//
// A table's name begins with the name of the package that owns it; only that package's statements name it.
package schema

import (
	"embed"
	"io/fs"
)

//go:embed data/*.sql keys/*.sql
var files embed.FS

// Data is the history of the data database.
func Data() fs.FS { return sub("data") }

// Keys is the history of the key database.
func Keys() fs.FS { return sub("keys") }

func sub(name string) fs.FS {
	f, err := fs.Sub(files, name)
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return f
}
