package stage

import (
	"bufio"
	"bytes"
	"context"
	"crypto/x509"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver "pgx"

	"strongroom/base/blob"
	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/lang"
	"strongroom/base/localca"
	"strongroom/base/mail/captured"
	smscaptured "strongroom/base/sms/captured"
	"strongroom/cmd/strongroom/app"
	outbox "strongroom/front/demo"
	"strongroom/front/demo/sample"
	"strongroom/front/demo/sandbox"
	"strongroom/guard/access"
	"strongroom/schema"
	"strongroom/shop/catalog"
	"strongroom/shop/stock"
	"strongroom/tools/balancer"
)

const (
	shopName  = "shop.localhost"
	adminName = "admin.localhost"
	payName   = "pay.localhost"
	mailName  = "mail.localhost"

	apiKey       = "sk_test_stage_0123456789abcdef"
	noticeSecret = "whsec_stage_0123456789abcdef0123456789abcdef"

	second       = "acct_orchard" // what can be set up at the desk beside it
	secondKey    = "sk_test_second_0123456789abcdef"
	secondSecret = "whsec_second_0123456789abcdef0123456789abcdef"
)

// cluster is a demo store of several processes on one PostgreSQL behind a balancer that sends each request to another one.
// The payment provider and the outbox are the stage's own.
type cluster struct {
	d       *Demo
	folder  string
	set     *localca.Set
	roots   *x509.CertPool
	front   *balancer.Balancer
	closers []func()

	atShipment bool
}

// StartCluster is Start for a store of n processes: bin is the program tools/journey/node, server the address of a
// PostgreSQL server. With atShipment it takes money when goods leave.
func StartCluster(ctx context.Context, bin, folder, server string, n int, atShipment bool) (*Demo, error) {
	c := &cluster{atShipment: atShipment, d: &Demo{log: &tail{}, Data: filepath.Join(folder, "data")}, folder: folder}
	c.d.close = c.close
	err := c.start(ctx, bin, server, n)
	if err != nil {
		c.d.Stop()
		return nil, fmt.Errorf("the cluster does not start: %w\n%s", err, c.d.log)
	}
	return c.d, nil
}

func (c *cluster) start(ctx context.Context, bin, server string, n int) (err error) {
	if err := os.MkdirAll(c.d.Data, 0o700); err != nil {
		return err
	}
	certs := filepath.Join(c.folder, "tls")
	if c.set, err = localca.Open(certs, []string{shopName, adminName, payName, mailName}, time.Now()); err != nil {
		return err
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	c.d.Shop, c.d.Admin = "https://"+shopName+":"+port, "https://"+adminName+":"+port
	c.d.Sandbox, c.d.Outbox = "https://"+payName+":"+port, "https://"+mailName+":"+port
	c.d.CA = c.set.CAFile()
	if err := c.d.trust(); err != nil {
		return err
	}
	c.roots = x509.NewCertPool()
	pem, err := os.ReadFile(c.d.CA)
	if err != nil {
		return err
	}
	c.roots.AppendCertsFromPEM(pem)
	mails, deliver, err := c.mail()
	if err != nil {
		return err
	}
	pay, err := c.pay(ctx)
	if err != nil {
		return err
	}
	c.front = balancer.Start(ln, shopName, c.set.Certificate, c.roots, map[string]http.Handler{payName: pay, mailName: mails}, io.Discard)
	c.closers = append(c.closers, c.front.Close)
	data, keys, err := c.databases(ctx, server)
	if err != nil {
		return err
	}
	c.d.dsn = data
	if err := os.CopyFS(filepath.Join(c.d.Data, "own"), sample.FS()); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := c.nodes(bin, certs, deliver, data, keys, n); err != nil {
		return err
	}
	if err := c.furnish(ctx, data); err != nil {
		return err
	}
	return c.d.Restock(ctx)
}

// nodes starts the processes, all at once, and waits until each is ready.
func (c *cluster) nodes(bin, certs, deliver, data, keys string, n int) error {
	var backs []*balancer.Backend
	links := make(chan string, n)
	for range n {
		public, private := free(), free()
		line, err := json.Marshal(map[string]any{"Shop": c.d.Shop, "Admin": c.d.Admin, "Pay": c.d.Sandbox,
			"Hosts": []string{shopName, adminName, payName, mailName}, "Listen": public, "Private": private, "Folder": c.d.Data, "Data": data, "Keys": keys, "Certificates": certs, "Mail": deliver, "APIKey": apiKey, "NoticeSecret": noticeSecret, "AtShipment": c.atShipment,
			"Sample": map[string]string{"account": second, "key": secondKey, "secret": secondSecret}})
		if err != nil {
			return err
		}
		cmd := exec.Command(bin)
		cmd.Stdin, cmd.Stderr = bytes.NewReader(line), c.d.log
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			return err
		}
		go func() {
			r := bufio.NewReader(out)
			link, _ := r.ReadString('\n')
			links <- strings.TrimSpace(link)
			_, _ = io.Copy(c.d.log, r)
		}()
		c.closers = append(c.closers, func() {
			_ = cmd.Process.Signal(syscall.SIGTERM)
			timer := time.AfterFunc(20*time.Second, func() { _ = cmd.Process.Kill() })
			_ = cmd.Wait()
			timer.Stop()
		})
		backs = append(backs, &balancer.Backend{Listen: public, Private: "http://" + private})
	}
	c.front.Use(backs...)
	for end := time.Now().Add(time.Minute); ; {
		ready := 0
		for _, b := range backs {
			if b.Ready() {
				ready++
			}
		}
		if ready == n {
			return c.setUp(links, n)
		}
		if time.Now().After(end) {
			return fmt.Errorf("%d of %d processes are ready after a minute", ready, n)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// setUp takes the set-up link that was printed last: it ended the others.
func (c *cluster) setUp(links <-chan string, n int) error {
	for range n {
		select {
		case link := <-links:
			resp, err := c.d.Client.Get(link)
			if err != nil {
				return err
			}
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				c.d.SetUp = link
				return nil
			}
		case <-time.After(time.Minute):
			return errors.New("no process prints a set-up link")
		}
	}
	return errors.New("no set-up link works")
}

func free() string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "127.0.0.1:0"
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// databases makes two on the server, which are removed in the end.
func (c *cluster) databases(ctx context.Context, server string) (data, keys string, err error) {
	d, err := sql.Open("pgx", server)
	if err != nil {
		return "", "", err
	}
	name := fmt.Sprintf("journey_%d", rand.Uint32())
	c.closers = append([]func(){func() {
		for _, kind := range []string{"data", "keys"} {
			_, _ = d.Exec("DROP DATABASE IF EXISTS " + name + "_" + kind + " WITH (FORCE)")
		}
		_ = d.Close()
	}}, c.closers...)
	for _, kind := range []string{"data", "keys"} {
		if _, err := d.ExecContext(ctx, "CREATE DATABASE "+name+"_"+kind); err != nil {
			return "", "", err
		}
	}
	base := server[:strings.LastIndex(server, "/")+1]
	return base + name + "_data", base + name + "_keys", nil
}

// mail is the outbox's pages, and the address where the processes hand mails and short messages in.
func (c *cluster) mail() (pages http.Handler, deliver string, err error) {
	same := func(b []byte) ([]byte, error) { return b, nil }
	box, err := captured.Open(filepath.Join(c.folder, "outbox"), clock.System(), same, same)
	if err != nil {
		return nil, "", err
	}
	texts, err := lang.Load(lang.Messages())
	if err != nil {
		return nil, "", err
	}
	shop, err := app.DemoShop(c.d.Shop)
	if err != nil {
		return nil, "", err
	}
	phones, err := smscaptured.Open(filepath.Join(c.folder, "outbox"), clock.System(), same, same)
	if err != nil {
		return nil, "", err
	}
	out, err := outbox.NewOutbox(box, phones, texts, shop)
	if err != nil {
		return nil, "", err
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", err
	}
	take := http.NewServeMux()
	take.Handle("POST /mail", handedIn(box.Send))
	take.Handle("POST /sms", handedIn(phones.Send))
	srv := &http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: take}
	go func() { _ = srv.Serve(ln) }()
	c.closers = append(c.closers, func() { _ = srv.Close() })
	host := out.Host(mailName)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host.Headers(w.Header(), 0)
		out.ServeHTTP(w, r)
	}), "http://" + ln.Addr().String(), nil
}

