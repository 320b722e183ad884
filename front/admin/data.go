package admin

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"strongroom/base/fault"
	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/guard/access"
	"strongroom/guard/staff"
	"strongroom/shop/export"
)

// dataRoutes are the pages on which data leave the shop, people are erased and keys destroyed.
func (a *Admin) dataRoutes() []route {
	return []route{
		{"GET", "/data", theDesk, a.numbersShow},
		{"POST", "/data/numbers", theDesk, a.numbersTake},
		{"GET", "/data/people", theDesk, a.exportShow},
		{"POST", "/data/people", theDesk, a.exportAsk},
		{"POST", "/data/people/fetch", theDesk, a.fileFetch},
		{"POST", "/data/people/drop", theDesk, a.fileDrop},
		{"GET", "/data/person", theDesk, a.erasureShow},
		{"POST", "/data/person", theDesk, a.erasurePlan},
		{"POST", "/data/person/erase", theDesk, a.erasureAsk},
		{"GET", "/data/keys", theDesk, a.keysShow},
		{"POST", "/data/keys/kit", theDesk, a.kitDrop},
		{"POST", "/data/keys/origins", theDesk, a.originsForget},
	}
}

// dataTabs are the pages about data, and the right without which each leads nowhere.
var dataTabs = []struct {
	key, path string
	may       access.Permission
}{
	{"admin.numbers", "/data", access.PaymentView},
	{"admin.data_people", "/data/people", access.DataExport},
	{"admin.person_erase", "/data/person", access.OrderErase},
	{"admin.keys", "/data/keys", access.KeyDestroy},
}

// dataPage is one of them.
type dataPage struct {
	*page
	Tabs    []parts.Link
	Waiting []waitingRow // what the reader asked for and nobody decided on
	From    parts.Field
	Until   parts.Field
	Format  parts.Field
	Reason  parts.Field
}

func (a *Admin) dataPage(c *call, key string) *dataPage {
	p := &dataPage{page: a.page(c, c.site.T(key))}
	for _, tab := range dataTabs {
		if c.who().May(tab.may) {
			p.Tabs = append(p.Tabs, parts.Link{Text: c.site.T(tab.key), Href: tab.path, Current: c.site.T(key) == c.site.T(tab.key)})
		}
	}
	return p
}

// span are the fields that choose days and form. At first they offer the month before this one.
func (p *dataPage) span(typed *web.Form, now time.Time) {
	first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, now.Location())
	value := func(name, offered string) string {
		if typed != nil && typed.Has(name) {
			return typed.Typed(name)
		}
		return offered
	}
	p.From = parts.Field{Name: "from", Label: p.T("admin.first_day"), Type: "date", Wrong: p.Wrong("from"),
		Value: value("from", first.AddDate(0, -1, 0).Format(time.DateOnly))}
	p.Until = parts.Field{Name: "until", Label: p.T("admin.last_day"), Type: "date", Wrong: p.Wrong("until"),
		Value: value("until", first.AddDate(0, 0, -1).Format(time.DateOnly))}
	p.Format = parts.Field{Name: "format", Label: p.T("admin.form"), Wrong: p.Wrong("format"), Value: typed.Typed("format"), Options: []parts.Option{
		{Value: string(export.CSV), Text: p.T("admin.form_csv")}, {Value: string(export.Lines), Text: p.T("admin.form_jsonl")}}}
	p.Reason = parts.Field{Name: "reason", Label: p.T("admin.data_why"), Rows: 2, Max: 500, Value: typed.Typed("reason"), Wrong: p.Wrong("reason")}
}

// wishOf reads days and form. The last day is a whole one.
func (a *Admin) wishOf(c *call) (w export.Wish) {
	zone := a.Shop.TimeZone
	day := func(name string) time.Time {
		t, err := time.ParseInLocation(time.DateOnly, c.form.Typed(name), zone)
		if err != nil {
			c.form.Fail(name, "admin.day_invalid", nil)
		}
		return t
	}
	w.From, w.Until = day("from"), day("until").AddDate(0, 0, 1)
	w.Format, w.Reason = export.Format(c.form.Text("format", 10)), c.form.Lines("reason", 500)
	return w
}

func (a *Admin) now() time.Time { return a.Clock.Now().In(a.Shop.TimeZone) }

func (a *Admin) numbersShow(c *call) error { return a.showNumbers(c, http.StatusOK, nil) }

func (a *Admin) showNumbers(c *call, status int, wrong error) error {
	if err := a.Export.MayNumbers(c.r.Context(), c.who()); err != nil {
		return err
	}
	p := a.dataPage(c, "admin.numbers")
	if wrong != nil && !p.wrong(wrong) {
		return wrong
	}
	p.span(c.form, a.now())
	return a.show(c, status, numbersView(p))
}

