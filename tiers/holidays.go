package tiers

import (
	"fmt"
	"strings"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/at"
	"github.com/rickar/cal/v2/be"
	"github.com/rickar/cal/v2/bg"
	"github.com/rickar/cal/v2/br"
	"github.com/rickar/cal/v2/ca"
	"github.com/rickar/cal/v2/ch"
	"github.com/rickar/cal/v2/cz"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/dk"
	"github.com/rickar/cal/v2/es"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/gr"
	"github.com/rickar/cal/v2/hr"
	"github.com/rickar/cal/v2/ie"
	"github.com/rickar/cal/v2/it"
	"github.com/rickar/cal/v2/jp"
	"github.com/rickar/cal/v2/lt"
	"github.com/rickar/cal/v2/lv"
	"github.com/rickar/cal/v2/nl"
	"github.com/rickar/cal/v2/no"
	"github.com/rickar/cal/v2/nz"
	"github.com/rickar/cal/v2/pl"
	"github.com/rickar/cal/v2/ro"
	"github.com/rickar/cal/v2/se"
	"github.com/rickar/cal/v2/si"
	"github.com/rickar/cal/v2/sk"
	"github.com/rickar/cal/v2/ua"
	"github.com/rickar/cal/v2/us"
	"github.com/rickar/cal/v2/za"
)

// The years whose holidays a calendar knows. They are computed when it is built,
// so that asking for a day is one look into a map.
const (
	firstHolidayYear = 2000
	lastHolidayYear  = 2100
)

// addCountry adds the nationwide public holidays of a country by its ISO 3166
// code, on the actual day and on the day observed instead. Of package cal only
// the dates are used; its business hours know neither several windows a day nor
// clock changes.
func (c *Calendar) addCountry(code string) error {
	holidays := countryHolidays(strings.ToLower(code))
	if holidays == nil {
		return fmt.Errorf("holidays %q: no such country here; name an .ics file instead", code)
	}
	for _, h := range holidays {
		if h.Type == cal.ObservanceReligious || h.Type == cal.ObservanceOther {
			continue
		}
		for year := firstHolidayYear; year <= lastHolidayYear; year++ {
			actual, observed := h.Calc(year)
			if actual.IsZero() {
				continue
			}
			c.holidays[dayNumber(actual.Date())] = h.Name
			c.holidays[dayNumber(observed.Date())] = h.Name
		}
	}
	return nil
}

// countryHolidays returns nil for a country without nationwide holidays in
// package cal.
func countryHolidays(code string) []*cal.Holiday {
	return map[string][]*cal.Holiday{
		"at": at.Holidays, "be": be.Holidays, "bg": bg.Holidays, "br": br.Holidays,
		"ca": ca.Holidays, "ch": ch.Holidays, "cz": cz.Holidays, "de": de.Holidays,
		"dk": dk.Holidays, "es": es.Holidays, "fr": fr.Holidays, "gb": gb.Holidays,
		"gr": gr.Holidays, "hr": hr.Holidays, "ie": ie.Holidays, "it": it.Holidays,
		"jp": jp.Holidays, "lt": lt.Holidays, "lv": lv.Holidays, "nl": nl.Holidays,
		"no": no.Holidays, "nz": nz.Holidays, "pl": pl.Holidays, "ro": ro.Holidays,
		"se": se.Holidays, "si": si.Holidays, "sk": sk.Holidays, "ua": ua.Holidays,
		"us": us.Holidays, "za": za.Holidays,
	}[code]
}
