package web_test

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"strongroom/base/fault"
	"strongroom/base/web"
)

// upload is a request with fields and one file.
func upload(t *testing.T, fields [][2]string, file string) *http.Request {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, f := range fields {
		if err := w.WriteField(f[0], f[1]); err != nil {
			t.Fatal(err)
		}
	}
	if file != "" {
		part, err := w.CreateFormFile("picture", "a.png")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(part, file); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/", &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return r
}

// V5.2.1: a file is handed over as it comes, after the fields before it; its reader can refuse it before a byte is read.
func TestUploadIsReadAfterItsFields_V5_2_1(t *testing.T) {
	var got string
	f, err := web.ReadUpload(upload(t, [][2]string{{"form_token", "abc"}, {"note", "a\r\nb"}}, "pixels"), func(f *web.Form, file io.Reader) error {
		if f.Typed("form_token") != "abc" {
			t.Errorf("the token is not there yet")
		}
		b, err := io.ReadAll(file)
		got = string(b)
		return err
	})
	if err != nil || got != "pixels" || f.Typed("note") != "a\nb" {
		t.Fatalf("%q, %v", got, err)
	}
	refusal := fault.New(fault.Forbidden, "web.form_foreign")
	if _, err := web.ReadUpload(upload(t, nil, "pixels"), func(*web.Form, io.Reader) error { return refusal }); !errors.Is(err, refusal) {
		t.Errorf("a refusal becomes %v", err)
	}
	r := upload(t, nil, strings.Repeat("x", 4096))
	r.Body = http.MaxBytesReader(httptest.NewRecorder(), r.Body, 1024)
	_, err = web.ReadUpload(r, func(_ *web.Form, file io.Reader) error { _, err := io.Copy(io.Discard, file); return err })
	if !fault.Is(err, fault.TooLarge) {
		t.Errorf("a file above the limit: %v", err)
	}
}

// What no form of ours sends is refused as it is in other forms.
func TestUploadFieldsAreChecked(t *testing.T) {
	nothing := func(*web.Form, io.Reader) error { return nil }
	for name, fields := range map[string][][2]string{
		"twice":    {{"a", "1"}, {"a", "2"}},
		"control":  {{"a", "x\x00y"}},
		"bad name": {{"a b", "1"}},
		"long":     {{"a", strings.Repeat("x", web.MaxFieldBytes+1)}},
	} {
		if _, err := web.ReadUpload(upload(t, fields, ""), nothing); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	many := make([][2]string, web.MaxFields+1)
	for i := range many {
		many[i] = [2]string{"f" + strings.Repeat("x", i%50) + string(rune('a'+i/50)), "1"}
	}
	if _, err := web.ReadUpload(upload(t, many, ""), nothing); !fault.Is(err, fault.Malformed) {
		t.Errorf("many fields: %v", err)
	}
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("a=1"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if _, err := web.ReadUpload(r, nothing); !fault.Is(err, fault.Unsupported) {
		t.Errorf("another kind of form: %v", err)
	}
}