// numbersTake streams the numbers at once.
func (a *Admin) numbersTake(c *call) error {
	w := a.wishOf(c)
	err := c.form.Err()
	var st *export.Stream
	if err == nil {
		st, err = a.Export.Numbers(c.r.Context(), c.who(), w)
	}
	if fault.Is(err, fault.Invalid) {
		return a.showNumbers(c, http.StatusUnprocessableEntity, err)
	}
	if err != nil {
		return err
	}
	return a.attach(c, st.Name, 0, func(ctx context.Context, out io.Writer) error { _, err := st.Write(ctx, out); return err })
}

// downloadLife is how long a download may take, and downloadPause how long its reader may read nothing.
const (
	downloadLife  = 15 * time.Minute
	downloadPause = time.Minute
)

// attach streams a file. It outlives the time that a page has; who reads nothing for a minute is cut off.
func (a *Admin) attach(c *call, name string, size int64, write func(context.Context, io.Writer) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.r.Context()), downloadLife)
	defer cancel()
	h := c.w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	if len(name) > 6 && name[len(name)-6:] == ".jsonl" {
		h.Set("Content-Type", "application/x-ndjson")
	}
	h.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
	if size > 0 {
		h.Set("Content-Length", fmt.Sprint(size))
	}
	return write(ctx, &patient{c.w, http.NewResponseController(c.w), a.Clock})
}

func (a *Admin) exportShow(c *call) error { return a.showExport(c, http.StatusOK, nil) }

// exportPage is where files with personal data are asked for and fetched.
type exportPage struct {
	*dataPage
	Files []fileRow
}

type fileRow struct {
	ID, Name, Kind, State, Orders, Ends string
	Ready, Open                         bool
}

func (a *Admin) showExport(c *call, status int, wrong error) error {
	list, err := a.Export.Mine(c.r.Context(), c.who())
	if err != nil {
		return err
	}
	p := &exportPage{dataPage: a.dataPage(c, "admin.data_people")}
	if wrong != nil && !p.wrong(wrong) {
		return wrong
	}
	p.span(c.form, a.now())
	for _, f := range list {
		p.Files = append(p.Files, fileRow{ID: f.ID.String(), Name: f.Name(a.Shop.TimeZone), Kind: "file_" + f.State.String(),
			State: c.site.T("export.state_" + f.State.String()), Orders: c.site.P.Number(f.Orders), Ends: a.when(c, f.Ends),
			Ready: f.State == export.Ready || f.State == export.Fetching, Open: f.State < export.Fetched})
	}
	if p.Waiting, err = a.waitingOf(c, access.MassExport); err != nil {
		return err
	}
	if c.r.URL.Query().Get("done") == "dropped" {
		p.Notice = c.site.T("admin.done_dropped")
	}
	return a.show(c, status, exportView(p))
}

// waitingRow is a request that is open.
type waitingRow struct{ What, StateText, Told string }

// waitingOf are the reader's own requests of some kinds that are open.
func (a *Admin) waitingOf(c *call, kinds ...access.Danger) (out []waitingRow, err error) {
	list, err := a.Staff.Approvals(c.r.Context(), c.who(), staff.Waiting)
	for _, x := range list {
		for _, k := range kinds {
			if x.Kind != k || x.AskedBy != c.who().ID {
				continue
			}
			row := waitingRow{c.site.T(x.Key()), c.site.T("staff.approval_" + x.State.String()), c.site.T("admin.until", "time", a.when(c, x.Ends))}
			if x.Alone {
				row.Told = c.site.T("admin.happens", "time", a.when(c, x.Ready))
			}
			out = append(out, row)
		}
	}
	return out, err
}

func (a *Admin) exportAsk(c *call) error {
	w := a.wishOf(c)
	err := c.form.Err()
	if err == nil {
		_, err = a.Export.Ask(c.r.Context(), c.who(), w)
	}
	if fault.Is(err, fault.Invalid) {
		return a.showExport(c, http.StatusUnprocessableEntity, err)
	}
	if err != nil {
		return err
	}
	return web.Redirect(c.w, "/approvals?done=waiting")
}

// fileFetch hands a file to who asked for it.
func (a *Admin) fileFetch(c *call) error {
	v, err := c.form.ID("file")
	if err != nil {
		return err
	}
	d, err := a.Export.Fetch(c.r.Context(), c.who(), v)
	if err != nil {
		return err
	}
	return a.attach(c, d.Name, d.Size, d.Write)
}

func (a *Admin) fileDrop(c *call) error {
	v, err := c.form.ID("file")
	if err == nil {
		err = a.Export.Drop(c.r.Context(), c.who(), v)
	}
	if err != nil {
		return err
	}
	return web.Redirect(c.w, "/data/people?done=dropped")
}
