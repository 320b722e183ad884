package config

import "strongroom/base/money"

// StaffSection is [staff]: what one person may do alone, and who outside is told of dangerous acts. It stands here and not
// in the database, so that who has taken over an owner's session cannot change it.
type StaffSection struct {
	NoticeEmail string `toml:"notice_email"` // an address outside the store; "" for shop.owner_email
	RefundAlone string `toml:"refund_alone"` // what one member may give back of an order; five times that in a day
	LooksHour   int    `toml:"looks_hour"`   // people whom a member may look at beside her open work
	LooksDay    int    `toml:"looks_day"`
}

func (k *checker) staff() {
	s := k.c.Staff
	if s.NoticeEmail != "" {
		k.email("staff.notice_email", s.NoticeEmail)
	}
	if _, err := s.Alone(money.Currency(k.c.Shop.Currency)); err != nil {
		k.bad("staff.refund_alone", "must be a sum in the shop's currency", `Write "200" or "200.00"; "0" has a second person for every refund.`)
	}
	if min(s.LooksHour, s.LooksDay) < 1 || max(s.LooksHour, s.LooksDay) > 10_000 {
		k.bad("staff.looks_day", "the quotas must be from 1 to 10000", "20 an hour and 100 a day suit most shops.")
	}
}

// Alone is RefundAlone in minor units.
func (s StaffSection) Alone(c money.Currency) (money.Amount, error) {
	return money.Parse(s.RefundAlone, c)
}
