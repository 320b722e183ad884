package price

import (
	"context"
	"net/netip"
	"time"

	"strongroom/base/db"
	"strongroom/base/id"
	"strongroom/base/money"
)

// Deps is what a Service stands on.
type Deps struct {
	DB   *db.DB
	Zone *time.Location
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

var _ = context.Background
var _ money.Amount
