package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
)

// traces measures what tracing costs: the product page without the cache, with no collector, with a tenth and with all
// requests traced. The collector is this process, so that its own work is not counted.
func (b *bench) traces(ctx context.Context) error {
	var messages atomic.Int64
	sink := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		messages.Add(1)
	}))
	defer sink.Close()
	product := chooser(b.products, func(r int) string { return b.store.shop + "/en/p/" + handle(r) })
	var off float64
	for _, percent := range []int{0, 10, 100} {
		env := []string{"STRONGROOM_LIMITS_PAGE_CACHE=0"}
		if percent > 0 {
			env = append(env, "STRONGROOM_TRACE_ENDPOINT="+sink.URL, fmt.Sprintf("STRONGROOM_TRACE_PERCENT=%d", percent))
		}
		err := b.withStore(ctx, env, func(ctx context.Context) error {
			var rs []result
			for range 3 {
				r, err := load(ctx, b.store.roots, b.store.serve.pid(), connections, span/2, product)
				if err != nil {
					return err
				}
				rs = append(rs, r)
			}
			r := middle(rs)
			if percent == 0 {
				off = r.cpuMS()
			}
			b.row(fmt.Sprintf("product page, uncached, %d %% traced", percent), fmt.Sprintf("%.3f CPU-ms, %.0f requests/s, %d messages", r.cpuMS(), r.perSecond(), messages.Swap(0)),
				fmt.Sprintf("%.2f of the cost without; no target", r.cpuMS()/off), r.Failures == 0)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
