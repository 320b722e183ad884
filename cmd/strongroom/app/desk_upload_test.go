package app

import (
	"bytes"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"testing"

	"strongroom/base/db"
	"strongroom/base/web"
	"strongroom/guard/identity"
)

// picture is a form with a file, whose token stands before the file or, as no form of ours has it, behind.
func picture(t *testing.T, before, behind string) (body *bytes.Buffer, kind string) {
	t.Helper()
	var file bytes.Buffer
	must(t, png.Encode(&file, image.NewRGBA(image.Rect(0, 0, 40, 30))))
	body = &bytes.Buffer{}
	w := multipart.NewWriter(body)
	if before != "" {
		must(t, w.WriteField("form_token", before))
	}
	part, err := w.CreateFormFile("picture", "bowl.png")
	must(t, err)
	_, err = part.Write(file.Bytes())
	must(t, err)
	if behind != "" {
		must(t, w.WriteField("form_token", behind))
	}
	must(t, w.Close())
	return body, w.FormDataContentType()
}

// upload sends it to a product's pictures.
func (o *office) upload(x *seat, before, behind string) *http.Response {
	o.t.Helper()
	b, kind := picture(o.t, before, behind)
	req := httptest.NewRequest("POST", deskOrigin+"/products/bowl/pictures", b)
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.Header.Set("User-Agent", x.v.Agent)
	req = req.WithContext(web.WithClient(req.Context(), x.v.Origin))
	req.AddCookie(&http.Cookie{Name: identity.CookieBrowser, Value: x.v.Browser.Clear()})
	req.AddCookie(&http.Cookie{Name: identity.CookieAdmin, Value: x.v.Session.Clear()})
	w := httptest.NewRecorder()
	o.desk.ServeHTTP(w, req)
	return w.Result()
}

// A form with a file is bound to its browser like any other, and no byte of the file is taken in before that is known
// (V3.5.1).
func TestFilesOfTheDeskAreBoundToTheBrowser_V3_5_1(t *testing.T) {
	o := openOffice(t)
	ida := o.owner()
	pictures := func() (n int64) {
		must(t, o.s.Data.Read(t.Context(), func(tx *db.Tx) error { return tx.QueryRow("SELECT COUNT(*) FROM catalog_image").Scan(&n) }))
		return n
	}
	own, foreign, before := o.token(ida), o.token(&seat{v: browser()}), pictures()
	for name, c := range map[string][2]string{"another browser's": {foreign, ""}, "no": {"", ""}, "a late": {"", own}, "a forged": {own[:len(own)-2] + "AA", ""}} {
		if resp := o.upload(ida, c[0], c[1]); resp.StatusCode != http.StatusForbidden {
			t.Errorf("with %s token: %s", name, resp.Status)
		}
	}
	if n := pictures(); n != before {
		t.Errorf("%d pictures were taken in", n-before)
	}
	if resp := o.upload(ida, own, ""); resp.StatusCode != http.StatusSeeOther || pictures() != before+1 {
		t.Errorf("with her own token: %s, %d pictures", resp.Status, pictures()-before)
	}
}
