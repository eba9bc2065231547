package store

import (
	"strings"
	"testing"

	"tierdesk/desk"
)

func TestFilesAreFoundByContentAndByName(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		for range 3 {
			openTicket(t, s)
		}
		received := func(id desk.TicketID, name, sum string) {
			e := desk.NewEvent(id, desk.MailReceived, "customer", "", noon)
			e.Data.Files = []desk.AttachmentRef{{Filename: name, SHA256: sum}, {Filename: "image.png", SHA256: "same"}}
			apply(t, s, func(*Tx) desk.Change { return desk.Change{Events: []desk.Event{e}} })
		}
		received(1, "Offer.pdf", "aa")
		received(2, "offer.PDF", "bb")
		received(3, "plan.pdf", "aa")
		received(3, "plan.pdf", "aa")
		find := func(sum, name string) []int64 {
			var ids []int64
			for _, id := range must(s.TicketsWithFile(t.Context(), sum, name)) {
				ids = append(ids, int64(id))
			}
			return ids
		}
		for range 2 {
			expect(t, "by content", find("aa", ""), 3, 1)
			expect(t, "by name", find("", "OFFER.pdf"), 2, 1)
			expect(t, "by either", find("aa", "offer.pdf"), 3, 2, 1)
			expect(t, "by nothing", find("", ""))
			expect(t, "unknown", find("cc", "x"))
			listAgain(t, s)
		}
	})
}

// listAgain empties the table and fills it as the migration fills it for an older
// database.
func listAgain(t *testing.T, s *Store) {
	t.Helper()
	migration := must(migrations.ReadFile(s.dialect.migrations + "/0008_files.sql"))
	_, fill, _ := strings.Cut(string(migration), "INSERT ")
	check(t, s.Update(t.Context(), func(tx *Tx) error {
		if _, err := tx.exec(`DELETE FROM files`); err != nil {
			return err
		}
		_, err := tx.exec("INSERT " + strings.TrimSuffix(strings.TrimSpace(fill), ";"))
		return err
	}))
}
