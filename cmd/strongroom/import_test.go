package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// table writes the sample's columns with the given rows.
func table(t *testing.T, rows ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "products.csv")
	head := "handle,category,title:en,summary:en,description:en,tax_class,sku,price,weight_g,stock"
	write(t, path, []byte(head+"\n"+strings.Join(rows, "\n")+"\n"), 0o600)
	return path
}

func categories(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "categories.csv")
	write(t, path, []byte("slug,parent,position,title:en\npaper,,1,Paper\n"), 0o600)
	return path
}

// A broken file is explained with line and column, and nothing of it is kept; the same command with a good one works.
func TestBrokenCSV(t *testing.T) {
	config := initStore(t)
	cats := categories(t)
	good := `pencil,paper,Pencil,A pencil,It writes.,standard,P-1,1.50,10,5`
	for name, rows := range map[string][]string{
		"price":   {good, `pen,paper,Pen,A pen,It writes.,standard,P-2,cheap,10,5`},
		"columns": {good, `pen,paper,Pen`},
		"quotes":  {good, `pen,paper,"Pen,A pen,It writes.,standard,P-2,1.50,10,5`},
		"twice":   {good, `pen,paper,Pen,A pen,It writes.,standard,P-1,1.50,10,5`},
	} {
		file := table(t, rows...)
		r := output(t, nil, "product", "import", file, "--categories", cats, "-c", config)
		r.expect(t, exitFailed, file+":", "nothing was imported")
		r = output(t, nil, "product", "import", file, "--categories", cats, "--json", "-c", config)
		var rep importReport
		if err := json.Unmarshal([]byte(r.out), &rep); err != nil || r.code != exitFailed || rep.Imported || len(rep.Findings) == 0 || rep.Findings[0].Line == 0 {
			t.Errorf("%s: %v %+v %s", name, err, rep, r.out)
		}
	}
	nothing := filepath.Join(t.TempDir(), "image.csv")
	write(t, nothing, []byte("\x89PNG\r\n\x1a\n\x00\x00"), 0o600)
	output(t, nil, "product", "import", nothing, "-c", config).expect(t, exitFailed, nothing)

	file := table(t, good)
	output(t, nil, "product", "import", file, "--categories", cats, "--dry-run", "-c", config).expect(t, exitDone, "would import", "1 products")
	output(t, nil, "product", "import", file, "--categories", cats, "-c", config).expect(t, exitDone, "Imported", "1 products, 1 variants")
	output(t, nil, "product", "import", file, "-c", config).expect(t, exitDone, "Imported")
	s := startServe(t, config)
	if status, page := s.ask(t, "GET", "/en/p/pencil", ""); status != 200 || !strings.Contains(page, "1.50") {
		t.Errorf("the imported product: %d", status)
	}
	if status, _ := s.ask(t, "GET", "/en/p/pen", ""); status != 404 {
		t.Errorf("a product of a refused file: %d", status)
	}
	s.stop(t)
	if _, err := os.Stat(file); err != nil {
		t.Error("the file was touched")
	}
}
