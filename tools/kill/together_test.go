package kill

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/tools/rig"
	"strongroom/tools/shopper"
)

// Three processes that start at the same moment on empty databases make one store: one root key, one history of tables,
// one mark of the installation, and none of them takes itself for a copy. Then all of them sell the same goods at the
// same price, also after another process changed it, and sixty buyers get no more than there is.
func TestThreeProcessesAreOneStore(t *testing.T) {
	if !slices.Contains(dbtest.Engines(), db.Postgres) {
		t.Log("no PostgreSQL: processes can share nothing else")
		return
	}
	t.Parallel()
	r := rig.NewOn(t, dbtest.Empty(t), dbtest.Empty(t), "STRONGROOM_LIMITS_SCALE=1000")
	r.Cluster(3)
	r.Start()
	m := &market{rig: r}
	if n := m.count(t, `SELECT COUNT(*) FROM epoch_mark`); n != 1 {
		t.Errorf("%d marks", n)
	}
	if strings.Contains(r.Log.String(), "this store is a copy") {
		t.Error("a process takes itself for a copy")
	}
	const head = "handle,category,title:en,title:de,tax_class,sku,price,weight_g,stock\n"
	r.Import(head + "bowl,tableware,Bowl,Schale,standard,BOWL-1,34.00,500,25\n")
	eventually(t, r, "/en/p/bowl", "34.00")
	r.Import(head + "bowl,tableware,Bowl,Schale,standard,BOWL-1,35.50,500,25\n")
	eventually(t, r, "/en/p/bowl", "35.50")
	var mu sync.Mutex
	paid := 0
	var wg sync.WaitGroup
	gate := make(chan struct{}, 16)
	for i := range 60 {
		wg.Go(func() {
			gate <- struct{}{}
			defer func() { <-gate }()
			s := r.Network.New(fmt.Sprintf("198.18.7.%d", i+1))
			o, err := s.Buy(t.Context(), r.Shop, "/en/p/bowl", shopper.Somebody(fmt.Sprintf("b%d@buyers.example", i)), shopper.Paid)
			if err == nil && strings.Contains(string(o.Last.Body), `class="state done"`) {
				mu.Lock()
				paid++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	m.settle(t)
	sold := m.count(t, `SELECT COALESCE(SUM(l.quantity), 0) FROM order_line l JOIN order_head h ON h.id = l.order_id WHERE h.state = 3`)
	if sold != 25 || paid != 25 {
		t.Errorf("%d of 25 pieces were sold, %d buyers were told that they paid", sold, paid)
	}
	m.checkMoney(t)
	for i, n := range r.Asked() {
		if n < 50 {
			t.Errorf("process %d was asked %d times", i+1, n)
		}
	}
}

// eventually asks until every process shows the words, which it must within two seconds.
func eventually(t *testing.T, r *rig.Rig, path, words string) {
	t.Helper()
	client := &http.Client{Transport: r.Transport(), Timeout: 5 * time.Second}
	limit := time.Now().Add(2 * time.Second)
	for right := 0; right < 6; {
		resp, err := client.Get(r.Shop + path)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		_, _ = io.Copy(&b, resp.Body)
		_ = resp.Body.Close()
		if right++; !strings.Contains(b.String(), words) {
			right = 0
		}
		if time.Now().After(limit) {
			t.Fatalf("after two seconds %s does not say %q on every process", path, words)
		}
	}
}
