package triage

import (
	"strings"
	"unicode"
)

// verdict is the customer's answer to "did this solve it?".
type verdict int

const (
	answerOther verdict = iota // anything that is not surely yes or no
	answerYes
	answerNo
)

// maxVerdictWords bounds how long a plain yes may be: who writes more has more
// to say, and a person should read it.
const maxVerdictWords = 12

// maxPlainYes bounds how long an answer may be whose only evidence is a word like
// "yes": "yes, I tried that already" is none.
const maxPlainYes = 3

// The words of an answer, in the languages in which customers write. A word that
// means "but" or "not" in one language and something harmless in another is left
// out of doubtWords; what is not surely a yes goes to a person anyway.
var (
	plainYesWords = wordSet(`yes yep yeah yup y ok okay correct indeed
		ja jawohl jep oui sí si sim sì tak ano áno да так evet kyllä jo igen da ναι
		はい 是 是的 对 네 예 نعم כן`)
	successWords = wordSet(`solved fixed resolved works worked working helped sorted perfect
		gelöst geklappt funktioniert klappt behoben erledigt geholfen läuft
		résolu résolue fonctionne marche réglé aidé
		resuelto solucionado funciona funcionó resolvido resolveu funcionou
		risolto funziona opgelost werkt gelukt geholpen
		rozwiązane rozwiązany działa pomogło vyřešeno funguje pomohlo vyriešené
		решено решена работает заработало помогло вирішено працює допомогло
		çözüldü çalışıyor toimii ratkaistu ratkesi løst virker löst fungerar funkar
		megoldva működik megoldódott rezolvat λύθηκε λειτουργεί
		解決しました 直りました 解决了 已解决 好了 可以了 해결됐어요 해결되었습니다`)
	doubtWords = wordSet(`no nope not n't dont don't doesn't doesnt didn't didnt isn't isnt hasn't cannot can't cant won't never
		still but however except unfortunately fails failed
		nein nicht kein keine keinen noch aber leider trotzdem jedoch
		non pas toujours mais encore malheureusement
		pero aún todavía tampoco sigue desafortunadamente
		não nao mas ainda infelizmente
		ancora purtroppo però nee niet maar nog helaas geen
		nie ale nadal jeszcze niestety bohužel stále
		нет не но ещё еще ні але hayır ama hâlâ değil
		ei mutta vielä nej ikke inte men fortsatt fortfarande stadig
		nem όχι αλλά いいえ まだ 不 不是 没有 没 还是 아니요 아직 لا לא`)
	thankWords = wordSet(`thanks thank thx ty cheers great perfect awesome
		danke dank vielen besten super toll merci parfait gracias perfecto obrigado obrigada grazie bedankt
		dzięki dziękuję děkuji díky спасибо дякую teşekkürler kiitos tack takk tak köszönöm mulțumesc
		ευχαριστώ ありがとう ありがとうございます 谢谢 감사합니다 شكرا תודה`)
)

func wordSet(s string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(s) {
		set[w] = true
	}
	return set
}

// readAnswer reads the new text of a customer's answer, and says by which word. It
// is a yes only when it is short and neither doubts nor asks.
func readAnswer(text string) (verdict, string) {
	words := wordsOf(text)
	yes, success, thanks := "", "", false
	for _, w := range words {
		switch {
		case doubtWords[w]:
			return answerNo, "the answer says \"" + w + "\""
		case plainYesWords[w] && yes == "":
			yes = w
		case successWords[w] && success == "":
			success = w
		case thankWords[w]:
			thanks = true
		}
	}
	switch {
	case yes == "" && success == "":
		return answerOther, "neither yes nor no"
	case len(words) > maxVerdictWords, success == "" && !thanks && len(words) > maxPlainYes:
		return answerOther, "more than a plain yes"
	case strings.ContainsAny(text, "?？؟"):
		return answerOther, "the answer asks something"
	case success != "":
		return answerYes, "the answer says \"" + success + "\""
	}
	return answerYes, "the answer says \"" + yes + "\""
}

// grateful reports whether the text only thanks.
func grateful(text string) bool {
	words := wordsOf(text)
	if len(words) == 0 || len(words) > maxVerdictWords || strings.ContainsAny(text, "?？0123456789") {
		return false
	}
	thanks := false
	for _, w := range words {
		if doubtWords[w] {
			return false
		}
		thanks = thanks || thankWords[w]
	}
	return thanks
}

// wordsOf returns the words of a text in lower case. Apostrophes belong to words.
func wordsOf(text string) []string {
	text = strings.ReplaceAll(strings.ToLower(text), "’", "'")
	return strings.FieldsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && r != '\''
	})
}

// prefilled returns the words that the buttons of an L1 answer put into the
// customer's reply, in the customer's language. Both are read by readAnswer.
func prefilled(lang string) (yes, no string) {
	if w, ok := prefilledWords[lang]; ok {
		return w[0], w[1]
	}
	return "yes", "no"
}

var prefilledWords = map[string][2]string{
	"de": {"ja", "nein"}, "fr": {"oui", "non"}, "es": {"sí", "no"}, "pt": {"sim", "não"},
	"it": {"sì", "no"}, "nl": {"ja", "nee"}, "pl": {"tak", "nie"},
}
