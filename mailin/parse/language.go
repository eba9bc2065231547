package parse

import (
	"strings"
	"unicode"
)

// languageSample is how much text is looked at.
const languageSample = 4000

// language names the language of a text (ISO 639-1) when it is sure, or "": a
// wrong greeting is worse than one in the desk's own language. Scripts that serve
// one language decide by themselves, others by their commonest words.
func language(text string) string {
	if len(text) > languageSample {
		text = text[:languageSample]
	}
	if code := languageOfScript(text); code != "" {
		return code
	}
	count := map[string]int{}
	words := 0
	for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' }) {
		words++
		for _, code := range commonWords[w] {
			count[code]++
		}
	}
	best, second := "", 0
	for code, n := range count {
		switch {
		case best == "" || n > count[best] || n == count[best] && code < best:
			if best != "" {
				second = max(second, count[best])
			}
			best = code
		default:
			second = max(second, n)
		}
	}
	if best == "" || count[best] < 3 || count[best]*8 < words || second*4 > count[best]*3 {
		return ""
	}
	return best
}

// scripts are the scripts that are counted, in the order of scriptCounts.
var scripts = []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Cyrillic, unicode.Greek, unicode.Hebrew, unicode.Arabic, unicode.Thai}

// scriptCounts counts the letters of a text by script.
type scriptCounts struct {
	letters                                                                int
	han, hiragana, katakana, hangul, cyrillic, greek, hebrew, arabic, thai int
}

func countScripts(text string) (c scriptCounts) {
	fields := []*int{&c.han, &c.hiragana, &c.katakana, &c.hangul, &c.cyrillic, &c.greek, &c.hebrew, &c.arabic, &c.thai}
	for _, r := range text {
		if !unicode.IsLetter(r) {
			continue
		}
		c.letters++
		if r < 0x250 { // Latin
			continue
		}
		for i, table := range scripts {
			if unicode.Is(table, r) {
				*fields[i]++
				break
			}
		}
	}
	return c
}

// languageOfScript decides by the letters, where most of them belong to a script
// that few languages use.
func languageOfScript(text string) string {
	c := countScripts(text)
	half := c.letters / 2
	kana := c.hiragana + c.katakana
	switch {
	case c.letters < 4:
		return ""
	case kana > 0 && kana+c.han > half:
		return "ja"
	case c.hangul > half:
		return "ko"
	case c.han > half:
		return "zh"
	case c.cyrillic > half && c.letters > 12:
		return cyrillicLanguage(text)
	case c.greek > half:
		return "el"
	case c.hebrew > half:
		return "he"
	case c.thai > half:
		return "th"
	case c.arabic > half && strings.ContainsAny(text, "پچژگ"):
		return "fa"
	case c.arabic > half:
		return "ar"
	}
	return ""
}

// cyrillicLanguage tells Ukrainian by its own letters, Russian by its letters ы, э and ё, Bulgarian by its
// frequent ъ and articles, Serbian by its own letters.
func cyrillicLanguage(text string) string {
	text = strings.ToLower(text)
	switch {
	case strings.ContainsAny(text, "іїєґ"):
		return "uk"
	case strings.ContainsAny(text, "ђјљњћџ"):
		return "sr"
	case strings.ContainsAny(text, "ыэё"):
		return "ru"
	case strings.Count(text, "ъ") > 1:
		return "bg"
	}
	return ""
}

// commonWords lists, by word, the languages whose commonest words it is among.
var commonWords = func() map[string][]string {
	m := map[string][]string{}
	for code, words := range wordsOf {
		for _, w := range strings.Fields(words) {
			m[w] = append(m[w], code)
		}
	}
	return m
}()

// wordsOf holds short, frequent words of mail in languages of Latin script.
var wordsOf = map[string]string{
	"en": "the and to of is that it for you in have with this not are was but be my i we can please from your me when what thanks hello dear would how your will has if any been do am",
	"de": "der die das und ist nicht ich sie mit ein eine zu auf für den dem wir es bitte auch von haben habe kann wie mein meine wird bei oder aber danke hallo sehr noch wenn mir ihr ihre im",
	"fr": "le la les et est que je vous un une des pour pas dans en du ce ne sur avec mon ma mais merci bonjour avez ai nous votre être cette plus il au aux suis c'est j'ai",
	"es": "el la los las y es que de en un una por para no con mi se lo pero gracias hola usted me su está tengo como muy este esta puedo del al cuando ya",
	"it": "il la e è che di non un una per con in mi ho sono del della grazie buongiorno ma anche questo come si al le gli lo nel posso ciao mio più",
	"pt": "o a os as e é que de não um uma para com por em do da meu minha obrigado obrigada olá mas você está se no na como muito estou tenho ao foi",
	"nl": "de het een en is niet ik dat van in op te voor met zijn maar ook er aan bij u mijn wij dit bedankt hallo kan heb wat naar nog om als",
	"sv": "och att det är jag en ett inte på som för med av till har den min kan vi du om tack hej men så från detta när vad",
	"da": "og at det er jeg en et ikke på som for med af til har den min kan vi du om tak hej men så fra dette når hvad mig",
	"no": "og at det er jeg en et ikke på som for med av til har den min kan vi du om takk hei men så fra dette når hva meg",
	"fi": "ja on ei en se että olen minun kiitos hei mutta tai kun jos voi oli ovat mitä tämä sitä niin nyt vain kanssa",
	"pl": "i w na nie się jest z do to że a o jak ale po mam za od czy dziękuję dzień dobry proszę przez mnie jestem już tak",
	"cs": "a je se na v že to s do není jsem ale z o by pro jak děkuji dobrý den prosím mám už také si od která který",
	"sk": "a je sa na v že to s do nie som ale z o by pre ako ďakujem dobrý deň prosím mám už tiež si od ktorá ktorý",
	"hu": "a az és nem hogy egy is van ezt de meg már vagy köszönöm kérem jó napot üdvözlettel nekem csak mint lehet ha volt",
	"ro": "și nu în la cu de o un este am pe să care mai că din pentru mulțumesc bună ziua dar sunt vă mi",
	"tr": "ve bir bu için ile ben de da değil var çok ama teşekkürler merhaba lütfen olarak ne gibi daha benim nasıl mi mı",
	"hr": "i je se na u ne da za od to s su sam ali kako hvala molim dobar dan što bi ili mi koji nije već",
	"sl": "in je se na v da za ne so sem s ali kako hvala prosim pozdravljeni ki pa bi z ni še lahko tudi",
	"et": "ja on ei et see ma kui oma aga või mis tere aitäh palun minu ka saab mul seda kas kuidas",
	"lt": "ir yra kad ne aš su į iš tai bet kaip ačiū labas prašau mano ar jei per nuo bus man dėl",
	"lv": "un ir ka es ar uz no tas bet kā paldies labdien lūdzu mans vai ja par man lai nav jau",
	"id": "dan yang di tidak saya ini itu untuk dengan ke dari ada bisa terima kasih mohon apakah sudah kami akan pada atau",
	"vi": "và là của tôi không có được cho với này trong các một xin cảm ơn chào bạn để khi đã",
	"ca": "el la els les i és que de en un una per no amb em però gràcies hola aquest aquesta tinc com més puc vostè al del",
}
