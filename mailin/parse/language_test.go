package parse

import "testing"

func TestLanguage(t *testing.T) {
	for text, want := range map[string]string{
		"Hello, my printer does not work and I have tried to restart it.":                      "en",
		"Guten Tag, mein Drucker geht nicht mehr und ich habe es schon zweimal versucht.":      "de",
		"Bonjour, mon imprimante ne marche pas et je ne sais pas quoi faire.":                  "fr",
		"Hola, la impresora no funciona y no puedo imprimir con ella.":                         "es",
		"Olá, a minha impressora não funciona e não sei o que fazer com ela.":                  "pt",
		"Buongiorno, la mia stampante non funziona e non so come fare.":                        "it",
		"Hallo, mijn printer doet het niet en ik heb het al twee keer geprobeerd.":             "nl",
		"Hej, min skrivare fungerar inte och jag har provat att starta om den.":                "sv",
		"Dzień dobry, moja drukarka nie działa i nie wiem, co mam z tym zrobić.":               "pl",
		"Dobrý den, tiskárna mi nefunguje a už jsem ji zkoušel restartovat, ale je to stejné.": "cs",
		"Merhaba, yazıcı çalışmıyor ve ne yapmam gerektiğini bilmiyorum, teşekkürler.":         "tr",
		"Здравствуйте, принтер не печатает, помогите, пожалуйста, мы ждём.":                    "ru",
		"Добрий день, принтер не друкує, допоможіть, будь ласка.":                              "uk",
		"プリンターが動きません。":                                                                         "ja",
		"打印机坏了，请帮忙。":                                                                           "zh",
		"프린터가 작동하지 않습니다.":                                                                      "ko",
		"Ο εκτυπωτής δεν λειτουργεί.":                                                          "el",
		"المكتبة لا تعمل":                                                                      "ar",
		"ok":                                                                                   "",
		"Error 809 at 10.0.0.1":                                                                "",
		"Brother HL-2030 ttyUSB0 lpd cups queue stuck":                                         "",
	} {
		if got := language(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}
