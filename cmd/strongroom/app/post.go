package app

import (
	"crypto/tls"

	"strongroom/base/mail/smtp"
	"strongroom/shop/post"
)

// openPost makes what looks after mails, and has them signed.
func (s *Store) openPost() (err error) {
	p := s.c.Post
	s.Post, err = post.New(post.Deps{DB: s.Data, Vault: s.Vault, Audit: s.Audit, Jobs: s.Jobs, Orders: s.Order, Resolver: p.Resolver,
		Log: s.c.Log, From: s.c.Shop.Email, Bounces: p.Bounces, Host: p.Host, Owner: s.c.Shop.OwnerEmail})
	if sender, ok := s.c.Mail.(*smtp.Sender); ok && err == nil {
		sender.SignWith(s.Post.Sign)
	}
	return err
}

// receive takes bounces by SMTP, if the configuration says so.
func (s *Store) receive() (stop func(), err error) {
	if s.c.Post.Listen == "" {
		return func() {}, nil
	}
	ln, err := listen(s.c.Post.Listen)
	if err != nil {
		return nil, err
	}
	var t *tls.Config
	if s.c.Certificate != nil {
		t = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: s.c.Certificate}
	}
	r := s.Post.Receive(ln, t)
	s.c.Log.Info("bounces are taken", "listen", ln.Addr().String())
	return func() { _ = r.Close() }, nil
}
