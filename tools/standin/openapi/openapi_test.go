package openapi

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const description = `{"openapi":"3.0.3","paths":{"/things/{id}":{"parameters":[],"post":{
	"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string","pattern":"^(?!\\d+$)\\w+$"}},
		{"name":"size","in":"query","schema":{"type":"integer","minimum":1,"maximum":5}},{"$ref":"#/components/parameters/key"}],
	"requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/thing"}}}},
	"responses":{"200":{"content":{"application/json":{"schema":{"allOf":[{"$ref":"#/components/schemas/thing"},{"properties":{"more":{"type":"boolean"}}}]}}}},
		"204":{"description":"done"},
		"422":{"content":{"application/json":{"schema":{"allOf":[{"properties":{"details":{"type":"array","items":{"properties":{"issue":{"type":"string"},"note":{"type":"string"}},"required":["issue"]}}}},
			{"properties":{"details":{"items":{"anyOf":[{"properties":{"issue":{"enum":["A"]}}},{"properties":{"issue":{"enum":["B"]}}}]}}}}]}}}},
		"default":{"content":{"application/json":{"schema":{"oneOf":[{"properties":{"name":{"enum":["X"]}}},{"properties":{"name":{"enum":["Y"]}}}]}}}}}}}},
	"components":{"parameters":{"key":{"name":"Key","in":"header","required":true,"schema":{"type":"string","minLength":2}}},
	"schemas":{"thing":{"type":"object","required":["name"],"properties":{"name":{"type":"string","minLength":2,"maxLength":4},
		"id":{"type":"string","readOnly":true},"sum":{"type":"string","pattern":"^[0-9]+$"},"n":{"type":"integer"},
		"list":{"type":"array","minItems":1,"maxItems":2,"items":{"$ref":"#/components/schemas/thing"}},
		"at":{"type":"string","format":"date-time"},"to":{"type":"string","format":"uri"},"any":{"type":"object","additionalProperties":true}}}}}}`

func set(t *testing.T, text string) (*Set, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "x.json")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(file)
}

