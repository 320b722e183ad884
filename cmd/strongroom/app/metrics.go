package app

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"strongroom/guard/shield"
)

// collector reads the store's own counters when Prometheus asks. Labels are words of the program, never of people.
type collector struct {
	store  *Store
	shield *shield.Shield

	refused, running, waiting, writes, commits, dead, differing, unequal *prometheus.Desc
	expiry, failures, failed                                             *prometheus.Desc
	pages, looked                                                        *prometheus.Desc
}

func newCollector(s *Store, sh *shield.Shield) *collector {
	d := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("strongroom_"+name, help, labels, nil)
	}
	return &collector{store: s, shield: sh,
		refused:   d("refused_requests_total", "Requests that the shield sent away.", "act", "class"),
		running:   d("running_requests", "Requests that run now.", "class"),
		waiting:   d("waiting_requests", "Requests that wait for their class's queue.", "class"),
		writes:    d("database_writes_total", "Writes that were committed.", "database"),
		commits:   d("database_commits_total", "Commits; on SQLite several writes may share one.", "database"),
		dead:      d("dead_jobs", "Jobs that failed for good and wait for a person."),
		differing: d("payments_mismatched", "Payments about which the provider says something else than the store; a person looks."),
		unequal:   d("payment_differences", "Differences between provider, ledger and orders that nobody has dealt with."),
		expiry:    d("certificate_expiry_seconds", "Time until the certificate of a host ends; negative once it has.", "host"),
		failures:  d("certificate_failures", "Attempts in a row that brought no certificate.", "host"),
		pages:     d("payment_page_differences", "Things on the pages around payment that are not as declared and that nobody accepted."),
		looked:    d("payment_pages_seen_timestamp_seconds", "When a look from outside last reached the pages around payment."),
		failed:    d("certificate_last_failure_timestamp_seconds", "When an attempt last brought no certificate.", "host"),
	}
}

// Describe implements prometheus.Collector.
func (c *collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.refused, c.running, c.waiting, c.writes, c.commits, c.dead, c.differing, c.unequal,
		c.expiry, c.failures, c.failed, c.pages, c.looked} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c *collector) Collect(ch chan<- prometheus.Metric) {
	for k, n := range c.shield.Refusals() {
		ch <- prometheus.MustNewConstMetric(c.refused, prometheus.CounterValue, float64(n), k.Act, k.Class.String())
	}
	for class := shield.Page; class <= shield.Other; class++ {
		running, waiting := c.shield.Waiting(class)
		ch <- prometheus.MustNewConstMetric(c.running, prometheus.GaugeValue, float64(running), class.String())
		ch <- prometheus.MustNewConstMetric(c.waiting, prometheus.GaugeValue, float64(waiting), class.String())
	}
	for name, d := range c.store.databases() {
		writes, commits := d.Counts()
		ch <- prometheus.MustNewConstMetric(c.writes, prometheus.CounterValue, float64(writes), name)
		ch <- prometheus.MustNewConstMetric(c.commits, prometheus.CounterValue, float64(commits), name)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if n, err := c.store.deadJobs(ctx); err == nil {
		ch <- prometheus.MustNewConstMetric(c.dead, prometheus.GaugeValue, float64(n))
	}
	if n, err := c.store.Payment.Mismatched(ctx); err == nil {
		ch <- prometheus.MustNewConstMetric(c.differing, prometheus.GaugeValue, float64(n))
	}
	if n, err := c.store.Payment.OpenDifferences(ctx); err == nil {
		ch <- prometheus.MustNewConstMetric(c.unequal, prometheus.GaugeValue, float64(n))
	}
	c.certificates(ctx, ch)
	c.watched(ctx, ch)
}

// watched tells how the look at the payment pages from outside ended.
func (c *collector) watched(ctx context.Context, ch chan<- prometheus.Metric) {
	if c.store.Watch == nil || !c.store.watching() {
		return
	}
	st, err := c.store.Watch.Standing(ctx)
	if err != nil {
		return
	}
	n, err := c.store.differing(ctx, st)
	if err != nil {
		return
	}
	ch <- prometheus.MustNewConstMetric(c.pages, prometheus.GaugeValue, float64(n))
	if !st.Seen.ID.IsZero() {
		ch <- prometheus.MustNewConstMetric(c.looked, prometheus.GaugeValue, float64(st.Seen.At.Unix()))
	}
}

// certificates tells of the shop's own hosts, which are its configuration and nobody's secret.
func (c *collector) certificates(ctx context.Context, ch chan<- prometheus.Metric) {
	if c.store.c.Ends == nil {
		return
	}
	all, err := c.store.c.Ends.Expiries(ctx)
	if err != nil {
		return
	}
	for _, e := range all {
		if !e.Ends.IsZero() {
			left := e.Ends.Sub(c.store.c.Clock.Now())
			ch <- prometheus.MustNewConstMetric(c.expiry, prometheus.GaugeValue, left.Seconds(), e.Name)
		}
	}
	if c.store.keeper == nil {
		return
	}
	for _, st := range c.store.keeper.Standings() {
		ch <- prometheus.MustNewConstMetric(c.failures, prometheus.GaugeValue, float64(st.Failures), st.Host)
		if st.Failure != nil {
			ch <- prometheus.MustNewConstMetric(c.failed, prometheus.GaugeValue, float64(st.Failure.At.Unix()), st.Host)
		}
	}
}
