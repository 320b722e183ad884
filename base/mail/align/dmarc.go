package align

import (
	"context"
	"strings"

	"github.com/emersion/go-msgauth/dmarc"
)

// checkDMARC looks for the policy of the domain that readers see, or of the domain above it.
func (s Sender) checkDMARC(ctx context.Context, r Resolver) Finding {
	f := Finding{Name: "DMARC", Expected: s.dmarc()}
	for _, domain := range []string{s.From, Org(s.From)} {
		list, err := txt(ctx, r, "_dmarc."+domain)
		if err != nil {
			return unknown(f, "_dmarc."+domain, err)
		}
		if list = beginning(list, "v=dmarc1"); len(list) == 0 {
			continue
		}
		if len(list) > 1 {
			f.State, f.Found, f.Do = Wrong, "two policies at _dmarc."+domain, "Leave one; readers ignore both."
			return f
		}
		return s.policy(f, list[0], domain != s.From)
	}
	f.State, f.Found, f.Do = Wrong, "no policy at _dmarc."+s.From, "Paste the record. Large receivers want one, and without it anybody may write in the shop's name."
	return f
}

func (s Sender) policy(f Finding, record string, above bool) Finding {
	f.Found = shorten(record)
	p, err := dmarc.Parse(record)
	if err != nil {
		f.State, f.Do = Wrong, "Replace it: it cannot be read."
		return f
	}
	policy := p.Policy
	if above && p.SubdomainPolicy != "" {
		policy = p.SubdomainPolicy
	}
	switch {
	case p.SPFAlignment == dmarc.AlignmentStrict && !strings.EqualFold(s.Return, s.From):
		f.State, f.Do = Warn, "aspf=s wants the envelope's domain to be "+s.From+" itself: take it out, or set mail.bounce_address."
	case policy == dmarc.PolicyNone:
		f.State, f.Do = Warn, "p=none only watches: anybody may write in the shop's name. Set p=quarantine once everything here is ok, then p=reject."
	default:
		f.State, f.Expected = Fine, ""
	}
	return f
}

// beginning keeps the records that begin so.
func beginning(list []string, word string) (out []string) {
	for _, s := range list {
		if head := strings.ToLower(strings.TrimSpace(s)); head == word || strings.HasPrefix(head, word+" ") || strings.HasPrefix(head, word+";") {
			out = append(out, s)
		}
	}
	return out
}
