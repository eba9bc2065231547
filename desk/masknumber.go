package desk

import "strings"

// cardNumbers finds numbers of payment cards: those of a known issuer, in the groups
// in which they are printed or without any, whose check digit is right.
func cardNumbers(text string) []secret {
	var found []secret
	for i := 0; i < len(text); {
		if !digit(text[i]) {
			i++
			continue
		}
		groups := digitGroups(text[i:])
		end := cardEnd(text, i, groups)
		if end > i {
			found = append(found, secret{i, end, "card number"})
		}
		i = max(end, i+groups[0])
	}
	return found
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// maxGroups is into how many groups a card number is printed at most.
const maxGroups = 5

// digitGroups returns where each of the first groups of digits ends, with one blank
// or hyphen between them.
func digitGroups(text string) (ends []int) {
	i := 0
	for len(ends) < maxGroups {
		for i < len(text) && digit(text[i]) {
			i++
		}
		ends = append(ends, i)
		if i+1 >= len(text) || text[i] != ' ' && text[i] != '-' || !digit(text[i+1]) {
			break
		}
		i++
	}
	return ends
}

// cardEnd returns where a card number that begins at from ends, or 0. What follows
// it may look like a further group, so the longest is tried first.
func cardEnd(text string, from int, ends []int) int {
	for n := len(ends); n > 0; n-- {
		to := from + ends[n-1]
		if !cardGroups(ends[:n]) || !alone(text, from, to) {
			continue
		}
		if digits := onlyDigits(text[from:to]); cardIssuer(digits) && luhn(digits) {
			return to
		}
	}
	return 0
}

// alone reports whether the stretch is no part of a longer word or number.
func alone(text string, from, to int) bool {
	if from > 0 {
		if c := text[from-1]; letterOrDigit(c) || c == '_' || c == '+' || c == '.' || c == '-' {
			return false
		}
	}
	if to == len(text) {
		return true
	}
	switch c := text[to]; c {
	case '_':
		return false
	case '.', ',', '-':
		return to+1 == len(text) || !letterOrDigit(text[to+1])
	default:
		return !letterOrDigit(c)
	}
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// cardGroups reports the groups that cards show, by their ends: all in one, 4-4-4-4
// and longer, 4-6-5 and 4-6-4.
func cardGroups(ends []int) bool {
	switch n := len(ends); n {
	case 1:
		return ends[0] < 20
	case 3:
		return ends[0] == 4 && ends[1] == 11 && (ends[2] == 17 || ends[2] == 16)
	case 4, 5:
		return ends[0] == 4 && ends[1] == 9 && ends[2] == 14 && ends[3] == 19
	}
	return false
}

// cardIssuer reports a number in the ranges and of the length of a card scheme.
func cardIssuer(digits string) bool {
	n := len(digits)
	two, four := digits[:min(2, n)], digits[:min(4, n)]
	switch {
	case digits[0] == '4':
		return n == 13 || n == 16 || n == 19
	case two >= "51" && two <= "55", four >= "2221" && four <= "2720":
		return n == 16
	case two == "34" || two == "37":
		return n == 15
	case two == "36" || two == "38" || four >= "3000" && four <= "3059":
		return n == 14
	case two == "35", two == "62", two == "65", four == "6011", four >= "6440" && four <= "6499":
		return n >= 16 && n <= 19
	}
	return false
}

// luhn checks the last digit of a card number (ISO/IEC 7812-1).
func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// Length of an IBAN without blanks (ISO 13616).
const (
	leastIBAN = 15
	mostIBAN  = 34
)

// ibans finds bank account numbers whose check digits are right, in one piece or in
// groups of four.
func ibans(text string) []secret {
	var found []secret
	for i := 0; i+leastIBAN <= len(text); i++ {
		if !letter(text[i]) || !letter(text[i+1]) || !digit(text[i+2]) || !digit(text[i+3]) || i > 0 && letterOrDigit(text[i-1]) {
			continue
		}
		if end := ibanEnd(text[i:]); end > 0 {
			found = append(found, secret{i, i + end, "IBAN"})
			i += end - 1
		}
	}
	return found
}

func letter(c byte) bool { return letterOrDigit(c) && !digit(c) }

// ibanEnd returns where an IBAN at the start of a text ends, or 0. Words after it
// may look like a further group, so each length is tried, the longest first.
func ibanEnd(text string) int {
	var number []byte
	var ends []int // after each character of number
	for i := 0; i < len(text) && len(number) < mostIBAN; i++ {
		switch {
		case letterOrDigit(text[i]):
			number = append(number, text[i])
			ends = append(ends, i+1)
		case text[i] == ' ' && len(number)%4 == 0 && i > 0 && text[i-1] != ' ':
		default:
			i = len(text)
		}
	}
	for n := len(number); n >= leastIBAN; n-- {
		whole := ends[n-1] == len(text) || !letterOrDigit(text[ends[n-1]])
		if whole && ibanChecks(number[:n]) {
			return ends[n-1]
		}
	}
	return 0
}

// ibanChecks is ISO 7064 MOD 97-10 over the number with its first four characters
// put last.
func ibanChecks(number []byte) bool {
	rest, digits := 0, 0
	for i := range number {
		c := number[(i+4)%len(number)]
		switch {
		case digit(c):
			rest = (rest*10 + int(c-'0')) % 97
			digits++
		default:
			rest = (rest*100 + int(c|0x20-'a') + 10) % 97
		}
	}
	return rest == 1 && digits*2 >= len(number) // words have few digits
}
