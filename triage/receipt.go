package triage

import (
	"fmt"
	"time"

	"tierdesk/desk"
)

// receiptsPerHour bounds the automatic mails that a technician gets while his own
// mails still cause receipts: past it, a machine is answering them.
const receiptsPerHour = 60

// tell adds a receipt to what a technician's mail causes.
func (d *decision) tell(ch *desk.Change, receipt desk.Outgoing) error {
	n, err := d.v.CountAutomatic(d.ctx, desk.NormalAddress(receipt.To.Address), d.now.Add(-time.Hour))
	if err == nil && n < receiptsPerHour {
		ch.Outgoing = append(ch.Outgoing, receipt)
	}
	return err
}

// receipt tells a technician what became of his mail.
func (d *decision) receipt(t *desk.Ticket, tech *desk.Technician, text string) desk.Outgoing {
	return d.answerTo(t, tech, desk.SendReceipt, text)
}

// answerTo starts a mail to a technician that answers his.
func (d *decision) answerTo(t *desk.Ticket, tech *desk.Technician, kind desk.OutgoingKind, because string) desk.Outgoing {
	o := d.Composer.ToTechnician(t, kind, desk.Address{Name: tech.Name, Address: tech.Address()}, d.cause())
	o.InReplyTo = d.in.MessageID
	if o.InReplyTo != "" {
		o.References = append(o.References, o.InReplyTo)
	}
	o.ListID = ""
	o.Automatic = desk.AutoReplied
	o.Letter.Because = because
	return o
}

// refuse keeps a technician's mail without effect and tells him why.
func (d *decision) refuse(t *desk.Ticket, who principal, reason string) (desk.Change, error) {
	ch := d.ignore("refused: " + reason)
	ch.Settles.Ticket = t.ID
	err := d.tell(&ch, d.receipt(t, who.technician, "Nothing was done: "+reason))
	return ch, err
}

// unproven keeps a mail that claims to be a technician's and is not proven to be.
// It does nothing. When it carried a valid token, the technician is told at his
// registered address, since either he or somebody in his name needs to know.
func (d *decision) unproven(who principal) (desk.Change, error) {
	reason := fmt.Sprintf("claims to be %s, but %s", who.technician.Name, who.why)
	if d.in.Thread.Ticket == 0 {
		return d.unaddressed(who, reason)
	}
	t, err := d.v.Ticket(d.ctx, d.in.Thread.Ticket)
	if err != nil {
		return desk.Change{}, err
	}
	ch := d.unverified(&t, reason)
	silent, err := d.silence()
	if err != nil || d.in.Thread.Token == nil || silent != "" {
		return ch, err
	}
	err = d.tell(&ch, d.receipt(&t, who.technician, "Nothing was done with a mail in your name: "+who.why+"."))
	return ch, err
}

// unaddressed keeps a mail of a technician that only names a ticket. If it is
// really his, he is told where to write.
func (d *decision) unaddressed(who principal, reason string) (desk.Change, error) {
	silent, err := d.silence()
	if err != nil || silent != "" || who.strength < proven {
		return d.quarantine(reason), err
	}
	t, err := d.v.Ticket(d.ctx, d.in.Thread.Claims)
	if err != nil {
		return desk.Change{}, err
	}
	return d.refuse(&t, who, who.why+"; reply to the mail that you or your tier got about ticket "+desk.Number(t.ID))
}
