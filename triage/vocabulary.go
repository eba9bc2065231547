package triage

// The words of short answers, in the languages in which customers write, all
// together: three words are too few to be sure of a language. A word that doubts in
// one language and is harmless in another is left out of doubtWords; what is not
// surely a yes goes to a person anyway.
var (
	plainYesWords = wordSet(`yes yep yeah yup y ok okay correct indeed
		ja jawohl jep oui ouais sí si sim sì tak ano áno да так evet kyllä jo igen da ναι
		はい 是 是的 对 네 예 نعم כן`)
	successWords = wordSet(`solved fixed resolved works worked working helped sorted
		gelöst geklappt funktioniert klappt behoben erledigt geholfen läuft
		résolu résolue résolus fonctionne marche réglé réglée aidé aidée
		resuelto resuelta solucionado solucionada funciona funcionó funcionando arreglado ayudó
		resolvido resolvida resolveu funcionou ajudou
		risolto risolta funziona funzionato funzionando sistemato aiutato
		opgelost werkt gelukt geholpen verholpen
		rozwiązane rozwiązany rozwiązało działa zadziałało pomogło naprawione vyřešeno funguje pomohlo vyriešené
		решено решена работает заработало помогло вирішено працює допомогло
		çözüldü çalışıyor toimii ratkaistu ratkesi løst virker løser fungerar funkar
		megoldva működik megoldódott rezolvat λύθηκε λειτουργεί
		解決しました 直りました 解决了 已解决 好了 可以了 해결됐어요 해결되었습니다`)
	// successPhrases say that all is well with words that doubt or say nothing alone.
	successPhrases = phraseList(`all good now, all is well, everything is fine now, no more problems, no longer a problem, that did it, did the trick, works again, working again, fixed again, running again
		alles gut jetzt, alles bestens, keine probleme mehr, kein problem mehr, jetzt geht es, jetzt geht's, es geht wieder, geht wieder, geht jetzt
		c'est bon, tout est bon, tout va bien, plus de problème, plus aucun problème, ça va mieux, tout est rentré dans l'ordre
		todo bien, ya está, ya no hay problema, ya va bien, todo en orden, ya puedo entrar
		tutto bene, tutto ok, tutto a posto, tutto risolto, nessun problema, va bene ora, ora va
		tudo bem, tudo certo, tudo ok, já está, deu certo, está tudo a funcionar
		alles in orde, alles goed nu, geen problemen meer, het doet het weer, doet het weer
		wszystko gra, wszystko w porządku, wszystko dobrze, już jest dobrze, nie ma już problemu, jest ok`)
	// besideSuccess are words that a plain yes or a success may hold and that neither
	// narrow nor doubt it: what works, and since when.
	besideSuccess = wordSet(`now its everything fine back here there been did solution solutions instruction instructions tip hint advice
		guide steps issue issues problem problems error errors again up and then just finally just restarted rebooted like charm perfectly fully
		printer scanner computer pc laptop notebook screen monitor keyboard mouse phone account login password access mail email emails outlook
		vpn wifi wlan internet network connection system server website site page app application program software update reader file folder
		jetzt nun wieder alles war wurde worden es an am im problem fehler sache lösung anleitung tipp hinweis schritte bestens endlich
		drucker rechner computer bildschirm tastatur maus telefon konto anmeldung passwort kennwort zugang zugriff netz netzwerk verbindung
		seite programm datei ordner dank
		ça ca cela maintenant nouveau problème problèmes panne erreur est été solution mon ma mes imprimante l'imprimante ordinateur
		écran compte mot passe connexion l'accès accès réseau site logiciel enfin tout ok
		ya ahora problema problemas error esto eso está ha han me he mi solución impresora ordenador pantalla cuenta contraseña acceso
		correo red conexión página programa nuevo por fin perfectamente correctamente
		ora adesso già problema problemi errore questo ha mi nuovo di soluzione stampante schermo conto password accesso posta rete
		connessione pagina programma finalmente perfettamente correttamente i il lo gli hanno sono
		já agora problema problemas erro isto isso está foram meu minha me solução impressora computador ecrã tela conta senha acesso
		correio rede ligação conexão página programa novo finalmente perfeitamente
		nu weer probleem problemen fout dit alles mijn oplossing zijn is printer scherm account wachtwoord toegang netwerk verbinding
		eindelijk probleem
		już teraz znowu problem problemy błąd rozwiązanie mi moja mój drukarka komputer ekran konto hasło dostęp sieć połączenie strona
		program wreszcie poprawnie
		проблема всё все теперь уже`)
	doubtWords = wordSet(`no nope not n't dont don't doesn't doesnt didn't didnt isn't isnt hasn't cannot can't cant won't never
		still but however except unfortunately fails failed broken again
		nein nicht nichts kein keine keinen noch aber leider trotzdem jedoch kaputt erneut immer
		non pas toujours mais encore malheureusement cependant
		pero aún todavía tampoco sigue desafortunadamente nada
		não nao mas ainda infelizmente continua
		ancora purtroppo però neanche nee niet maar nog helaas geen steeds
		nie ale nadal jeszcze niestety wciąż ciągle bohužel stále
		нет не но ещё еще ні але hayır ama hâlâ değil
		ei mutta vielä nej ikke inte men fortsatt fortfarande stadig
		nem όχι αλλά いいえ まだ 不 不是 没有 没 还是 아니요 아직 لا לא`)
	// askWords ask for more: who writes one wants an answer.
	askWords = wordSet(`please pls could can may would need want wish question how when why what where another also
		bitte könnten könnte können kann brauche bräuchte möchte frage wann warum wie auch außerdem
		s'il svp stp pourriez pouvez peux besoin voudrais question comment quand pourquoi aussi
		favor podría podrían puede pueden podéis necesito quiero quisiera pregunta cómo cuándo también
		favore può potete potrebbe potreste vorrei bisogno domanda come quando perché anche
		pode podem poderia poderiam preciso gostaria pergunta quando também
		alstublieft aub graag kunt kunnen kan wilt zou vraag wanneer waarom ook
		proszę prośba mogę może mogą czy potrzebuję chciałbym chciałabym pytanie kiedy dlaczego również także`)
	// askPhrases ask or doubt with words that are harmless elsewhere.
	askPhrases = phraseList(`help me, help us, answer me, answer us, was working, were working, have had it, has had it
		haben das auch, haben es auch, hat das auch, ich auch, wir auch
		merci de votre réponse, merci de votre rapidité, merci de votre réactivité`)
	// askOpenings begin a question whose mark is missing.
	askOpenings = phraseList(`is it, is this, is that, is the, is my, is everything, are you, has it, has this, has that, has the, was it, was this, was the,
		did it, did this, did that, have you
		ist es, ist das, ist der, ist die, ist mein, ist alles, hat es, hat das, wurde es, wurde das, wurde der, funktioniert es, funktioniert das, geht es, klappt es,
		klappt das, läuft es, läuft das, habt ihr, haben sie, est ce, est il, est elle, is het, is dit, is dat, is alles, werkt het, lukt het`)
	// helpWords call for help where they begin a sentence.
	helpWords  = wordSet(`help answer reply hilfe aide ayuda aiuto ajuda hulp pomoc pomocy`)
	thankWords = wordSet(`thanks thank thx ty tnx cheers appreciated grateful
		danke dank dankeschön merci remercie remercions gracias obrigado obrigada agradeço agradezco
		grazie ringrazio bedankt dankjewel dankuwel dankje dankzij
		dzięki dziękuję dziękujemy dzieki dziekuje děkuji díky спасибо дякую teşekkürler kiitos tack takk tak
		köszönöm mulțumesc ευχαριστώ ありがとう ありがとうございます 谢谢 감사합니다 شكرا תודה`)
	// thankPhrases thank without a word of thankWords, or say the same with more.
	thankPhrases = phraseList(`saved my day, made my day, you are the best, you're the best, you rock, much appreciated
		tag gerettet, sie sind die besten, ihr seid die besten, vergelt's gott
		vous me sauvez, vous êtes les meilleurs, vous êtes au top, vous m'avez sauvé
		me han salvado, me ha salvado, son los mejores, sois los mejores
		mi avete salvato, mi ha salvato, siete i migliori, siete fantastici
		salvaram o meu dia, salvou o meu dia, são os melhores, vocês são demais
		dag gered, jullie zijn de besten, jullie zijn top
		uratowaliście mnie, jesteście najlepsi, ratujecie mi życie`)
	// politeWords surround thanks and praise and say nothing else.
	politeWords = wordSet(`a an the to you your yours all for very much so many lot lots i i'm am we us me my that that's this it it's is
		was are great perfect awesome brilliant wonderful excellent lovely super cool nice good best fantastic amazing fast quick quickly
		prompt help helping support team reply answer answering response assistance time effort kind work job day again hi hello hey dear
		everybody everyone guys really have had nice weekend well done of in such and now ever wow
		vielen vielmals herzlichen besten lieben tausend sehr für die der das den ihre ihren ihr eure euch sie ihnen dir dich allen schnelle
		schnell schnellen prompte gute tolle super toll klasse prima perfekt spitze großartig wunderbar hervorragend bestens hilfe
		antwort rückmeldung unterstützung mühe bemühungen hallo liebes lieber liebe team alle ich wir mir mein meinen haben hat und ganz herzlich nochmals nochmal
		auch viel schönen schönes ein habt tag wochenende so schön freut mich das ist war einen wunderbaren kollegen
		beaucoup mille infiniment bien très pour votre vos vous à de d' la le l' les l'aide aide l'équipe équipe rapide rapidité réponse
		réactivité efficacité super parfait parfaite génial excellent bonjour tous toute c'est et encore bonne journée je j'ai tout
		muchas muchísimas mil por su tu sus vuestra la el lo los ayuda respuesta rapidez rápida rápido apoyo equipo todo todos perfecto
		perfecta genial estupendo excelente fenomenal muy amable hola es un una saludo buen buena día se le les os y de ha sido
		mille tante moltissimo molte infinite per il vostro vostra tuo tua suo sua l'aiuto aiuto supporto risposta velocissimi veloce rapida
		tempestiva disponibilità tutto tutti perfetto ottimo ottima fantastico gentilissimi gentile ciao buongiorno è stato vi la ringrazio
		muito muita muitas pela pelo ajuda resposta rápida rapidez apoio suporte atenção equipe equipa perfeito ótimo excelente maravilha
		olá bom boa dia tarde vocês você o a e foi muitíssimo
		hartelijk heel erg veel je jullie u voor de het snelle hulp reactie antwoord ondersteuning moeite team allemaal top super fijn
		geweldig perfect prima mooi hallo beste dag goed goede jouw uw alvast wel dankt
		bardzo serdecznie wielkie za pomoc szybką szybka odpowiedź wsparcie pani panu państwu pan wam ci zespół super świetnie
		doskonale idealnie rewelacja dzień dobry cześć witam miłego dnia wszystko ślicznie to jest
		ありがとうございました большое за помощь огромное`)
	greetingWords = wordSet(`hi hello hey dear hallo guten moin servus sehr liebe lieber liebes grüß grüezi bonjour bonsoir salut cher chère
		chers madame monsieur hola buenos buenas estimado estimada estimados ciao buongiorno buonasera gentile gentili salve egregio
		olá oi bom boa prezado prezada prezados caro cara beste dag geachte goedemorgen goedemiddag goedenavond goedendag dzień witam
		cześć szanowni szanowny szanowna`)
	titles = wordSet(`mr mrs ms miss dr sir madam colleagues folks herr frau damen und herren zusammen kollegen kollege kollegin monsieur madame
		mesdames messieurs señor señora señores signor signora signori senhor senhora senhores heer mevrouw dames heren pan pani panie panowie państwo`)
	// leaveBeside are words behind one of leave.
	leaveBeside  = wordSet(`yours sincerely truly faithfully regards wishes and und et y e i`)
	leavePhrases = phraseList(`kind regards, best regards, warm regards, kindest regards, best wishes, regards, sincerely, yours, best, with regards
		mit freundlichen, freundliche grüße, freundlichen grüßen, viele grüße, beste grüße, besten grüßen, liebe grüße, herzliche grüße,
		schöne grüße, grüße, gruß, lieben gruß, freundliche grüsse, viele grüsse, beste grüsse, liebe grüsse, grüsse, mfg, lg, vg, bg
		cordialement, bien cordialement, bien à vous, sincères salutations, meilleures salutations, salutations, cdt, bien à toi
		saludos, un saludo, un cordial saludo, saludos cordiales, atentamente, cordialmente
		saluti, cordiali saluti, distinti saluti, un saluto, un cordiale saluto
		atenciosamente, cumprimentos, com os melhores cumprimentos, melhores cumprimentos, um abraço, abraço, abraços, att
		met vriendelijke, vriendelijke groet, vriendelijke groeten, groet, groeten, groetjes, mvg, hartelijke groet, hartelijke groeten
		pozdrawiam, pozdrowienia, z poważaniem, z wyrazami, serdecznie pozdrawiam, z pozdrowieniami`)

	statusWords  = wordSet(`status state stand statut état etat estado stato situação situacao stan статус`)
	statusBeside = wordSet(`please pls ticket the of my is what's what update current bitte zum meines tickets aktueller der wie ist
		svp s'il vous plaît du mon quel est le por favor del mi cuál es el di per favore qual è lo mio do meu da é o
		alstublieft aub van mijn wat is de proszę zgłoszenia mojego jaki jest hi hello hallo bonjour hola ciao olá`)

	goodWords = wordSet(`good great excellent perfect satisfied happy gut super prima toll zufrieden klasse bien bon bonne parfait satisfait satisfaite
		bueno buena excelente satisfecho satisfecha bene buono buona ottimo ottima soddisfatto soddisfatta bom boa bem ótimo satisfeito satisfeita
		goed tevreden uitstekend dobrze dobry dobra świetnie zadowolony zadowolona`)
	badWords = wordSet(`bad poor terrible awful unhappy unsatisfied dissatisfied schlecht mies unzufrieden mal mauvais mauvaise insatisfait insatisfaite mécontent mécontente
		malo mala insatisfecho insatisfecha male cattivo pessimo pessima insoddisfatto insoddisfatta mau má ruim péssimo insatisfeito insatisfeita
		slecht ontevreden źle słabo zły zła niezadowolony niezadowolona`)
	ratingBeside = wordSet(`very sehr très muy molto muito erg zeer heel bardzo`)
)

const (
	gladSigns = "👍🙏❤♥😀😃😄😁😊🙂🎉👌💯✅😍🥳👏🤗🤩☺💪🙌"
	sadSigns  = "👎😡😠😞😢😭🙁☹😤💔❌😒😕😩"
)

// prefilledWords are the words that buttons put into the customer's reply, in his
// language. All are read back by the functions of verdict.go.
type prefilledWords struct{ yes, no, good, bad string }

var prefilledByLanguage = map[string]prefilledWords{
	"en": {"yes", "no", "good", "bad"}, "de": {"ja", "nein", "gut", "schlecht"}, "fr": {"oui", "non", "bien", "mal"},
	"es": {"sí", "no", "bien", "mal"}, "pt": {"sim", "não", "bom", "mau"}, "it": {"sì", "no", "bene", "male"},
	"nl": {"ja", "nee", "goed", "slecht"}, "pl": {"tak", "nie", "dobrze", "źle"},
}

// prefilled returns the words for a language, or the English ones.
func prefilled(lang string) prefilledWords {
	if w, ok := prefilledByLanguage[lang]; ok {
		return w
	}
	return prefilledByLanguage["en"]
}
