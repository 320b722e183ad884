package outside

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// StoreConfig says where an object store is.
type StoreConfig struct {
	Endpoint  string // origin, such as "https://s3.example.com"; plain http only on this machine
	Region    string
	Bucket    string
	Prefix    string // of the objects' names
	AccessKey string
	SecretKey string
	Transport http.RoundTripper // nil: the usual one
}

// Store keeps checkpoints in a bucket. A bucket with object lock keeps them from whoever has the store's own key.
type Store struct {
	client *minio.Client
	c      StoreConfig
}

// NewStore does not connect yet.
func NewStore(c StoreConfig) (*Store, error) {
	u, err := url.Parse(c.Endpoint)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, fmt.Errorf("%q is no address of an object store, such as https://s3.example.com", c.Endpoint)
	}
	if h := u.Hostname(); u.Scheme == "http" && h != "127.0.0.1" && h != "::1" && h != "localhost" {
		return nil, errors.New("an object store on another machine is only used over https")
	}
	client, err := minio.New(u.Host, &minio.Options{Creds: credentials.NewStaticV4(c.AccessKey, c.SecretKey, ""),
		Secure: u.Scheme == "https", Region: c.Region, Transport: c.Transport, BucketLookup: minio.BucketLookupPath, MaxRetries: 3})
	if err != nil {
		return nil, err
	}
	return &Store{client: client, c: c}, nil
}

// Name is "store".
func (s *Store) Name() string { return "store" }

// Put uploads the checkpoint under a name of its own.
func (s *Store) Put(ctx context.Context, size int64, at time.Time, checkpoint []byte) error {
	return s.put(ctx, Name(size, at), checkpoint)
}

// PutEntries uploads a file of entries.
func (s *Store) PutEntries(ctx context.Context, from, to int64, lines []byte) error {
	return s.put(ctx, path.Join(entriesFolder, EntriesName(from, to)), lines)
}

func (s *Store) put(ctx context.Context, name string, content []byte) error {
	_, err := s.client.PutObject(ctx, s.c.Bucket, path.Join(s.c.Prefix, name), bytes.NewReader(content), int64(len(content)),
		minio.PutObjectOptions{ContentType: "text/plain; charset=utf-8", SendContentMd5: true, DisableMultipart: true})
	return plain(err)
}

// Newest reads the checkpoint with the largest size. Stores list names in their order, so the last one is it.
func (s *Store) Newest(ctx context.Context) ([]byte, error) {
	newest := ""
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends the listing
	prefix := s.c.Prefix
	if prefix != "" {
		prefix = strings.TrimSuffix(prefix, "/") + "/"
	}
	for o := range s.client.ListObjects(ctx, s.c.Bucket, minio.ListObjectsOptions{Prefix: prefix}) {
		if o.Err != nil {
			return nil, plain(o.Err)
		}
		if strings.HasSuffix(o.Key, suffix) && o.Key > newest {
			newest = o.Key
		}
	}
	if newest == "" {
		return nil, nil
	}
	o, err := s.client.GetObject(ctx, s.c.Bucket, newest, minio.GetObjectOptions{})
	if err != nil {
		return nil, plain(err)
	}
	defer func() { _ = o.Close() }()
	b, err := io.ReadAll(io.LimitReader(o, maxCheckpoint))
	return b, plain(err)
}

// plain keeps what a store answers short, and addresses with signatures out of errors.
func plain(err error) error {
	if err == nil {
		return nil
	}
	if r := minio.ToErrorResponse(err); r.Code != "" {
		return fmt.Errorf("the object store refused: %s (%d)", r.Code, r.StatusCode)
	}
	var u *url.Error
	if errors.As(err, &u) {
		return fmt.Errorf("the object store does not answer: %w", u.Err)
	}
	return err
}
