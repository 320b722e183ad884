package web

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"strings"
	"unicode/utf8"

	"strongroom/base/fault"
)

// ReadUpload reads a form with files, part by part, so that no file is ever held as a whole. Fields stand before files,
// as in our forms: when take is called with a file, the form has all fields so far, and the caller checks its token
// before she reads a byte of the file. A field for files that was left empty is passed over.
func ReadUpload(r *http.Request, take func(f *Form, file io.Reader) error) (*Form, error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" || params["boundary"] == "" {
		return nil, fault.New(fault.Unsupported, "web.form_type")
	}
	f := &Form{values: map[string][]string{}}
	parts := multipart.NewReader(r.Body, params["boundary"])
	for range MaxFields {
		p, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return f, nil
		}
		if err != nil {
			if cut := uploadFault(err); fault.As(cut) != nil {
				return nil, cut
			}
			return nil, fault.New(fault.Malformed, "web.form_malformed").Because(err)
		}
		if err := f.part(p, take); err != nil {
			return nil, err
		}
	}
	return nil, fault.New(fault.Malformed, "web.form_fields").With("max", MaxFields)
}

// part takes one part in: a field into the form, a file to whom it is for.
func (f *Form) part(p *multipart.Part, take func(f *Form, file io.Reader) error) error {
	name := p.FormName()
	if name == "" || len(name) > 64 || !plainName(name) {
		return fault.New(fault.Malformed, "web.form_malformed")
	}
	if p.FileName() != "" {
		return uploadFault(take(f, p))
	}
	if p.Header.Get("Content-Type") != "" { // an empty field for files
		return nil
	}
	b, err := io.ReadAll(io.LimitReader(p, MaxFieldBytes+1))
	switch value := string(b); {
	case err != nil:
		return uploadFault(err)
	case len(b) > MaxFieldBytes:
		return fault.New(fault.TooLarge, "web.too_large")
	case !utf8.ValidString(value) || strings.IndexFunc(value, forbidden) >= 0:
		return fault.New(fault.Malformed, "web.form_malformed")
	case f.Has(name):
		return fault.New(fault.Malformed, "web.form_repeated")
	default:
		f.values[name] = []string{strings.ReplaceAll(value, "\r\n", "\n")}
	}
	return nil
}

// uploadFault is what a body that ended early, came too slowly or is too large means to who sent it.
func uploadFault(err error) error {
	var big *http.MaxBytesError
	switch {
	case errors.As(err, &big):
		return fault.New(fault.TooLarge, "web.too_large")
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fault.New(fault.Timeout, "web.slow")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fault.New(fault.Malformed, "web.form_cut").Because(err)
	}
	return err
}
