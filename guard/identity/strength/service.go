package strength

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"strongroom/base/clock"
	"strongroom/base/fault"
)

// PublicService is the public service that knows leaked passwords by ranges of their hashes.
const PublicService = "https://api.pwnedpasswords.com"

const (
	answerWithin = 1500 * time.Millisecond
	answerMost   = 1 << 20 // bytes; a padded range has about 60,000
	rangeChars   = 5       // of the hash go out
	keptRanges   = 128     // about one megabyte
	keptFor      = time.Hour
	restAfter    = 3 // failures in a row
	restFirst    = 30 * time.Second
	restLongest  = 10 * time.Minute
)

// errResting says that the service was not asked, because it did not answer lately.
var errResting = errors.New("strength: the service is left alone for a while")

// Service asks the public service for a range of hashes: it learns the first five digits of one SHA-1, which a
// thousand other passwords share, and from the padded answer nobody on the wire sees how many there were. Neither the
// password nor its whole hash leaves the process.
//
// Answers are kept for an hour, so that what is typed twice is asked once. After three failures in a row the service
// is left alone, for half a minute first and for ten at most.
type Service struct {
	url    string
	client *http.Client
	clock  clock.Clock

	mu     sync.Mutex
	ranges map[string]known
	failed int
	until  time.Time
}

// known is the answer for one range.
type known struct {
	keys []uint64
	at   time.Time
}

// NewService makes the client. url is PublicService, or where a copy of it stands; transport is nil but in tests.
func NewService(url string, c clock.Clock, transport http.RoundTripper) *Service {
	return &Service{url: strings.TrimSuffix(url, "/"), clock: c, ranges: map[string]known{},
		client: &http.Client{Transport: transport, Timeout: answerWithin,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// Leaked says whether the password's hash is in the public list.
func (s *Service) Leaked(ctx context.Context, password string) (_ bool, err error) {
	defer fault.Wrap(&err, "strength: ask the service")
	sum := sha1.Sum([]byte(password))
	prefix := strings.ToUpper(hex.EncodeToString(sum[:]))[:rangeChars]
	keys, ok, err := s.kept(prefix)
	if err != nil {
		return false, err
	}
	if !ok {
		if keys, err = s.fetch(ctx, prefix); err != nil {
			s.failure(ctx)
			return false, err
		}
		s.keep(prefix, keys)
	}
	_, found := slices.BinarySearch(keys, keyOf(sum))
	return found, nil
}

// kept is an answer that is known already; an error means that nobody may ask now.
func (s *Service) kept(prefix string) ([]uint64, bool, error) {
	now := s.clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if k, ok := s.ranges[prefix]; ok && now.Sub(k.at) < keptFor {
		return k.keys, true, nil
	}
	if now.Before(s.until) {
		return nil, false, errResting
	}
	return nil, false, nil
}

func (s *Service) keep(prefix string, keys []uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed, s.until = 0, time.Time{}
	if len(s.ranges) >= keptRanges {
		oldest := ""
		for p, k := range s.ranges {
			if oldest == "" || k.at.Before(s.ranges[oldest].at) {
				oldest = p
			}
		}
		delete(s.ranges, oldest)
	}
	s.ranges[prefix] = known{keys, s.clock.Now()}
}

// failure counts towards the rest. Who gave up by herself says nothing about the service.
func (s *Service) failure(ctx context.Context) {
	if errors.Is(ctx.Err(), context.Canceled) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed++
	if s.failed >= restAfter {
		pause := min(restFirst<<min(s.failed-restAfter, 8), restLongest)
		s.until = s.clock.Now().Add(pause)
	}
}

func (s *Service) fetch(ctx context.Context, prefix string) ([]uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/range/"+prefix, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Add-Padding", "true")
	req.Header.Set("User-Agent", "strongroom")
	res, err := s.client.Do(req)
	if err != nil {
		return nil, errors.New("no answer") // the cause names the range
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d", res.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, answerMost+1))
	if err != nil || len(body) > answerMost {
		return nil, errors.New("the answer was cut, or too long")
	}
	return parseRange(prefix, body)
}

// parseRange reads lines "35 digits:count". A count of 0 is padding.
func parseRange(prefix string, body []byte) ([]uint64, error) {
	var keys []uint64
	for line := range bytes.Lines(body) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		sum, count, ok := parseLine(append([]byte(prefix), line...))
		if !ok {
			return nil, errors.New("the answer is not a range of hashes")
		}
		if count > 0 {
			keys = append(keys, keyOf(sum))
		}
	}
	if len(keys) == 0 {
		return nil, errors.New("the answer is empty") // every range of the real list has hundreds
	}
	slices.Sort(keys)
	return keys, nil
}
