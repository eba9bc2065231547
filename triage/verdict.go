package triage

import (
	"cmp"
	"strings"
)

// verdict is what a customer's short answer says.
type verdict int

const (
	answerOther  verdict = iota // anything that is not surely one of the others
	answerYes                   // "yes", and no more
	answerWorks                 // it works, in whatever words
	answerThanks                // thanks, and no more
	answerNo
)

const (
	// maxVerdictWords bounds how long a plain yes may be: who writes more has more
	// to say, and a person should read it.
	maxVerdictWords = 12
	// maxPlainYes bounds how long an answer may be whose only evidence is a word like
	// "yes": "yes, I tried that already" is none.
	maxPlainYes = 3
	// maxThankWords bounds thanks, of which every word is known.
	maxThankWords = 30
)

// readAnswer reads what a mail says, see gist, and tells by which words. It is a
// yes, a success or thanks only when nothing in it doubts or asks, and every word is
// known to say no more: "it stopped working" has the word of a success as well.
func readAnswer(text string, names map[string]bool) (verdict, string) {
	words := wordsOf(text)
	if len(words) == 0 {
		return readSigns(text)
	}
	asks := strings.ContainsAny(text, "?？؟") || pleads(text, words)
	if !asks && grateful(text, words, names) {
		return answerThanks, "the answer thanks, and says no more"
	}
	words, _ = takePhrases(words, thankPhrases)
	words, success := takePhrases(words, successPhrases)
	yes, thanks, more := "", false, ""
	for _, w := range words {
		switch {
		case doubtWords[w]:
			return answerNo, "the answer says \"" + w + "\""
		case plainYesWords[w]:
			yes = cmp.Or(yes, w)
		case successWords[w]:
			success = cmp.Or(success, w)
		case thankWords[w]:
			thanks = true
		case askWords[w] || !politeWords[w] && !besideSuccess[w] && !names[w]:
			more = cmp.Or(more, w)
		}
	}
	switch {
	case yes == "" && success == "":
		return answerOther, "neither yes nor no"
	case asks:
		return answerOther, "the answer asks something"
	case more != "":
		return answerOther, "the answer says \"" + more + "\" as well"
	case strings.ContainsAny(text, sadSigns), hasDigit(text) && (yes == "" || len(words) > maxPlainYes): // "yes 1" is a choice
		return answerOther, "the answer has a number or a sign as well"
	case len(words) > maxVerdictWords, success == "" && !thanks && len(words) > maxPlainYes:
		return answerOther, "more than a plain yes"
	case success != "":
		return answerWorks, "the answer says \"" + success + "\""
	}
	return answerYes, "the answer says \"" + yes + "\""
}

// pleads reports whether a text asks for something with words that are harmless
// elsewhere: it calls for help, or it is a question without its mark.
func pleads(text string, words []string) bool {
	line := strings.Join(words, " ") + " "
	for _, p := range askPhrases {
		if strings.Contains(" "+line, " "+p+" ") {
			return true
		}
	}
	for _, p := range askOpenings {
		if strings.HasPrefix(line, p+" ") {
			return true
		}
	}
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(".,;:!¡\n–—", r) }) {
		if first := wordsOf(part); len(first) > 0 && helpWords[first[0]] {
			return true
		}
	}
	return false
}

// readSigns reads an answer without words. A thumb that is up says that somebody is
// content, not with what.
func readSigns(text string) (verdict, string) {
	switch {
	case strings.ContainsAny(text, sadSigns):
		return answerNo, "the answer is a sign of displeasure"
	case strings.ContainsAny(text, gladSigns):
		return answerThanks, "the answer is a sign of thanks, and no more"
	}
	return answerOther, "neither yes nor no"
}

// grateful reports whether a text thanks and every word of it is known to say
// nothing else.
func grateful(text string, words []string, names map[string]bool) bool {
	if len(words) > maxThankWords || hasDigit(text) || strings.ContainsAny(text, sadSigns) {
		return false
	}
	words, phrase := takePhrases(words, thankPhrases)
	thanks := phrase != ""
	for _, w := range words {
		switch {
		case plainYesWords[w]:
			return false
		case thankWords[w]:
			thanks = true
		case !politeWords[w] && (!names[w] || doubtWords[w] || askWords[w]):
			return false
		}
	}
	return thanks
}

func hasDigit(text string) bool { return strings.ContainsAny(text, "0123456789") }

// takePhrases takes the phrases that stand among the words out of them, and returns
// the last.
func takePhrases(words []string, phrases []string) (rest []string, phrase string) {
	line := " " + strings.Join(words, " ") + " "
	for _, p := range phrases {
		if before, after, found := strings.Cut(line, " "+p+" "); found {
			line, phrase = before+" "+after, p
		}
	}
	return strings.Fields(line), phrase
}

// asksStatus reports whether what a mail says is the word "status" alone.
func asksStatus(text string) bool {
	words := wordsOf(text)
	asked := false
	for _, w := range words {
		if !statusWords[w] && !statusBeside[w] && !thankWords[w] {
			return false
		}
		asked = asked || statusWords[w]
	}
	return asked && len(words) <= 8
}

// readRating reads "good" or "bad" that stands alone in the first line of what a
// mail says, and returns it with what the customer adds below; "" when there is none.
func readRating(text string) (rating, more string) {
	line, more, _ := strings.Cut(text, "\n")
	good, bad := strings.ContainsAny(line, gladSigns), strings.ContainsAny(line, sadSigns)
	for _, w := range wordsOf(line) {
		switch {
		case goodWords[w]:
			good = true
		case badWords[w]:
			bad = true
		case !ratingBeside[w] && !thankWords[w]:
			return "", ""
		}
	}
	switch {
	case good == bad, strings.ContainsAny(text, "?？؟"): // a question wants an answer
		return "", ""
	case good:
		return ratingGood, strings.TrimSpace(more)
	}
	return ratingBad, strings.TrimSpace(more)
}

// The ratings, as desk.EventData.Rating has them.
const (
	ratingGood = "good"
	ratingBad  = "bad"
)
