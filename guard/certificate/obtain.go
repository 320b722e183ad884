package certificate

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"time"
)

// patience is how long one order may take: the authority looks from several places, and says itself when to ask again.
const patience = 5 * time.Minute

// obtain makes a fresh key and has it certified for the host.
func (k *Keeper) obtain(ctx context.Context, h *kept) (*Bundle, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	k.heard.reset()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{DNSNames: []string{h.Name}}, key)
	if err != nil {
		return nil, err
	}
	csr, err := x509.ParseCertificateRequest(der)
	if err != nil {
		return nil, err
	}
	if err := k.issuer.PreCheck(ctx, []string{h.Name}, false); err != nil {
		return nil, err
	}
	issued, err := k.issuer.Issue(ctx, csr)
	if err != nil {
		return nil, err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	b := &Bundle{Chain: string(issued.Certificate), Authority: k.o.Authority.Directory, GotAt: k.o.Clock.Now(),
		Key: string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}))}
	return b, b.parse(h.Name) // what does not fit our key or our name is never used
}
