package delivery

// spec is one country's way of writing an address, in short.
//
// form lists the fields of the form in order; a field with "?" may stay empty. lines is how it is printed: "/" parts
// lines, letters stand for fields (n name, o company, s street, t second line, p postcode, c city, r region); what is
// between them stays where a field beside it is filled. codes are the forms of the postcode: N a digit, A a letter,
// X either, anything else itself.
type spec struct {
	country string
	form    string
	lines   string
	codes   []string
	example string
}

// The usual forms of the continent and of the islands.
const (
	codeFirst = "name company? street line2? postcode city"
	cityFirst = "name company? street line2? city postcode"
	pc        = "n/o/s/t/p c"
)

// specs holds a row for each country that has a format of its own, from the postal services' own examples as the
// Universal Postal Union collects them.
var specs = [...]spec{
	{"AT", codeFirst, pc, []string{"NNNN"}, "1010"},
	{"AU", "name company? street line2? city region postcode", "n/o/s/t/c r p", []string{"NNNN"}, "3000"},
	{"BE", codeFirst, pc, []string{"NNNN"}, "1000"},
	{"BG", codeFirst, pc, []string{"NNNN"}, "1000"},
	{"CA", "name company? street line2? city region postcode", "n/o/s/t/c r p", []string{"ANA NAN"}, "K1A 0B1"},
	{"CH", codeFirst, pc, []string{"NNNN"}, "8001"},
	{"CY", codeFirst, pc, []string{"NNNN"}, "1010"},
	{"CZ", codeFirst, pc, []string{"NNN NN"}, "110 00"},
	{"DE", codeFirst, pc, []string{"NNNNN"}, "10115"},
	{"DK", codeFirst, pc, []string{"NNNN"}, "1050"},
	{"EE", codeFirst, pc, []string{"NNNNN"}, "10111"},
	{"ES", "name company? street line2? postcode city region?", "n/o/s/t/p c/r", []string{"NNNNN"}, "28013"},
	{"FI", codeFirst, pc, []string{"NNNNN"}, "00100"},
	{"FR", codeFirst, pc, []string{"NNNNN"}, "75001"},
	{"GB", cityFirst, "n/o/s/t/c/p", []string{"AN NAA", "ANN NAA", "AAN NAA", "AANN NAA", "ANA NAA", "AANA NAA"}, "SW1A 1AA"},
	{"GR", codeFirst, pc, []string{"NNN NN"}, "105 57"},
	{"HR", codeFirst, pc, []string{"NNNNN"}, "10000"},
	{"HU", "name company? city street line2? postcode", "n/o/c/s/t/p", []string{"NNNN"}, "1051"},
	{"IE", "name company? street line2? city region? postcode?", "n/o/s/t/c/r/p", []string{"ANX XXXX"}, "D02 X285"},
	{"IT", "name company? street line2? postcode city region", "n/o/s/t/p c r", []string{"NNNNN"}, "00187"},
	{"LI", codeFirst, pc, []string{"NNNN"}, "9490"},
	{"LT", codeFirst, pc, []string{"LT-NNNNN"}, "LT-01103"},
	{"LU", codeFirst, pc, []string{"NNNN"}, "1114"},
	{"LV", cityFirst, "n/o/s/t/c, p", []string{"LV-NNNN"}, "LV-1010"},
	{"MC", codeFirst, pc, []string{"NNNNN"}, "98000"},
	{"MT", cityFirst, "n/o/s/t/c p", []string{"AAA NNNN"}, "VLT 1117"},
	{"NL", codeFirst, pc, []string{"NNNN AA"}, "1012 JS"},
	{"NO", codeFirst, pc, []string{"NNNN"}, "0150"},
	{"PL", codeFirst, pc, []string{"NN-NNN"}, "00-001"},
	{"PT", codeFirst, pc, []string{"NNNN-NNN"}, "1000-001"},
	{"RO", "name company? street line2? postcode city region", "n/o/s/t/p c/r", []string{"NNNNNN"}, "010011"},
	{"SE", codeFirst, pc, []string{"NNN NN"}, "111 29"},
	{"SI", codeFirst, pc, []string{"NNNN"}, "1000"},
	{"SK", codeFirst, pc, []string{"NNN NN"}, "811 01"},
	{"US", "name company? street line2? city region postcode", "n/o/s/t/c, r p", []string{"NNNNN", "NNNNN-NNNN"}, "10001"},
}

