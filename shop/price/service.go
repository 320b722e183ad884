package price

import (
	"net/netip"
	"time"

	"strongroom/base/db"
	"strongroom/base/id"
	"strongroom/guard/audit"
)

// Deps is what a Service stands on.
type Deps struct {
	DB    *db.DB
	Audit *audit.Log
	// Hash is a keyed hash (vault.MAC): codes and networks are stored through it, so that a stolen data database hands
	// out neither.
	Hash func(label string, data []byte) []byte
}

// Service keeps discount codes.
type Service struct{ d Deps }

// New makes a Service.
func New(d Deps) *Service { return &Service{d: d} }

// Asker is who tries a code: attempts are counted for the cart and for the network.
type Asker struct {
	Cart    id.ID
	Contact id.ID      // contact handle, zero while it is not known
	Origin  netip.Addr // client address, zero if none
}

// Code is a discount code as the shop's people see it; the code itself is not kept.
type Code struct {
	Discount
	Label     string
	Starts    time.Time
	Ends      time.Time // zero for never
	MaxUses   int64     // 0 for no limit
	MaxPerson int64     // uses by one person; 0 for no limit
	Uses      int64
	Active    bool
	Made      time.Time
}
