package parse

// bounceSubjects begin or stand in the subject of a report.
var bounceSubjects = []string{
	"undeliver", "non-deliver", "nondeliver", "not deliver", "delivery status notification", "delivery notification", "delivery report",
	"returned mail", "return mail", "returned to sender", "returned message", "failure notice", "failure delivery", "delivery failure", "delivery failed",
	"delivery has failed", "delivery error",
	"delivery problem", "delivery delayed", "delivery status", "mail failure", "mail delivery", "message delivery", "mail system error", "mail error",
	"failed delivery", "failed mail", "delivery incomplete",
	"could not be delivered", "could not send", "cannot be delivered", "not be delivered", "error sending your mail", "warning: message",
	"message delayed", "delayed mail", "mail not delivered", "user unknown", "unknown user", "bounced mail", "bounce",
	"aws notification message", "message status", "rejected mail", "mail rejected", "message rejected", "permanent error", "are not member", "non remis",
	"échec de la remise", "notification d'échec", "you sent blocked", "blocked message", "non recapitabile", "não é possível entregar", "kan inte levereras",
	"kan ikke leveres", "toimitus epäonnistui", "배달되지", "배달할 수 없", "nelivrabil", "nu se poate livra", "не вдалося доставити", "не удается доставить",
	"не удалось доставить", "δεν είναι δυνατή η παράδοση", "無法傳遞", "無法送達", "无法送达", "לא ניתן למסור", "يتعذر تسليم",
	"unzustellbar", "unzustellbare", "zustellung", "nicht zugestellt", "nicht zustellbar", "no se puede entregar", "no se ha podido entregar", "devuelto",
	"não entregue", "devolvida", "devolução", "onbestelbaar", "niet bezorgd", "mancata consegna", "mancato recapito",
	"недоставлен", "не доставлено", "возврат", "メールエラー", "配信", "送信エラー", "返送", "配送不能", "系统退信", "退信", "无法投递", "반송", "전송 실패", "niedostarcz",
	"nie można dostarczyć", "nedoruč", "kézbesít", "olevererbart", "kunne ikke leveres", "iletilemed",
}

// bouncePhrases are what a server says when it could not deliver, in lower case.
var bouncePhrases = []string{
	"could not be delivered", "couldn't be delivered", "cannot be delivered", "can't be delivered", "can not be delivered", "not be delivered",
	"wasn't delivered", "was not delivered", "has not yet been delivered", "unable to deliver", "not able to deliver", "wasn't able to deliver",
	"error delivering",
	"delivery failed", "delivery has failed", "failed to deliver", "delivery to the following", "delivery failure", "delivery of your message",
	"failed permanently", "has been delayed", "did not reach", "undeliverable", "returned to sender", "not be reached", "could not reach",
	"permanent error", "permanent fatal errors", "fatal errors", "transient non-fatal", "delivery errors", "delivery problems", "had problems",
	"address(es) failed", "addresses failed", "address failed", "following error", "returned permanent errors", "while attempting to deliver",
	"trying to deliver", "deliver the mail", "trouble delivering",
	"user unknown", "unknown user", "no such user", "unknown recipient", "recipient unknown", "invalid recipient", "mailbox full", "mailbox is full",
	"quota exceeded", "over quota", "exceeds allowed size", "rejected by a remote", "recipient address rejected", "transcript of session follows",
	"failure reasons", "invalid final delivery", "message was rejected",
	"not a member of this mailing list", "remote host said", "smtp error from remote", "delivery failed 20 attempts", "invalid user address",
	"duplicated message-id", "bouncetype", "was aborted after", "returned message", "aborted after", "could not send", "error report",
	"address has been ignored", "has not been delivered", "was blocked by", "non è stato recapitato", "não pôde ser entregue", "gick inte att leverera",
	"ikke leveres", "ei voitu toimittaa", "배달할 수 없", "배달하지 못했", "nu a putut fi livrat", "не вдалося доставити", "δεν ήταν δυνατή η παράδοση", "無法傳遞", "無法送達",
	"konnte nicht zugestellt", "nicht zugestellt werden", "unzustellbar", "nicht zustellbar", "n'a pas pu être", "n'a pas été remis", "non remis",
	"no pudo ser entregado", "no se pudo entregar", "no se ha podido entregar", "não pode ser entregue", "nao pode ser enviada",
	"não foi possível entregar", "non è stato possibile", "impossibile recapitare", "niet worden bezorgd", "kon niet worden afgeleverd",
	"не удалось доставить", "не может быть доставлено", "не было доставлено", "nie mogła zostać dostarczona", "nie została dostarczona",
	"kunde inte levereras", "nemohla být doručena", "送信できません", "配信できません", "配送できません", "お届けできません", "無法傳送", "无法投递", "无法送达", "전송하지 못했습니다", "teslim edilemedi",
}

// originalMarks begin the returned mail within a report's text.
var originalMarks = []string{
	"original message follows", "below this line is a copy", "enclosed is a copy", "this is a copy of", "below is a copy", "included is a copy",
	"message headers follow", "message header follows", "original message headers", "unsent message follows", "returned message",
	"header of the original message", "headers of the original message", "original message header", "mensaje original", "mensagem original",
	"copy of the original message", "copy of your message", "message text follows", "original message", "ursprüngliche nachricht",
	"body of the message is", "undelivered message", "text of your message", "received headers", "first part of the original", "message as received",
	"start of returned message", "begin message", "original message content", "original message is",
	"元のメール", "content of your message", "your original message", "forwarded message", "returned text follows", "original mail as follows",
	"message contents", "headers follow", "original e-mail",
}

// passingPrefixes begin lines whose address is not a failed recipient.
var passingPrefixes = []string{
	"from:", "mail from", ">>> mail from", "sender", "reply-to", "return-path", "message-id", "for further", "please contact", "contact", "if you",
	"generating server", "reporting-mta", "in-reply-to", "envelope-from", "(envelope", "to contact", "subject:", "cc:", "message from", "e-mail us",
	"http",
}

// blameWords stand before the address of a failed recipient.
var blameWords = []string{
	"recipient", "rcpt", "deliver", "unknown user", "user unknown", "undeliver", "address", "exceeds", "userid", "attempts", "failed", "mailbox", "to:",
	"user", "account", "not a member", "duplicated message-id", "delayed", "rejected", "destination", "reach",
}

// helpWords stand before addresses where help can be had.
var helpWords = []string{"contact", "assistance", "help", "support", "mail from", "sender", "from <", "yourself"}

// daemonNames stand in the name or the address of a server that reports.
var daemonNames = []string{
	"mailer-daemon", "mailer daemon", "mailerdaemon", "postmaster", "post_master", "poostmaster", "mail.delivery", "mail deliver",
	"maildeliverysystem", "delivery system", "delivery subsystem", "mail administrator", "mail system", "system administrator", "bounce",
}

// returnedFields begin the header of the returned mail where no line announces it.
var returnedFields = newPhrases([]string{
	"received:", "return-path:", "dkim-signature:", "mime-version:", "x-originating-ip:", "message-id:", "delivered-to:", "x-mailer:",
})