// What is as described passes, and each way of not being so is found.
func TestExchangesAreHeldToTheDescription(t *testing.T) {
	s, err := set(t, description)
	if err != nil {
		t.Fatal(err)
	}
	const fine = `{"name":"abc"}`
	for name, c := range map[string]struct {
		path, sent string
		status     int
		answer     string
		wrong      string
	}{
		"fine":                 {"/things/a1?size=3", `{"name":"abc","list":[{"name":"ab"}],"any":{"x":1}}`, 200, `{"name":"abc","id":"1","more":true,"n":3}`, ""},
		"no answer":            {"/things/a1", fine, 204, "", ""},
		"another way":          {"/thing/a1", fine, 200, fine, "nothing describes"},
		"digits alone":         {"/things/11", fine, 200, fine, "id:"},
		"query out of bounds":  {"/things/a1?size=6", fine, 200, fine, "out of bounds"},
		"query no number":      {"/things/a1?size=x", fine, 200, fine, "size"},
		"query unknown":        {"/things/a1?page=1", fine, 200, fine, "page: is no parameter"},
		"missing":              {"/things/a1", `{}`, 200, fine, "name is missing"},
		"too short":            {"/things/a1", `{"name":"a"}`, 200, fine, "shorter"},
		"too long":             {"/things/a1", `{"name":"abcde"}`, 200, fine, "longer"},
		"form":                 {"/things/a1", `{"name":"abc","sum":"1x"}`, 200, fine, "has not the form"},
		"type":                 {"/things/a1", `{"name":3}`, 200, fine, "is no string"},
		"no integer":           {"/things/a1", `{"name":"abc","n":1.5}`, 200, fine, "is no integer"},
		"invented":             {"/things/a1", `{"name":"abc","nam":"x"}`, 200, fine, "nam: is not described"},
		"invented below":       {"/things/a1", `{"name":"abc","list":[{"name":"ab","x":1}]}`, 200, fine, "list[0].x: is not described"},
		"the provider's":       {"/things/a1", `{"name":"abc","id":"1"}`, 200, fine, "provider's to write"},
		"empty list":           {"/things/a1", `{"name":"abc","list":[]}`, 200, fine, "shorter"},
		"time":                 {"/things/a1", `{"name":"abc","at":"today"}`, 200, fine, "is no time"},
		"address":              {"/things/a1", `{"name":"abc","to":"there"}`, 200, fine, "is no address"},
		"answer invented":      {"/things/a1", fine, 200, `{"name":"abc","extra":1}`, "extra: is not described"},
		"answer no JSON":       {"/things/a1", fine, 200, `<html>`, "is no JSON"},
		"answer missing":       {"/things/a1", fine, 200, ``, "body is missing"},
		"answer too much":      {"/things/a1", fine, 204, fine, "no body is described"},
		"status":               {"/things/a1", fine, 302, fine, "302 is not described"},
		"error":                {"/things/a1", fine, 422, `{"details":[{"issue":"A","note":"x"}]}`, ""},
		"error excused":        {"/things/a1", fine, 422, `{"details":[{"issue":"KNOWN"}]}`, ""},
		"error unknown":        {"/things/a1", fine, 422, `{"details":[{"issue":"C"}]}`, "fits none"},
		"error invented":       {"/things/a1", fine, 422, `{"details":[{"issue":"A","nope":1}]}`, "nope: is not described"},
		"other error":          {"/things/a1", fine, 500, `{"name":"X"}`, ""},
		"other error, unknown": {"/things/a1", fine, 500, `{"name":"Z"}`, "fits 0 of 2"},
	} {
		r := httptest.NewRequest(http.MethodPost, c.path, strings.NewReader(c.sent))
		r.Header.Set("Content-Type", "application/json; charset=utf-8")
		r.Header.Set("Key", "k1")
		_, wrong := s.Check(Exchange{Request: r, Sent: []byte(c.sent), Status: c.status, Header: http.Header{"Content-Type": {"application/json"}},
			Answer: []byte(c.answer), Undocumented: []string{"KNOWN"}})
		got := strings.Join(wrong, "\n")
		if c.wrong == "" && got != "" || c.wrong != "" && !strings.Contains(got, c.wrong) {
			t.Errorf("%s: %q; want %q", name, got, c.wrong)
		}
	}
	r := httptest.NewRequest(http.MethodPost, "/things/a1", nil)
	r.Header.Set("Content-Type", "text/plain")
	if _, wrong := s.Check(Exchange{Request: r, Sent: []byte("x"), Status: 204}); len(wrong) != 2 {
		t.Errorf("without the header, and of another type: %q", wrong)
	}
	r = httptest.NewRequest(http.MethodPost, "/things/a1", nil)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Key", "k1")
	back := Exchange{Request: r, Sent: []byte(`{"name":"abc","list":[{"name":"abc","id":"1"}]}`), Status: 204, Echoed: "request.list"}
	if _, wrong := s.Check(back); len(wrong) > 0 {
		t.Errorf("what is handed back is refused: %q", wrong)
	}
	if !s.Describes(http.MethodPost, "/things/x") || s.Describes(http.MethodGet, "/things/x") {
		t.Error("what is described is not known")
	}
}

// A description with words that are not understood is refused, so that nothing of it is passed over.
func TestUnknownWordsAreRefused(t *testing.T) {
	for name, edit := range map[string][2]string{
		"word":      {`"readOnly":true`, `"multipleOf":3`},
		"pattern":   {`"^[0-9]+$"`, `"^(?=x)[0-9]+$"`},
		"nothing":   {`"responses"`, `"answers"`},
		"parameter": {`"minLength":2}}}`, `"minLength":2,"not":{}}}}`},
	} {
		text := strings.Replace(description, edit[0], edit[1], 1)
		if text == description {
			t.Fatalf("%s: nothing was changed", name)
		}
		if _, err := set(t, text); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	if _, err := Load("nowhere.json"); err == nil {
		t.Error("a file that is not there was taken")
	}
}
