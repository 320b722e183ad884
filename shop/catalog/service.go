package catalog

import (
	"sync"
	"sync/atomic"
	"time"

	"strongroom/base/blob"
	"strongroom/base/db"
	"strongroom/base/job"
	"strongroom/base/lang"
	"strongroom/base/money"
	"strongroom/guard/audit"
	"strongroom/shop/stock"
)

// Deps are what the catalogue stands on.
type Deps struct {
	DB        *db.DB
	Stock     *stock.Service // is told to call the catalogue when a variant is sold out or comes back
	Blobs     *blob.Store    // pictures; nil where there are none
	Currency  money.Currency
	Languages []string   // the first is the store's own
	Audit     *audit.Log // nil: acts leave no entry (tests)
}

// Service is the catalogue.
type Service struct {
	db        *db.DB
	stock     *stock.Service
	blobs     *blob.Store
	jobs      *job.Queue // nil: pictures are drawn anew at once
	audit     *audit.Log
	currency  money.Currency
	languages []string
	version   versionCheck
	shelves   atomic.Pointer[shelves]
	loading   sync.Mutex // one goroutine reads the shelves
	kept      keptItems
	words     sync.Map // language -> *dictionary
	sorters   sync.Map // language -> *sync.Pool of *lang.Sorter
}

// New makes the service. Call Register while the program is wired, and Prepare before pages are served.
func New(d Deps) *Service {
	s := &Service{db: d.DB, stock: d.Stock, blobs: d.Blobs, currency: d.Currency, languages: d.Languages, audit: d.Audit}
	if len(s.languages) == 0 {
		s.languages = []string{"en"}
	}
	if s.stock == nil {
		s.stock = stock.New(stock.Deps{DB: d.DB})
	}
	s.stock.Tell(s)
	return s
}

// Register hands the catalogue's work to the queue: pictures are drawn anew by jobs from then on, and stale products
// are made anew in the background.
func (s *Service) Register(q *job.Queue) error {
	s.jobs = q
	if err := job.Handle(q, imageJob, job.Options{Attempts: 5, Timeout: 2 * time.Minute}, s.drawJob); err != nil {
		return err
	}
	return job.Every(q, "catalog.refresh", time.Minute, s.Refresh)
}

// sortKey is the text's place among others in the order of the language.
func (s *Service) sortKey(tag, text string) []byte {
	v, ok := s.sorters.Load(tag)
	if !ok {
		v, _ = s.sorters.LoadOrStore(tag, &sync.Pool{New: func() any { return lang.NewSorter(tag) }})
	}
	pool := v.(*sync.Pool)
	one := pool.Get().(*lang.Sorter)
	defer pool.Put(one)
	return one.Key(text)
}

// lang is the language to read in: the one that was asked for, or the store's own.
func (s *Service) lang(tag string) string {
	for _, l := range s.languages {
		if l == tag {
			return l
		}
	}
	return s.languages[0]
}
