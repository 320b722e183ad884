package storefront

import (
	"strconv"

	"github.com/a-h/templ"

	"strongroom/front/parts"
)

// The structs of the pages. Handlers fill them with texts that are ready to be read; templates decide nothing that a
// shopper could lose money by.

// pair is a name and a value: a hidden field.
type pair struct{ Name, Value string }

// fact is a row of a quiet table.
type fact struct{ Name, Text string }

// answer is what somebody told us, with the way to change it.
type answer struct{ Name, Text, Change string }

// sumRow is a row of the sums under a list of goods.
type sumRow struct{ Name, Value, Class string }

// fieldRow is one field, or short fields side by side.
type fieldRow []parts.Field

type homePage struct {
	*parts.Page
	Hero       hero
	Doors      []door // categories, the first ones larger
	Newest     []parts.Card
	PicksTitle string
	Picks      []parts.Card
	PicksLink  parts.Link
	Pledges    []pledge
}

type hero struct {
	Sentence, Text string
	Picture        parts.Picture
	Tall           parts.Picture // for narrow screens; empty to use Picture
	Go             parts.Link
}

type door struct {
	Name, Text, Href string
	Picture          parts.Picture
}

type pledge struct {
	Heading, Text string
	Go            parts.Link
}

type categoryPage struct {
	*parts.Page
	Name, Text string
	Way        []parts.Link
	Kin        []parts.Link // sub-categories
	List       *listing
}

type searchPage struct {
	*parts.Page
	Heading string
	Asked   string
	Instead string // what was searched, when the asked word gave nothing
	List    *listing
}

// listing is a list of products with everything that narrows and sorts it.
type listing struct {
	Said     string // "24 products"
	Action   string // where the forms go
	Always   []pair // what both forms keep: the words of a search
	Kept     []pair // what the sorting keeps: Always and all filters
	Facets   []facet
	Min, Max string
	InStock  bool
	On       []parts.Link // filters that are on, with the way to take each off
	Clear    string
	Sorts    []parts.Option
	Cards    []parts.Card
	First    string
	Next     string
}

// Empty says whether nothing is shown.
func (l *listing) Empty() bool { return len(l.Cards) == 0 }

// Untouched says whether nothing narrows the list, so that it is empty by nature.
func (l *listing) Untouched() bool { return len(l.On) == 0 && l.First == "" }

type facet struct {
	Name, Param string
	Values      []facetValue
}

type facetValue struct {
	Value, Text string
	N           int64
	On          bool
}

type productPage struct {
	*parts.Page
	Way        []parts.Link
	Name, Lead string
	Pictures   []parts.Picture
	Price      parts.Price
	TaxNote    string
	Options    []optionGroup
	Variant    string // what goes into the cart; empty when nothing can be bought
	Most       int    // pieces that can be chosen
	Stock      stockNote
	Assure     []assurance
	Story      string // HTML of our own making
	Facts      []fact
	Related    []parts.Card
}

type optionGroup struct {
	Name, Chosen string
	Values       []optionValue
}

type optionValue struct {
	Text, Href, Swatch string
	Current, Out       bool
}

type stockNote struct{ Text, Class string }

type assurance struct {
	Name, Text string
	Go         parts.Link
}

type cartPage struct {
	*parts.Page
	Ways      payWays
	Token     pair
	Notice    string
	Merged    string // why not everything of a guest's cart came along
	Closed    bool   // an order for it is under way: nothing can be changed
	Lines     []cartLineView
	Sums      []sumRow
	Free      string // "€12 more for free delivery"
	Codes     []codeView
	CodeField parts.Field
}

type cartLineView struct {
	ID, Href, Name, Options, Unit, Base, Total, Typed, Trouble string
	Was, Lowest                                                string // beside a reduction
	Picture                                                    parts.Picture
}

type codeView struct{ ID, Text string }

type miniLine struct {
	Name, Options, Count, Total string
	Picture                     parts.Picture
}

type detailsPage struct {
	*parts.Page
	Token          pair
	Contact        []fieldRow
	Country        parts.Field
	Delivery       []fieldRow
	Offers         parts.Field
	BillingDiffers bool
	BillingCountry parts.Field
	Billing        []fieldRow
	Note           parts.Field
	SignIn         string      // address of the way in, for guests
	Book           parts.Field // addresses of the account to pick from; without options there is nothing to pick
	Lines          []miniLine
	Sums           []sumRow
}

type checkPage struct {
	*parts.Page
	Token   pair
	Ways    payWays
	Attempt string
	Changes []string
	Answers []answer
	Lines   []miniLine
	Sums    []sumRow
}

type orderPage struct {
	*parts.Page
	Token             pair
	Heading, Lead     string
	Notice            string
	Number            string
	State, StateClass string
	CanPay            bool
	PayText, PayUntil string
	HeldUntil         string // while a person looks at it first
	ByMail            string // what the mailed link is good for, while payments open one by one
	Ways              payWays
	Waiting           bool
	CanCorrect        bool
	Email             string
	EmailField        parts.Field
	Transfer          *transferView // where the money goes; nil if it goes through a provider
	Lines             []miniLine
	Sums              []sumRow
	Answers           []answer
	History           []fact
	Withdrawal        string
	LinkUntil         string
	Done              bool // paid, or as good as: an account can begin here
	Parcels           []parcelView
	Keep              *pair  // token of the form that keeps the address in the account
	Account           string // address of the list of one's own orders; empty for guests
}

// parcelView is a parcel on its way.
type parcelView struct{ Heading, Text, Tracking, Goods, Class string }

type linkPage struct {
	*parts.Page
	Action, Link string
}

// formPage is a page that is little more than a form.
type formPage struct {
	*parts.Page
	Token pair
	Rows  []fieldRow
	Done  bool
}

type withdrawCheckPage struct {
	*parts.Page
	Token   pair
	Answers []answer
	Hidden  []pair
}

type withdrawnPage struct {
	*parts.Page
	Said string
}

type docPage struct {
	*parts.Page
	Others []parts.Link
	Body   string // HTML that went through the policy
}

type failurePage struct {
	*parts.Page
	Over, Text string
	Ways       []parts.Link
	Request    string
}

func itoa(n int) string { return strconv.Itoa(n) }

func facetID(i, j int) string { return "facet-" + itoa(i) + "-" + itoa(j) }

// pictureSizes is how wide a picture of the gallery is drawn: the first one fills its column, later ones half.
func pictureSizes(i, n int) string {
	if i == 0 || n == 2 {
		return "(min-width: 90rem) 50rem, (min-width: 56rem) 54vw, 94vw"
	}
	return "(min-width: 90rem) 25rem, (min-width: 56rem) 27vw, 94vw"
}

func currentPage(yes bool) templ.Attributes { return markCurrent(yes, "page") }
func currentTrue(yes bool) templ.Attributes { return markCurrent(yes, "true") }
func currentStep(yes bool) templ.Attributes { return markCurrent(yes, "step") }

func markCurrent(yes bool, as string) templ.Attributes {
	if yes {
		return templ.Attributes{"aria-current": as}
	}
	return nil
}

// described ties a message to its field.
func described(yes bool, id string) templ.Attributes {
	if yes {
		return templ.Attributes{"aria-describedby": id, "aria-invalid": "true"}
	}
	return nil
}
