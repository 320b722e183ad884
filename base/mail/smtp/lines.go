package smtp

import (
	"sync"
	"time"

	gosmtp "github.com/wneessen/go-mail/smtp"
)

const (
	idleLines = 4               // kept between mails
	idleTime  = 5 * time.Second // shorter than any server waits
	lineMails = 50              // over one line; servers refuse more than some number
)

// line is a connection on which the server has greeted us and we have signed in.
type line struct {
	conn *gosmtp.Client
	sent int
	free time.Time // since when it is idle
}

// hangUp ends a line that failed, without a farewell.
func (l *line) hangUp() { _ = l.conn.Close() }

// lines are the idle connections, the last used one at the end.
type lines struct {
	quit  func(*gosmtp.Client) error
	mu    sync.Mutex
	idle  []*line
	timer *time.Timer
}

// take is the line that was used last, or nil.
func (p *lines) take() *line {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.idle)
	if n == 0 {
		return nil
	}
	l := p.idle[n-1]
	p.idle = p.idle[:n-1]
	return l
}

// give keeps a line for a while, unless there are enough or it has done its share.
func (p *lines) give(l *line) {
	l.sent++
	l.free = time.Now()
	p.mu.Lock()
	if keep := l.sent < lineMails && len(p.idle) < idleLines; keep {
		p.idle = append(p.idle, l)
		if p.timer == nil {
			p.timer = time.AfterFunc(idleTime, p.tidy)
		}
		l = nil
	}
	p.mu.Unlock()
	if l != nil {
		_ = p.quit(l.conn)
	}
}

// tidy hangs up what has been idle for long.
func (p *lines) tidy() {
	p.mu.Lock()
	old := p.idle
	for i, l := range p.idle {
		if time.Since(l.free) < idleTime {
			old = p.idle[:i]
			break
		}
	}
	p.idle = append([]*line(nil), p.idle[len(old):]...)
	p.timer = nil
	if len(p.idle) > 0 {
		p.timer = time.AfterFunc(idleTime, p.tidy)
	}
	p.mu.Unlock()
	p.end(old)
}

// clear hangs up all idle lines.
func (p *lines) clear() {
	p.mu.Lock()
	old := p.idle
	p.idle = nil
	p.mu.Unlock()
	p.end(old)
}

func (p *lines) end(old []*line) {
	for _, l := range old {
		_ = p.quit(l.conn)
	}
}
