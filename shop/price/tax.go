package price

import (
	"strongroom/base/fault"
)

// Outside says what happens for a place whose tax the table does not know.
type Outside string

// The rules for places outside of the table.
const (
	ExportZero   Outside = "zero"   // an export: no tax of ours, duties are the receiver's
	ExportHome   Outside = "home"   // the rate of the seller's country
	ExportRefuse Outside = "refuse" // not delivered
)

// Rules are the store's choices about tax.
type Rules struct {
	Home string // the seller's country
	// Distance false charges the home rates in the whole European Union: for small sellers below the yearly threshold
	// of Article 59c of Directive 2006/112/EC. True, the default of the command, charges the rates of the destination.
	Distance bool
	Outside  Outside // places that the table does not know; "" means ExportZero
	// Territory is the rule for places that have a member state's address and not its tax; "" means ExportRefuse, which
	// tells the shopper to get in touch.
	Territory Outside
	// Unregistered lists countries in the table in which the seller is not registered, so that a delivery there is an
	// export under the Outside rule; for a seller in the Union usually GB, CH and NO.
	Unregistered []string
}

// Rate is a rate of tax, with where and since when it is in force.
type Rate struct {
	PPM    int64  // parts per million: 190000 is 19 %
	Place  string // country or territory whose rate it is; the destination for exports
	Class  string // the class that was charged, "standard" where the country lacks the asked one, "export" outside
	Since  Day    // 0 for exports and untaxed goods
	Source string
}

// classExport marks a rate of zero because the goods leave the reach of the tax.
const classExport = "export"

func errNoDelivery(key, country string) error {
	return fault.New(fault.Invalid, key).With("country", country).WithField("country", key, fault.Params{"country": country})
}
