package app

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// mailCollector tells what became of mails. It holds nothing about anybody.
type mailCollector struct {
	store                       *Store
	bounces, stopped, unaligned *prometheus.Desc
}

func newMailCollector(s *Store) *mailCollector {
	return &mailCollector{s,
		prometheus.NewDesc("strongroom_mail_bounces", "Mails that came back or were refused in the last half year.", []string{"nobody"}, nil),
		prometheus.NewDesc("strongroom_mail_stopped_addresses", "Addresses that get no more mail until somebody releases them.", nil, nil),
		prometheus.NewDesc("strongroom_mail_unaligned", "1 when DNS did not speak for the sender at the last look.", nil, nil)}
}

// Describe implements prometheus.Collector.
func (c *mailCollector) Describe(ch chan<- *prometheus.Desc) {
	ch <- c.bounces
	ch <- c.stopped
	ch <- c.unaligned
}

// Collect implements prometheus.Collector.
func (c *mailCollector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if n, err := c.store.Post.Counts(ctx); err == nil {
		ch <- prometheus.MustNewConstMetric(c.bounces, prometheus.GaugeValue, float64(n.Nobody), "yes")
		ch <- prometheus.MustNewConstMetric(c.bounces, prometheus.GaugeValue, float64(n.Bounces-n.Nobody), "no")
		ch <- prometheus.MustNewConstMetric(c.stopped, prometheus.GaugeValue, float64(n.Stopped))
	}
	if k, err := c.store.Post.Checked(ctx); err == nil && !k.At.IsZero() {
		unaligned := 1.0
		if k.Aligned {
			unaligned = 0
		}
		ch <- prometheus.MustNewConstMetric(c.unaligned, prometheus.GaugeValue, unaligned)
	}
}
