package parse

import (
	"strings"
	"time"
)

// What vacation replies say, all languages together. To add a language, add its
// words, in lower case, to each list.

// monthNames gives the number of a month by its names and abbreviations, in the
// forms that stand in dates.
var monthNames = byWord(
	"january jan januar jänner januari janvier janv enero ene gennaio gen janeiro tammikuuta stycznia styczeń sty ledna leden januára január januárja ianuarie января январь янв січня ocak siječnja",
	"february feb februar feber februari février févr fév febrero febbraio fevereiro fev helmikuuta lutego luty lut února únor februára február februarie февраля февраль фев лютого şubat",
	"march mar märz mär maerz mars marzo março marco maart mrt marts maaliskuuta marca marzec března březen március márc martie марта март мар березня mart",
	"april apr avril avr abril abr aprile april huhtikuuta kwietnia kwiecień kwi dubna duben apríla április ápr aprilie апреля апрель апр квітня nisan",
	"may mai mayo maggio mag maio mei maj toukokuuta maja května květen mája május máj мая май травня mayıs",
	"june jun juni juin junio giugno giu junho kesäkuuta czerwca czerwiec cze června červen júna június jún iunie июня июнь июн червня haziran",
	"july jul juli juillet juil julio luglio lug julho heinäkuuta lipca lipiec lip července červenec júla július júl iulie июля июль июл липня temmuz",
	"august aug août aout agosto ago augustus augusti elokuuta sierpnia sierpień sie srpna srpen augusta augusztus августа август авг серпня ağustos",
	"september sept sep septembre septiembre settembre setembro syyskuuta września wrzesień wrz září szeptember szept septembrie сентября сентябрь сент сен вересня eylül",
	"october oct oktober okt octobre octubre ottobre ott outubro lokakuuta października październik paź října říjen októbra október octombrie октября октябрь окт жовтня ekim",
	"november nov novembre noviembre novembro marraskuuta listopada listopad lis listopadu novembra noiembrie ноября ноябрь ноя листопада kasım",
	"december dec dezember dez décembre déc decembre diciembre dic dicembre dezembro joulukuuta grudnia grudzień gru prosince prosinec decembra decembrie декабря декабрь дек грудня aralık desember",
)

// weekdayNames are the weekdays in full, as they stand after "on".
var weekdayNames = func() map[string]time.Weekday {
	days := map[string]time.Weekday{}
	for w, n := range byWord(
		"monday montag lundi lunes lunedì segunda maandag måndag mandag maanantaina poniedziałek pondělí hétfőn понедельник понеділок",
		"tuesday dienstag mardi martes martedì terça dinsdag tisdag tirsdag tiistaina wtorek úterý kedden вторник вівторок",
		"wednesday mittwoch mercredi miércoles mercoledì quarta woensdag onsdag keskiviikkona środę středu szerdán среду середу",
		"thursday donnerstag jeudi jueves giovedì quinta donderdag torsdag torstaina czwartek čtvrtek csütörtökön четверг четвер",
		"friday freitag vendredi viernes venerdì sexta vrijdag fredag perjantaina piątek pátek pénteken пятницу",
		"saturday samstag sonnabend samedi sábado sabato zaterdag lördag lørdag lauantaina sobotę sobotu szombaton субботу",
		"sunday sonntag dimanche domingo domenica zondag söndag søndag sunnuntaina niedzielę neděli vasárnap воскресенье",
	) {
		days[w] = time.Weekday(n % 7)
	}
	return days
}()

var tomorrowWords = set("tomorrow demain domani amanhã imorgon завтра yarın jutro zítra holnap huomenna")

// nextWords stand before or after a weekday that may be this week's or the next's.
var nextWords = strings.Fields("next nächsten nächster kommenden prochain próximo prossimo próxima volgende nästa næste neste ensi przyszły příští jövő следующий следующую gelecek")

