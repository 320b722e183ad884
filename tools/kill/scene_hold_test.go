package kill

import "net/url"

// What follows is a store that takes money when goods leave.

// reserved is an order whose sum is held.
func (c *scene) reserved() {
	c.t.Helper()
	c.toHosted()
	c.must(c.payHosted())
	c.until("the sum of order "+c.number+" is held", func() bool {
		return c.count(c.t, `SELECT COUNT(*) FROM order_head WHERE number = $1 AND state = 8`, c.number) == 1
	})
}

// send marks the order as sent, which takes its sum first.
func (c *scene) send() error {
	_, err := c.owner.Try(c.orderPage(), "/orders/"+c.number+"/ship", url.Values{"carrier": {"dhl"}})
	return err
}

// ended: what was being done with the held sum is done, once, by whoever was started next.
func (c *scene) ended() {
	c.t.Helper()
	const acts = `SELECT COUNT(*) FROM payment_hold h JOIN payment_payment p ON p.id = h.payment_id WHERE p.number = $1`
	c.until("the act on the held sum has ended", func() bool { return c.count(c.t, acts+` AND h.state = 'done'`, c.number) == 1 })
	if n := c.count(c.t, acts, c.number); n != 1 {
		c.t.Errorf("%d acts on one held sum", n)
	}
}

// sendAgain: the sum is taken once; whoever sends again sends the goods, and takes nothing more.
func (c *scene) sendAgain() {
	c.t.Helper()
	c.ended()
	c.isPaid()
	c.must(c.send())
	if w := c.witness(); w.Status != "paid" || w.Captured != w.Amount {
		c.t.Errorf("the session is %s with %d of %d", w.Status, w.Captured, w.Amount)
	}
	if n := c.count(c.t, `SELECT COUNT(*) FROM order_shipment s JOIN order_head h ON h.id = s.order_id WHERE h.number = $1`, c.number); n != 1 {
		c.t.Errorf("%d parcels left", n)
	}
}

// isLetGo: the sum is free, and the order is cancelled by that alone.
func (c *scene) isLetGo() {
	c.t.Helper()
	c.ended()
	if w := c.witness(); w.Status != "voided" || w.Captured != 0 {
		c.t.Errorf("the session is %s with %d captured", w.Status, w.Captured)
	}
	if n := c.count(c.t, `SELECT COUNT(*) FROM order_head WHERE number = $1 AND state = 5 AND parcel = 0`, c.number); n != 1 {
		c.t.Error("the order is not cancelled")
	}
	if n := c.count(c.t, `SELECT SUM(reserved) FROM stock_level`); n != 0 {
		c.t.Errorf("%d pieces are still reserved", n)
	}
}
