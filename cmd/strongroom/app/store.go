package app

import (
	"context"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"strongroom/base/blob"
	"strongroom/base/config"
	"strongroom/base/db"
	"strongroom/base/event"
	"strongroom/base/job"
	"strongroom/base/lang"
	"strongroom/base/mail"
	"strongroom/base/mail/captured"
	phonebox "strongroom/base/sms/captured"
	"strongroom/front/demo/sandbox"
	"strongroom/guard/certificate"
	"strongroom/guard/epoch"
	"strongroom/guard/shield"
	"strongroom/guard/vault"
	"strongroom/schema"
)

// Store is all parts of one store, from the databases up. Each part stands only on those above it.
type Store struct {
	c Config

	Data  *db.DB
	Keys  *db.DB
	Vault *vault.Vault
	Epoch *epoch.Epoch
	Jobs  *job.Queue
	Bus   *event.Bus
	Texts *lang.Catalog
	Blobs *blob.Store
	Mail  mail.Sender

	services

	outbox  *captured.Box       // where mail goes when no server is configured
	phones  *phonebox.Box       // where short messages go when no provider is
	keeper  *certificate.Keeper // gets certificates by themselves; nil if they come from elsewhere
	sandbox *sandbox.Server     // the demo's own
	closers []func() error      // run backwards by Close
	cancel  context.CancelFunc
}

// Open opens a store without serving it: the commands that look after one use it too.
func Open(ctx context.Context, c Config) (*Store, error) {
	c.fill()
	if err := makeFolders(c.Place); err != nil {
		return nil, err
	}
	s := &Store{c: c}
	for _, step := range []func(context.Context) error{s.openTexts, s.openKeys, s.openData, s.openAudit, s.openEpoch,
		s.openJobs, s.openMail, s.openServices} {
		if err := step(ctx); err != nil {
			s.Close()
			return nil, err
		}
	}
	return s, nil
}

// Close closes everything that was opened, the newest first.
func (s *Store) Close() {
	for _, c := range slices.Backward(s.closers) {
		if err := c(); err != nil {
			s.c.Log.Warn("closing", "error", err)
		}
	}
	s.closers = nil
}

// Shop is who sells.
func (s *Store) Shop() config.Shop { return s.c.Shop }

func (s *Store) onClose(f func() error) { s.closers = append(s.closers, f) }

func (s *Store) openTexts(context.Context) (err error) {
	s.Texts, err = lang.Load(lang.Messages())
	return err
}

// patience is how long a write that nobody waits for looks for a commit to share.
const patience = 100 * time.Millisecond

// openData opens the data database and brings it up to this program's version.
func (s *Store) openData(ctx context.Context) (err error) {
	s.Data, err = db.Open(ctx, db.Options{DSN: s.c.Place.Data, Clock: s.c.Clock, Patience: patience, Migrations: schema.Data()})
	if err != nil {
		return explainDB("database", where(s.c.Place.Data), err)
	}
	s.onClose(s.Data.Close)
	return nil
}

// where names a database without the password that its address may hold.
func where(dsn string) string {
	if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
		return path
	}
	return "PostgreSQL"
}

func (s *Store) openJobs(context.Context) (err error) {
	s.Jobs = job.New(s.Data, s.c.Log, 0)
	s.Jobs.HoldOutside(s.held)
	s.Bus = event.NewBus(s.Data, s.Jobs)
	s.Blobs, err = blob.Open(filepath.Join(s.c.Place.Folder, "blobs"))
	if err != nil {
		return folderError(s.c.Place.Folder, err)
	}
	s.onClose(s.Blobs.Close)
	return nil
}

// openMail takes the configured sender, or an outbox in the data folder whose files only this store can read.
func (s *Store) openMail(context.Context) (err error) {
	if s.c.Mail != nil {
		if c, ok := s.c.Mail.(io.Closer); ok {
			s.onClose(c.Close)
		}
		s.Mail = tracedMail{s.c.Mail}
		return nil
	}
	s.outbox, err = captured.Open(filepath.Join(s.c.Place.Folder, "outbox"), s.c.Clock,
		func(b []byte) ([]byte, error) { return s.Vault.SealSecret("demo.outbox", b) },
		func(b []byte) ([]byte, error) { return s.Vault.OpenSecret("demo.outbox", b) })
	s.Mail = s.outbox
	return err
}

// prepare makes ready what pages are made of: the demo's goods, and whatever this version of the program derives
// otherwise than the last one.
func (s *Store) prepare(ctx context.Context) error {
	if err := s.Catalog.Prepare(ctx, nil); err != nil || !s.c.Demo {
		return err
	}
	return s.furnish(ctx)
}

// start sets everything in motion that works in the background.
func (s *Store) start(ctx context.Context) {
	ctx, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	s.Jobs.Start(ctx)
	go s.Setup.Watch(ctx)
	settle()
	if s.sandbox != nil {
		go s.sandbox.Run(ctx)
	}
}

// stop lets jobs that run finish, and ends the rest.
func (s *Store) stop(limit time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	err := s.Jobs.Drain(ctx)
	if s.cancel != nil {
		s.cancel()
	}
	return err
}

func (s *Store) databases() map[string]*db.DB {
	return map[string]*db.DB{"data": s.Data, "keys": s.Keys}
}

// deadJobs counts the jobs that wait for a person.
func (s *Store) deadJobs(ctx context.Context) (int64, error) {
	counts, err := s.Jobs.Counts(ctx)
	return counts["dead"], err
}

// private starts the listener for metrics and health, if there is one.
func (s *Store) private(sh *shield.Shield) (*private, error) {
	if s.c.Private == "" {
		return nil, nil
	}
	return startPrivate(s.c.Private, newRegistry(s, sh), s.Live, s.Ready, s.c.Recent)
}