// returnCues go with the day of a return.
var returnCues = phrasesOf(
	"back|return|returning|returns|resume|resuming|be available again|available again|available from|reachable again|in the office again|respond after|reply after|my return",
	"wieder|zurück|zurueck|retour|rückkehr|zurückkehren|zurückkehre|erst ab|erst am",
	"de retour|mon retour|reviens|reviendrai|reprise|serai à nouveau|rentre|rentrerai",
	"regreso|regresaré|vuelvo|volveré|vuelta|me reincorporo|me reincorporaré|de nuevo",
	"rientro|rientrerò|ritorno|tornerò|torno|sarò di nuovo|di nuovo",
	"volto|regressarei|voltarei|retorno|retornarei|regresso|de volta|estarei de volta",
	"terug|weer aanwezig|weer bereikbaar|weer op kantoor",
	"tillbaka|åter|tilbage|tilbake|takaisin|palaan|paluu|tavoitettavissa jälleen",
	"wracam|wrócę|powrót|powrócę|z powrotem|będę dostępn|zpět|vrátím|vracím se|vissza|visszatérek|ismét",
	"вернусь|возвращаюсь|выйду|выхожу|снова буду|повернуся|revin|mă întorc|voi reveni",
	"döneceğim|dönüş|ofiste olacağım|tekrar",
	"戻り|復帰|出社|返回|回来|回來|恢复|回到|복귀|돌아",
)

// untilCues stand before the last day of an absence.
var untilCues = phrasesOf(
	"until|till|til|through|thru|up to and including|ending|before",
	"bis|bis zum|jusqu'au|jusqu’au|jusque|hasta|hasta el|fino al|sino al|fino a|até|t/m|tot|tot en met|till och med|t.o.m|til og med|til|frem til|förrän|før",
	"do dnia|do|až do|egészen|по|до|până|pana la",
)

// untilAfter follow the last day of an absence, in languages that say it so.
var untilAfter = phrasesOf("saakka|asti|之前|-ig|ig|tarihine kadar|kadar|'e kadar|'a kadar|まで|為止|为止|止|까지")

// rangeWords stand between the two days of a range.
var rangeWords = set("- – — to and au al a à e en till til do по - tot bis y o")

// startWords stand before the first day of an absence.
var startWords = set("from starting since vom von dal du desde del od от van från fra")

// delegateCues ask to turn to somebody else.
var delegateCues = phrasesOf(
	"contact|reach out|reach out to|email|e-mail|write to|call|colleague|colleagues|deputy|delegate|urgent|emergency|assistance|replaced by|covering|on my behalf|please refer|instead|forwarded to",
	"wenden|kontaktieren|kontakt|vertretung|vertritt|vertreten|vertreter|kollege|kollegin|kollegen|ansprechpartner|dringenden|dringend|weitergeleitet an|steht ihnen",
	"contacter|contactez|adresser|collègue|urgence|urgent|joindre|écrire à|remplace|remplacé",
	"contacte|contactar|contacto|póngase|diríjase|dirigirse|compañero|compañera|urgente|urgencia|escribir a|comuníquese|comunicarse",
	"contattare|rivolgersi|rivolgetevi|collega|urgenze|urgenti|scrivere a|contatti",
	"contate|contacte|entre em contato|contactar|contatar|urgência|dirija-se",
	"contact opnemen|neem contact|collega|dringende|spoed|vervang",
	"kontakta|kontakta gärna|kollega|brådskande|vänligen|kontakt|kontakte|kontakte|hastende|haster",
	"ota yhteyttä|yhteyttä|kiireellis|sijais|proszę o kontakt|kontakt z|kontaktować|zastępuje|pilnych|obraťte|kontaktujte|zastupuje|naléhavých|forduljon|keresse|helyettes",
	"обращайтесь|обращаться|свяжитесь|пишите|звертайтеся|contactați|irtibata|ulaşabilir|iletişime",
	"ご連絡|連絡|代理|联系|聯絡|联络|연락|문의",
)

// englishWords tell an English reply that is too short for its language to be sure.
var englishWords = phrasesOf("until|back|out of|through|returning|away")

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// phrasesOf splits lists of phrases that are separated by "|".
func phrasesOf(lists ...string) []string {
	var out []string
	for _, l := range lists {
		out = append(out, strings.Split(l, "|")...)
	}
	return out
}
