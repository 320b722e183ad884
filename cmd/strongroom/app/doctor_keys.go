package app

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"strongroom/base/db"
	"strongroom/guard/vault"
)

// rootKey looks at the key file, or at the key service that keeps the root key or is about to.
func (d *Doctor) rootKey(ctx context.Context) {
	place := d.located(ctx)
	if place == "" && d.c.Keys.Provider == "openbao" {
		place = vault.InService
	}
	if place != vault.InService {
		d.keyFile()
	}
	if place == vault.InService || d.c.Keys.Address != "" {
		d.keyService(ctx, place == vault.InService)
	}
	switch {
	case place == vault.InFile && d.c.Keys.Provider == "openbao":
		d.warn("keys.provider", "strongroom key move --to openbao --config "+d.c.File(), "names the key service, and the root key lives in the key file")
	case place == vault.InService && d.c.Keys.Provider != "openbao":
		d.warn("keys.provider", `Set keys.provider = "openbao".`, "names the key file, and the root key lives in the key service")
	}
}

// located says where the root key lives, as far as the key database can be asked.
func (d *Doctor) located(ctx context.Context) vault.Place {
	if !there(d.place.Keys) {
		return ""
	}
	keys, err := db.Open(ctx, db.Options{DSN: d.place.Keys, Erase: true})
	if err != nil {
		return vault.InFile
	}
	defer func() { _ = keys.Close() }()
	place, err := vault.Located(ctx, keys)
	if err != nil {
		return vault.InFile // a database of before there were key services
	}
	return place
}

func (d *Doctor) keyFile() {
	_, err := vault.OpenKeyFile(d.place.KeyFile)
	switch {
	case err == nil:
		d.fine("key file", "%s is there, whole, and its owner's alone", d.place.KeyFile)
	case errors.Is(err, fs.ErrNotExist) && !there(d.place.Keys):
		d.warn("key file", "The first start makes it. Then write down the recovery kit: strongroom key kit", "%s does not exist yet", d.place.KeyFile)
	default:
		d.fault("key file", err)
	}
}

// tokenSoon is how long before its end a token is worth a word.
const tokenSoon = 7 * 24 * time.Hour

func (d *Doctor) keyService(ctx context.Context, used bool) {
	const name = "key service"
	if d.c.Keys.Address == "" {
		d.wrong(name, "Set keys.address, keys.key and keys.token; see docs/keys.md.", "the root key lives in a key service, and the configuration names none")
		return
	}
	c, err := keyService(d.c.Keys)
	if err != nil {
		d.wrong(name, "Correct [keys].", "%v", err)
		return
	}
	s, err := c.Inspect(ctx)
	if err != nil {
		if d.fault(name, err); used {
			d.warn(name, "A running store goes on; a start waits and then fails.", "the root key cannot be opened right now")
		}
		return
	}
	d.fine(name, "%s answers; key %s/%s has version %d and opens versions from %d on", d.c.Keys.Address, d.c.Keys.Mount, d.c.Keys.Key, s.Newest, s.Oldest)
	if s.Leaves || s.Deletable {
		d.warn(name, "Make another key without exportable, allow_plaintext_backup and deletion_allowed, and move to it.", "the key can be taken out of the service, or deleted")
	}
	if s.Root {
		d.warn(name, "Give the store a token with the policy of docs/keys.md.", "our token may do everything in the key service")
	}
	if s.Ends > 0 && s.Ends < tokenSoon {
		d.warn(name, "Have an agent renew it, or use an AppRole.", "our token ends in %s; no start works after that", s.Ends.Round(time.Minute))
	}
}
