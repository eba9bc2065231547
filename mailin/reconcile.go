package mailin

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"tierdesk/desk"
)

// Inventory is what a mailbox's server has, without any content.
type Inventory struct {
	Mailbox     string // configured name
	UIDValidity uint32 // of the folder that is read
	Folders     []Folder
}

// Folder is one folder of an Inventory. The first one is the folder that is read; the
// others hold what was moved away from it.
type Folder struct {
	Name  string
	mails []listed
}

// Len returns how many mails the folder has.
func (f *Folder) Len() int { return len(f.mails) }

// listBatch is how many mails are listed with one command.
const listBatch = 5000

// TakeInventory lists the folders of a mailbox. It changes nothing there. A folder
// for processed or failed mail that does not exist is empty.
func TakeInventory(ctx context.Context, cfg Config) (Inventory, error) {
	srv, err := parseServer(&cfg)
	if err != nil {
		return Inventory{}, err
	}
	s, err := open(ctx, srv, &cfg)
	if err != nil {
		return Inventory{}, fmt.Errorf("mailbox %s: %w", cfg.Name, err)
	}
	defer s.close(ctx)
	inv := Inventory{Mailbox: cfg.Name, UIDValidity: s.uidValidity}
	names := []string{orDefault(cfg.Folder, "INBOX")}
	for _, name := range []string{cfg.Processed, cfg.Failed} {
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for i, name := range names {
		f := Folder{Name: name}
		if i > 0 {
			err = s.command(ctx, func() error { return s.selectFolder(name) })
		}
		if err == nil {
			f.mails, err = s.all(ctx)
		} else if refused(err) {
			err = nil
		}
		if err != nil {
			return inv, fmt.Errorf("mailbox %s, folder %s: %w", cfg.Name, name, err)
		}
		inv.Folders = append(inv.Folders, f)
	}
	return inv, nil
}

// all lists every mail of the selected folder.
func (s *session) all(ctx context.Context) ([]listed, error) {
	uids, err := s.above(ctx, 0)
	if err != nil {
		return nil, err
	}
	var mails []listed
	for batch := range slices.Chunk(uids, listBatch) {
		list, err := s.sizes(ctx, batch)
		if err != nil {
			return nil, err
		}
		mails = append(mails, list...)
	}
	return mails, nil
}

// Statement says where every mail is that the server of a mailbox has, or that we
// have from it. Each mail counts once.
type Statement struct {
	Mailbox     string `json:"mailbox"`
	Committed   int    `json:"committed"`   // made a ticket, joined one, or told of a delivery
	Ignored     int    `json:"ignored"`     // kept without effect, each with its reason
	Quarantined int    `json:"quarantined"` // for a person to look at, each with its reason
	Waiting     int    `json:"waiting"`     // not fetched yet, or not decided yet
	Before      int    `json:"before"`      // lay there before the first connection, which left it
	// Unaccounted are mails of the server that are none of these. There must be none.
	Unaccounted []Unaccounted `json:"unaccounted"`
	// Gone is how many of those that count above are not in the mailbox's folders any
	// more: somebody else deleted or moved them.
	Gone int `json:"gone"`
}

// Unaccounted is a mail of the server of which we know nothing.
type Unaccounted struct {
	Folder string    `json:"folder"`
	UID    uint32    `json:"uid"`
	Date   time.Time `json:"date"` // INTERNALDATE
	Size   int64     `json:"size"`
}

// Seen is the sum of all mails.
func (s *Statement) Seen() int {
	return s.Committed + s.Ignored + s.Quarantined + s.Waiting + s.Before + len(s.Unaccounted)
}

// Reconcile compares an inventory with the cursor and with all mails of the mailbox,
// which must have been read after it was taken.
//
// In the folder that is read a mail is known by its UID. A move gives it another one,
// so in the others it is known by the second of its reception and by its size.
func (inv *Inventory) Reconcile(cur desk.Cursor, mails []desk.Raw) Statement {
	r := reconciliation{inv: inv, cur: cur, rows: mails, found: make([]bool, len(mails))}
	r.Mailbox, r.Unaccounted = inv.Mailbox, []Unaccounted{}
	r.index()
	for i := range inv.Folders {
		for _, m := range inv.Folders[i].mails {
			r.place(&inv.Folders[i], m, i == 0)
		}
	}
	for i := range mails {
		r.count(&mails[i])
		if !r.found[i] {
			r.Gone++
		}
	}
	return r.Statement
}

type reconciliation struct {
	Statement
	inv    *Inventory
	cur    desk.Cursor
	rows   []desk.Raw
	found  []bool
	byUID  map[uint32]int
	byDate map[int64][]int // in seconds; rows that were not found yet
}

func (r *reconciliation) index() {
	r.byUID, r.byDate = map[uint32]int{}, map[int64][]int{}
	for i := range r.rows {
		raw := &r.rows[i]
		if raw.UIDValidity == r.inv.UIDValidity {
			r.byUID[raw.UID] = i
		}
		second := raw.Received.Unix()
		r.byDate[second] = append(r.byDate[second], i)
	}
}

// place finds out what is known of a mail of the server.
func (r *reconciliation) place(f *Folder, m listed, read bool) {
	if i, ok := r.byUID[m.uid]; ok && read {
		r.found[i] = true
		return
	}
	if !read && r.moved(m) {
		return
	}
	switch {
	case read && (m.uid > r.cur.UID || r.cur.UIDValidity != r.inv.UIDValidity):
		r.Waiting++
	case m.date.Before(r.cur.Started):
		r.Before++
	default:
		r.Unaccounted = append(r.Unaccounted, Unaccounted{f.Name, m.uid, m.date, m.size})
	}
}

// moved reports whether a mail is one of ours, which is found with it. Of several that
// came in the same second it takes the one that is nearest in size. Exchange estimates
// sizes, so a tenth more or less will do.
func (r *reconciliation) moved(m listed) bool {
	second := m.date.Unix()
	open := slices.DeleteFunc(r.byDate[second], func(i int) bool { return r.found[i] })
	r.byDate[second] = open
	if len(open) == 0 {
		return false
	}
	distance := func(i int) int64 { return max(r.rows[i].Size-m.size, m.size-r.rows[i].Size) }
	nearest := slices.MinFunc(open, func(a, b int) int { return cmp.Compare(distance(a), distance(b)) })
	if distance(nearest) > m.size/10 {
		return false
	}
	r.found[nearest] = true
	return true
}

func (r *reconciliation) count(raw *desk.Raw) {
	switch raw.Category {
	case desk.CategoryTicket, desk.CategoryAppend, desk.CategoryBounce:
		r.Committed++
	case desk.CategoryIgnored:
		r.Ignored++
	case desk.CategoryQuarantine:
		r.Quarantined++
	default:
		r.Waiting++
	}
}