// handedIn takes a message from one of the processes.
func handedIn[M any](send func(context.Context, M) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var m M
		b, err := io.ReadAll(io.LimitReader(r.Body, 4<<20))
		if err = errors.Join(err, json.Unmarshal(b, &m)); err == nil {
			err = send(r.Context(), m)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
}

// pay is the payment provider.
func (c *cluster) pay(ctx context.Context) (http.Handler, error) {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	s, err := sandbox.New(ctx, sandbox.Config{Origin: c.d.Sandbox, Client: &http.Client{Timeout: 5 * time.Second, Transport: c.d.Client.Transport},
		Accounts: []sandbox.Account{{ID: "acct_kiln", Name: "Kiln & Orchard", Mode: "test", Secret: apiKey,
			NoticeURL: c.d.Shop + "/notices/sandbox", NoticeSecrets: []string{noticeSecret}},
			{ID: second, Name: "Kiln & Orchard", Mode: "test", Secret: secondKey,
				NoticeURL: c.d.Shop + "/notices/dune_bank", NoticeSecrets: []string{secondSecret}}}})
	if err != nil {
		stop()
		return nil, err
	}
	go s.Run(ctx)
	c.closers = append(c.closers, func() { stop(); _ = s.Close() })
	return s, nil
}

// furnish puts the sample's goods on the shelves, as a further process of the store.
func (c *cluster) furnish(ctx context.Context, dsn string) error {
	data, err := db.Open(ctx, db.Options{DSN: dsn, Migrations: schema.Data()})
	if err != nil {
		return err
	}
	defer func() { _ = data.Close() }()
	blobs, err := blob.Open(filepath.Join(c.d.Data, "blobs"))
	if err != nil {
		return err
	}
	defer func() { _ = blobs.Close() }()
	goods := catalog.New(catalog.Deps{DB: data, Stock: stock.New(stock.Deps{DB: data}), Blobs: blobs, Currency: "EUR", Languages: []string{"en", "de"}})
	pictures, err := fs.Sub(sample.FS(), "pictures")
	if err != nil {
		return err
	}
	o := catalog.Options{Actor: access.Console(), Images: pictures, Rendered: true}
	for _, file := range []struct {
		name string
		run  func(context.Context, io.Reader, catalog.Options) (catalog.Report, error)
	}{{"categories.csv", goods.ImportCategories}, {"products.csv", goods.Import}} {
		f, err := sample.FS().Open(file.name)
		if err != nil {
			return err
		}
		_, err = file.run(ctx, f, o)
		if err = errors.Join(err, f.Close()); err != nil {
			return fmt.Errorf("%s: %w", file.name, err)
		}
	}
	return nil
}

// close ends everything, the newest first, and the databases last.
func (c *cluster) close() {
	for i := len(c.closers) - 1; i >= 0; i-- {
		c.closers[i]()
	}
}
