package tiers

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tierdesk/desk"
)

func TestWhatMayRunIsNotCarried(t *testing.T) {
	for _, f := range [][2]string{
		{"setup.exe", "application/octet-stream"}, {"SETUP.EXE", "image/png"}, {"photo.png.scr", "image/png"},
		{"photo.exe.", "image/png"}, {"photo.exe . .", "image/png"}, {"photo.e\u200bxe", "image/png"},
		{"photo.txt.{3050f4d8-98b5-11cf-bb82-00aa00bdce0b}", "text/plain"}, {".bat", "text/plain"},
		{"letter.docm", "application/msword"}, {"sheet.xlsm", ""}, {"slides.pptm", ""}, {"page.HTM", "text/plain"},
		{"drawing.svg", "image/png"}, {"disk.iso", "application/zip"}, {"disk.img", ""}, {"short.lnk", ""}, {"x.ps1", "text/plain"},
		{"photo.png", "application/x-msdownload"}, {"photo.png", "Text/HTML; charset=utf-8"}, {"photo.png", " image/svg+xml "},
		{"letter", "application/vnd.ms-word.document.macroEnabled.12"}, {"attachment", "text/javascript"},
	} {
		if !active(f[0], f[1]) {
			t.Errorf("%q, %q is carried", f[0], f[1])
		}
	}
	for _, f := range [][2]string{
		{"screenshot.png", "image/png"}, {"letter.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
		{"log.txt", "text/plain"}, {"setup.exe.log", "text/plain"}, {"message.eml", "message/rfc822"}, {"logs.zip", "application/zip"},
		{"exe", "application/octet-stream"}, {"attachment", ""}, {"scan.pdf", "application/pdf"},
	} {
		if active(f[0], f[1]) {
			t.Errorf("%q, %q is not carried", f[0], f[1])
		}
	}
}

// file is a file of the mail with that number; its bytes follow from its name.
func file(raw desk.RawID, name string, size int64) desk.AttachmentRef {
	return desk.AttachmentRef{Raw: raw, Filename: name, ContentType: "image/png", Size: size, SHA256: "of " + name}
}

func many(n int, size int64) []desk.AttachmentRef {
	var files []desk.AttachmentRef
	for i := range n {
		files = append(files, file(1, fmt.Sprintf("%d.png", i), size))
	}
	return files
}

// named lists a letter's files with why they are not attached.
func named(l *desk.Letter) []string {
	var list []string
	for _, f := range l.Files {
		list = append(list, strings.TrimSpace(f.Name+" "+f.Note))
	}
	return list
}

func attached(o *desk.Outgoing) []string {
	var list []string
	for _, a := range o.Attachments {
		list = append(list, a.Filename)
	}
	return list
}

func TestOneMailCarriesTwentyFilesOfTenMegabytesTogether(t *testing.T) {
	var o desk.Outgoing
	enclose(&o, []desk.AttachmentRef{
		file(2, "video.mp4", maxFileBytes+1), file(2, "a.png", maxFileBytes-1000), file(2, "b.png", 1001), file(1, "c.png", 1000),
		file(1, "d.png", 1), file(1, "empty.txt", 0),
	}, 3)
	check(t, "named", named(&o.Letter), []string{"video.mp4 too large", "a.png", "b.png too large", "c.png", "d.png too large", "empty.txt"})
	check(t, "attached", attached(&o), []string{"a.png", "c.png", "empty.txt"})
	if o.Letter.MoreFiles != 3 {
		t.Errorf("%d more files", o.Letter.MoreFiles)
	}

	o = desk.Outgoing{}
	enclose(&o, many(50, 10), 1)
	if len(o.Attachments) != maxFiles || len(o.Letter.Files) != maxNamed || o.Letter.MoreFiles != 50-maxNamed+1 {
		t.Errorf("attached %d, named %d, more %d", len(o.Attachments), len(o.Letter.Files), o.Letter.MoreFiles)
	}
	if got := o.Letter.Files[maxFiles].Note; got != desk.FileMany {
		t.Errorf("the next is left out as %q", got)
	}
}

// A crowd of files that stay here must not push the carried one out of the list.
func TestEveryAttachedFileIsNamed(t *testing.T) {
	var o desk.Outgoing
	var files []desk.AttachmentRef
	for i := range 60 {
		files = append(files, file(1, fmt.Sprintf("%d.exe", i), 10))
	}
	enclose(&o, append(files, file(1, "shot.png", 10)), 0)
	if got := named(&o.Letter); !slices.Contains(got, "shot.png") || len(o.Attachments) != 1 || o.Letter.MoreFiles != 60-maxNamed {
		t.Errorf("attached %v, named %v and %d", attached(&o), got, o.Letter.MoreFiles)
	}
}

func TestFilesFollowTheTicket(t *testing.T) {
	b := newRig(t, "2026-11-23 09:00")
	id := b.open(desk.P3)
	wrote := func(actor string, typ desk.EventType, more int, files ...desk.AttachmentRef) {
		b.happen(id, func(*desk.Ticket) {}, desk.Event{Type: typ, Actor: actor, Because: "a mail",
			Data: desk.EventData{Files: files, MoreFiles: more}})
	}
	wrote("customer", desk.MailReceived, 0, file(1, "first.png", 10), file(1, "logo.png", 5), file(1, "setup.exe", 10))
	b.at("2026-11-23 09:00")
	update := b.last()
	check(t, "update", attached(&update), []string{"first.png", "logo.png"})
	check(t, "update names", named(&update.Letter), []string{"first.png", "logo.png", "setup.exe active content"})

	wrote("customer", desk.MailReceived, 2, file(2, "second.png", 10), file(2, "logo.png", 5))
	wrote("stranger", desk.UnverifiedNote, 0, file(3, "trap.png", 10))
	b.at("2026-11-23 09:01")
	if last := b.last(); last.Kind != desk.SendUpdate || len(last.Attachments)+len(last.Letter.Files) > 0 {
		t.Errorf("a stranger's files are carried: %+v", last.Letter.Files)
	}
	b.at("2026-11-23 09:30")
	page := b.last()
	if page.Kind != desk.SendPage || len(page.Attachments) > 0 || page.Letter.MoreFiles != 2 {
		t.Errorf("%s carries %v", page.Kind, attached(&page))
	}
	check(t, "page names", named(&page.Letter), []string{
		"second.png sent earlier", "logo.png sent earlier", "first.png sent earlier", "setup.exe active content",
	})
	b.at("2026-11-23 10:00")
	escalation := b.last()
	if escalation.Kind != desk.SendEscalation || escalation.Letter.MoreFiles != 2 {
		t.Errorf("%s, %d more", escalation.Kind, escalation.Letter.MoreFiles)
	}
	check(t, "escalation", attached(&escalation), []string{"second.png", "logo.png", "first.png"})
}
