// Package post sees to it that mails arrive, and notices when they do not.
//
//   - It makes the keys that sign the shop's mails, keeps them sealed, and signs (key.go). A key signs from the moment
//     DNS shows its public half: a signature that nobody can verify is worth nothing.
//   - It asks DNS each day how the sender's domain looks to receivers, and remembers the answer (check.go).
//   - It gives each mail an envelope sender of its own (envelope.go): a token with a keyed hash that says which letter
//     about which order it was, and nothing about anybody.
//   - It takes down mails that were refused or came back (bounce.go, report.go, receive.go). Where there is nobody at
//     an address, nothing more is sent to that address for that subject until somebody releases it. The owner is told
//     once for each order.
//
// Letters themselves are written by front/letters, which asks here before it sends and tells here what was refused.
package post

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"strongroom/base/db"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/base/mail/align"
	"strongroom/guard/audit"
	"strongroom/guard/vault"
	"strongroom/shop/order"
)

// Book knows whom letters were written to; order.Service fulfils it.
type Book interface {
	Addressee(ctx context.Context, object id.ID) (order.Addressee, error)
}

// Deps are what the post stands on.
type Deps struct {
	DB       *db.DB
	Vault    *vault.Vault
	Audit    *audit.Log
	Jobs     *job.Queue
	Orders   Book
	Resolver align.Resolver
	Log      *slog.Logger

	From    string // address of the sender
	Bounces string // address to which bounces go; "" when they are not seen
	Host    string // the mail server; "" when mail goes nowhere
	Owner   string // gets DMARC's reports
}

// Service is the post.
type Service struct {
	d    Deps
	keys atomic.Pointer[signing]
}

// New makes the post and registers its jobs.
func New(d Deps) (*Service, error) {
	s := &Service{d: d}
	if d.Host == "" {
		return s, nil
	}
	return s, errors.Join(job.Every(d.Jobs, "post.check", 24*time.Hour, s.daily), job.Every(d.Jobs, "post.forget", 24*time.Hour, s.forget))
}

// keepFor is how long bounces are kept: as long as somebody may ask why a mail did not come.
const keepFor = 180 * 24 * time.Hour

// forget deletes old bounces and stops that were released.
func (s *Service) forget(ctx context.Context) error {
	return s.d.DB.Write(ctx, func(tx *db.Tx) error { return dropOld(tx, tx.Now().Add(-keepFor)) })
}

// domain is the part of an address behind the @.
func domain(address string) string {
	_, d, _ := strings.Cut(address, "@")
	return strings.ToLower(d)
}
