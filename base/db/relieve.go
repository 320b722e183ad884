package db

import (
	"context"
	"database/sql"
	"strconv"
	"sync"
	"time"
)

// How much of SQLite's log gathers before the writer copies it into the file, in pages: usually, and while somebody
// else does the copying.
const (
	logUsual   = 4_000
	logRelieve = 24_000
)

// relieveEvery is how often the log is copied during a long work.
const relieveEvery = 400 * time.Millisecond

// Relieve has SQLite's log copied into the file beside the writer, by a connection of its own, until end is called: for
// a long work that changes much of the file, such as an import, whose transactions would otherwise wait for it.
// Nothing about what is durable when changes. PostgreSQL does so by itself.
func (d *DB) Relieve(ctx context.Context) (end func(), err error) {
	if d.writer == nil {
		return func() {}, nil
	}
	own, err := sql.Open("sqlite", sqliteDSN(d.path, false, false))
	if err != nil {
		return nil, classify(err)
	}
	own.SetMaxOpenConns(1)
	if err := d.copyAt(ctx, logRelieve); err != nil {
		_ = own.Close()
		return nil, err
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	var ended sync.WaitGroup
	ended.Go(func() { relieve(ctx, own) })
	return func() {
		stop()
		ended.Wait()
		_ = own.Close()
		_ = d.copyAt(context.WithoutCancel(ctx), logUsual)
	}, nil
}

// relieve copies what there is, again and again. A copy that another process is making already, or that a reader
// holds up, is no failure: the next one goes on from there.
func relieve(ctx context.Context, own *sql.DB) {
	tick := time.NewTicker(relieveEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			var busy, log, done int
			_ = own.QueryRowContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &log, &done)
		}
	}
}

// copyAt sets after how many pages of log the writer copies them itself.
func (d *DB) copyAt(ctx context.Context, pages int) error {
	return classify(d.writer.raw(ctx, func(c *sql.Conn) error {
		_, err := c.ExecContext(ctx, "PRAGMA wal_autocheckpoint = "+strconv.Itoa(pages))
		return err
	}))
}
