package fraud

import (
	"crypto/sha256"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"strongroom/base/id"
)

// Kind says what a key is about. The numbers are stored.
type Kind uint8

// The kinds of keys.
const (
	Device  Kind = 1
	Address Kind = 2 // of mail
	Network Kind = 3
	Domain  Kind = 4 // of mail
)

var kinds = [...]string{"", "device", "address", "network", "domain"}

// String is the kind's word; texts are "fraud.kind_" and this.
func (k Kind) String() string {
	if int(k) < len(kinds) {
		return kinds[k]
	}
	return ""
}

// ParseKind reads what String writes.
func ParseKind(word string) (Kind, bool) {
	i := slices.Index(kinds[:], word)
	return Kind(max(i, 0)), i > 0
}

// hash is the keyed hash under which something is counted or listed. Empty stays empty: what is unknown is nobody.
func (s *Service) hash(k Kind, clear string) []byte {
	if clear == "" {
		return []byte{}
	}
	return s.mac("fraud."+k.String(), []byte(clear))[:16]
}

// keysOf hashes what is known about an attempt.
func (s *Service) keysOf(a Attempt) keys {
	mail := foldMail(a.Email)
	return keys{device: s.hash(Device, a.Device.Clear()), contact: s.hash(Address, mail), network: s.hash(Network, networkOf(a.From)),
		domain: s.hash(Domain, domainOf(mail)), goods: digest(a.Goods)}
}

// foldMail is an address as it is compared: what follows a plus, and dots where a large house ignores them, make no
// other person.
func foldMail(address string) string {
	local, domain, ok := strings.Cut(strings.ToLower(strings.TrimSpace(address)), "@")
	if !ok {
		return ""
	}
	local, _, _ = strings.Cut(local, "+")
	if domain == "googlemail.com" {
		domain = "gmail.com"
	}
	if domain == "gmail.com" {
		local = strings.ReplaceAll(local, ".", "")
	}
	return local + "@" + domain
}

func domainOf(address string) string {
	_, domain, _ := strings.Cut(address, "@")
	return domain
}

// networkOf is the /24 or /48 that an address is counted with. Loops and private networks are whole addresses: behind a
// proxy that says nobody's address everybody would be one network otherwise.
func networkOf(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	a = within(a.Unmap().WithZone(""))
	bits := 24
	switch {
	case a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast():
		bits = a.BitLen()
	case a.Is6():
		bits = 48
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return ""
	}
	return p.String()
}

// translated are the networks in which somebody else's translator puts IPv4 addresses (RFC 6052): whoever comes through one
// is counted by her own, or the whole of it would be one network.
var translated = netip.MustParsePrefix("64:ff9b::/96")

func within(a netip.Addr) netip.Addr {
	if b := a.As16(); a.Is6() && translated.Contains(a) {
		return netip.AddrFrom4([4]byte(b[12:]))
	}
	return a
}

// digest is what was in a cart, whatever the order and the quantities. Ids of goods are nobody's.
func digest(goods []id.ID) []byte {
	list := make([]string, len(goods))
	for i, g := range goods {
		list[i] = g.String()
	}
	slices.Sort(list)
	sum := sha256.Sum256([]byte(strings.Join(list, " ")))
	return sum[:8]
}

// disposable are houses that give addresses away for minutes. It is a short list of our own; a shop adds others to the
// block list as mail domains.
var disposable = strings.Fields(`10minutemail.com 10minutemail.net 20minutemail.com byom.de discard.email dispostable.com
	emailondeck.com emailtemporario.com.br einrot.com fakeinbox.com fakemail.net getairmail.com getnada.com grr.la
	guerrillamail.com guerrillamail.de guerrillamail.net guerrillamailblock.com harakirimail.com inboxkitten.com
	incognitomail.org mail-temp.com mailcatch.com maildrop.cc mailinator.com mailnesia.com mailpoof.com mailsac.com
	mintemail.com moakt.com mohmal.com mytemp.email nada.email pokemail.net sharklasers.com spam4.me spambog.com
	spamgourmet.com temp-mail.io temp-mail.org tempail.com tempinbox.com tempmail.com tempmail.dev tempmailo.com
	tempr.email throwawaymail.com tmailor.com trash-mail.com trashmail.com trashmail.de wegwerfmail.de yopmail.com
	yopmail.fr zehnminutenmail.de`)

// isDisposable says whether an address is of such a house, or below one.
func isDisposable(domain string) bool {
	for d := domain; d != ""; {
		if _, found := slices.BinarySearch(disposable, d); found {
			return true
		}
		_, d, _ = strings.Cut(d, ".")
	}
	return false
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func atoi(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64)
	return n
}