// generic is for every other country: nothing is required that some country lacks.
var generic = spec{"", "name company? street line2? city region? postcode?", "n/o/s/t/p c/r", nil, ""}

// regionNames say what a region is called in the country's own form; elsewhere it is a region.
var regionNames = map[string]string{"AU": "state", "CA": "province", "ES": "province", "IE": "county", "IT": "province",
	"RO": "county", "US": "state"}

// regions are the values to choose from, where the list is short and the code is what is printed.
var regions = map[string][]Option{
	"AU": {{"ACT", "Australian Capital Territory"}, {"NSW", "New South Wales"}, {"NT", "Northern Territory"},
		{"QLD", "Queensland"}, {"SA", "South Australia"}, {"TAS", "Tasmania"}, {"VIC", "Victoria"}, {"WA", "Western Australia"}},
	"CA": {{"AB", "Alberta"}, {"BC", "British Columbia"}, {"MB", "Manitoba"}, {"NB", "New Brunswick"},
		{"NL", "Newfoundland and Labrador"}, {"NT", "Northwest Territories"}, {"NS", "Nova Scotia"}, {"NU", "Nunavut"},
		{"ON", "Ontario"}, {"PE", "Prince Edward Island"}, {"QC", "Quebec"}, {"SK", "Saskatchewan"}, {"YT", "Yukon"}},
	"US": {{"AL", "Alabama"}, {"AK", "Alaska"}, {"AS", "American Samoa"}, {"AZ", "Arizona"}, {"AR", "Arkansas"},
		{"CA", "California"}, {"CO", "Colorado"}, {"CT", "Connecticut"}, {"DE", "Delaware"}, {"DC", "District of Columbia"},
		{"FL", "Florida"}, {"GA", "Georgia"}, {"GU", "Guam"}, {"HI", "Hawaii"}, {"ID", "Idaho"}, {"IL", "Illinois"},
		{"IN", "Indiana"}, {"IA", "Iowa"}, {"KS", "Kansas"}, {"KY", "Kentucky"}, {"LA", "Louisiana"}, {"ME", "Maine"},
		{"MD", "Maryland"}, {"MA", "Massachusetts"}, {"MI", "Michigan"}, {"MN", "Minnesota"}, {"MS", "Mississippi"},
		{"MO", "Missouri"}, {"MT", "Montana"}, {"NE", "Nebraska"}, {"NV", "Nevada"}, {"NH", "New Hampshire"},
		{"NJ", "New Jersey"}, {"NM", "New Mexico"}, {"NY", "New York"}, {"NC", "North Carolina"}, {"ND", "North Dakota"},
		{"MP", "Northern Mariana Islands"}, {"OH", "Ohio"}, {"OK", "Oklahoma"}, {"OR", "Oregon"}, {"PA", "Pennsylvania"},
		{"PR", "Puerto Rico"}, {"RI", "Rhode Island"}, {"SC", "South Carolina"}, {"SD", "South Dakota"}, {"TN", "Tennessee"},
		{"TX", "Texas"}, {"UT", "Utah"}, {"VT", "Vermont"}, {"VI", "U.S. Virgin Islands"}, {"VA", "Virginia"},
		{"WA", "Washington"}, {"WV", "West Virginia"}, {"WI", "Wisconsin"}, {"WY", "Wyoming"}},
}

// specOf finds a country's row.
func specOf(country string) spec {
	for _, s := range specs {
		if s.country == country {
			return s
		}
	}
	s := generic
	s.country = country
	return s
}
