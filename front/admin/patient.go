package admin

import (
	"net/http"

	"strongroom/base/clock"
)

// patient writes to a reader who may take her time, as long as she reads at all.
type patient struct {
	http.ResponseWriter
	control *http.ResponseController
	clock   clock.Clock
}

// Write gives every part a minute of its own.
func (p *patient) Write(b []byte) (int, error) {
	if err := p.control.SetWriteDeadline(p.clock.Now().Add(downloadPause)); err != nil {
		return 0, err
	}
	return p.ResponseWriter.Write(b)
}
