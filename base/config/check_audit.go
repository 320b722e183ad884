package config

import (
	"errors"
	"net/url"
	"strings"
)

func (k *checker) audit() {
	a := &k.c.Audit
	if a.CheckpointFolder != "" {
		k.path(&a.CheckpointFolder)
	}
	if a.CheckpointMail != "" {
		k.email("audit.checkpoint_mail", a.CheckpointMail)
	}
	if a.StoreURL == "" {
		if !a.StoreAccessKey.IsZero() || !a.StoreSecretKey.IsZero() {
			k.bad("audit.store_url", "there are keys of an object store, but not where it is", `Write "https://s3.example.org/bucket/prefix".`)
		}
		return
	}
	if _, err := ParseStoreURL(a.StoreURL); err != nil {
		k.bad("audit.store_url", "must name an object store and a bucket in it, over https", `Write "https://s3.example.org/bucket/prefix".`)
	}
	if a.StoreAccessKey.IsZero() || a.StoreSecretKey.IsZero() {
		k.bad("audit.store_secret_key", "an object store is opened with two keys", "Set store_access_key and store_secret_key.")
	}
}

var errStoreURL = errors.New("no address of an object store")

// StoreURL is the address of a place in an object store.
type StoreURL struct{ Origin, Bucket, Prefix string }

// ParseStoreURL reads "https://host/bucket/prefix". Plain http is for an object store on this machine.
func ParseStoreURL(s string) (StoreURL, error) {
	u, err := url.Parse(s)
	if err != nil {
		return StoreURL{}, err
	}
	bucket, prefix, _ := strings.Cut(strings.Trim(u.Path, "/"), "/")
	local := u.Scheme == "http" && loopback(u.Host)
	if u.Scheme != "https" && !local || u.Host == "" || bucket == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return StoreURL{}, errStoreURL
	}
	return StoreURL{u.Scheme + "://" + u.Host, bucket, prefix}, nil
}
