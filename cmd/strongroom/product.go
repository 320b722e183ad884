package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"strongroom/base/fault"
	"strongroom/cmd/strongroom/app"
	"strongroom/guard/access"
	"strongroom/shop/catalog"
)

type productCommand struct {
	Import productImportCommand `cmd:"" help:"Fill the catalogue from a CSV file."`
}

type productImportCommand struct {
	configFlag
	File       string `arg:"" type:"existingfile" help:"Products: one row for each variant."`
	Categories string `type:"existingfile" placeholder:"FILE" help:"Categories, read first."`
	Images     string `type:"existingdir" placeholder:"DIR" help:"Folder of the pictures that the file names."`
	DryRun     bool   `help:"Check everything and keep nothing."`
	Recount    bool   `help:"Set the stock of variants that are there already, too; without it only new ones get theirs."`
	JSON       bool   `help:"Print one line of JSON."`
}

// Help is shown by --help.
func (productImportCommand) Help() string {
	return `The whole file is checked first. If anything is wrong, everything that is wrong is said, with line
and column, and nothing is imported. Products are known by their handle and variants by their SKU, so
that the same file can be imported again: an import that was interrupted goes on where it was. Long
imports tell on standard error how far they are. The columns are explained in docs/catalogue.md.

Examples:
  strongroom product import products.csv --dry-run
  strongroom product import products.csv --categories categories.csv --images ./pictures`
}

// importReport is what --json prints.
type importReport struct {
	Imported   bool         `json:"imported"`
	Categories int          `json:"categories"`
	Products   int          `json:"products"`
	Unchanged  int          `json:"unchanged"`
	Variants   int          `json:"variants"`
	Findings   []findReport `json:"findings,omitempty"`
}

type findReport struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Name   string `json:"name,omitempty"`
	What   string `json:"what"`
}

// Run imports the files.
func (c productImportCommand) Run(ctx context.Context, t *terminal) error {
	s, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Catalog.Prepare(ctx, nil); err != nil {
		return err
	}
	o := catalog.Options{DryRun: c.DryRun, Recount: c.Recount, Progress: watch(t.err, interactive(t.err), s.Data.Clock().Now), Actor: access.Console()}
	if c.Images != "" {
		o.Images = os.DirFS(c.Images)
	}
	r := importReport{}
	if c.Categories != "" {
		err = c.one(ctx, t, s, s.Catalog.ImportCategories, c.Categories, o, &r)
	}
	if err == nil {
		err = c.one(ctx, t, s, s.Catalog.Import, c.File, o, &r)
	}
	return c.report(t, r, err)
}

// importer is one of the catalogue's two imports.
type importer func(ctx context.Context, r io.Reader, o catalog.Options) (catalog.Report, error)

// one imports one file and adds to the report.
func (c productImportCommand) one(ctx context.Context, t *terminal, s *app.Store, run importer, path string, o catalog.Options, r *importReport) error {
	f, err := os.Open(path)
	if err != nil {
		return openError(path, err)
	}
	defer func() { _ = f.Close() }()
	rep, err := run(ctx, f, o)
	r.Categories, r.Products, r.Variants = r.Categories+rep.Categories, r.Products+rep.Products, r.Variants+rep.Variants
	r.Unchanged += rep.Unchanged
	p := s.Texts.For("en")
	for _, x := range rep.Findings {
		r.Findings = append(r.Findings, findReport{path, x.Line, x.Column, x.Name, p.Message(x.Key, x.Params)})
	}
	return err
}

func openError(path string, err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return &app.Error{Kind: app.Failed, What: path + " cannot be read: " + err.Error(), Do: "Name a CSV file that you may read."}
}

func (c productImportCommand) report(t *terminal, r importReport, err error) error {
	r.Imported = err == nil && !c.DryRun
	if c.JSON {
		if jerr := t.json(r); jerr != nil {
			return jerr
		}
		if fault.As(err) != nil {
			return quiet{exitFailed}
		}
		return err
	}
	for _, x := range r.Findings {
		t.printf("%s\n", x)
	}
	if err != nil {
		return err
	}
	verb := "Imported"
	if c.DryRun {
		verb = "Nothing is wrong; would import"
	}
	t.printf("%s %d categories, %d products, %d variants.\n", verb, r.Categories, r.Products, r.Variants)
	if r.Unchanged > 0 {
		t.printf("%d of the products were there already just so.\n", r.Unchanged)
	}
	return nil
}

// String is a finding as editors jump to it: file:line:column.
func (x findReport) String() string {
	where := x.File
	if x.Line > 0 {
		where += fmt.Sprintf(":%d", x.Line)
	}
	if x.Column > 0 {
		where += fmt.Sprintf(":%d", x.Column)
	}
	if x.Name != "" {
		where += ": " + x.Name
	}
	return where + ": " + x.What
}
