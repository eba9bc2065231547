package tiers

import (
	"testing"

	"tierdesk/desk"
)

func TestPeopleAreToldWhyAMailIsLostAndWhatMayBeMeant(t *testing.T) {
	w := writer{
		rules: &Rules{Desk: &desk.Desk{Technicians: []desk.Technician{{Addresses: []string{"tess@staff.example", "tess@hd.test"}}}}},
		messages: []desk.Message{
			{Kind: desk.FromCustomer, Author: desk.Address{Address: "ann@customer.example"}},
			{Kind: desk.FromCustomer, Author: desk.Address{Address: "ann@hhd.test"}},
			{Kind: desk.UnverifiedMail, Author: desk.Address{Address: "ann@evil.test"}},
		},
	}
	for _, test := range []struct {
		to, reply, because string
		cause              desk.LossCause
		meant              string
	}{
		{"ann@gmial.com", "550 5.1.1 user unknown", "", desk.LostNoMailbox, "ann@gmail.com"},
		{"ann@gmail.con", "5.1.2", "host not found", desk.LostNoDomain, "ann@gmail.com"},
		{"ann@gmail.com", "550-5.1.1 no such user", "", desk.LostNoMailbox, ""},
		{"Ann@Custmer.example", "556 5.1.10 recipient domain has null MX", "", desk.LostNoDomain, "ann@customer.example"},
		{"ann@stafff.example", "gave up after 120h0m0s: 451 4.4.1 no answer", "", desk.LostLate, "ann@staff.example"},
		{"ann@hhd.test", "550 5.1.1 user unknown", "", desk.LostNoMailbox, "ann@hd.test"},
		{"ann@evi.test", "550 no", "", desk.LostOther, ""},
		{"ann@gmial.com", "5.2.2", "552 5.2.2 mailbox full", desk.LostFull, ""},
		{"ann@customer.example", "554 5.7.1 spam", "", desk.LostBlocked, ""},
		{"ann@customer.example", "the mail has 9 bytes and the relay takes at most 5", "", desk.LostTooLarge, ""},
		{"ann@x.invalid", "ann@x.invalid: the domain .invalid takes no mail (RFC 2606)", "", desk.LostNoDomain, ""},
		{"l2@hd.test", "l2@hd.test is an address of this desk", "", desk.LostOwn, ""},
		{"ann@customer.example", "gave up after 5 attempts: connection lost after the final dot; the mail may have arrived", "", desk.LostInDoubt, ""},
		{"ann@customer.example", "", "nobody knows", desk.LostOther, ""},
	} {
		failed := desk.Event{Type: desk.DeliveryFailed, Because: test.because, Data: desk.EventData{Recipient: test.to, Reply: test.reply}}
		want := desk.LetterLoss{Address: test.to, Cause: test.cause, Meant: test.meant}
		if got := w.loss(&failed); got == nil || *got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
}

func TestSlips(t *testing.T) {
	for pair, want := range map[[2]string]bool{
		{"gmail.com", "gmail.com"}: false, {"gmial.com", "gmail.com"}: true, {"gmai.com", "gmail.com"}: true, {"ggmail.com", "gmail.com"}: true,
		{"gmail.cm", "gmail.com"}: true, {"gmail.comm", "gmail.com"}: true, {"gnail.com", "gmail.com"}: true, {"gamli.com", "gmail.com"}: false,
		{"", "gmail.com"}: false, {"o2.pl", "wp.pl"}: false, {"gmail.co", "gmail.co.uk"}: false,
	} {
		if slip(pair[0], pair[1]) != want || slip(pair[1], pair[0]) != want {
			t.Errorf("%v", pair)
		}
	}
}
