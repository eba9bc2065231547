package triage

import (
	"path"
	"slices"
	"strings"

	"tierdesk/desk"
)

// enclosures returns the files of a technician's mail that go to the customer with
// his words, and the names of those that stay here since they show who he is. A
// mail in the mail is refused: as a rule it is the desk's own, with all that is
// internal.
func enclosures(files []desk.Attachment) (sent []desk.Attachment, kept []string, err error) {
	for _, f := range files {
		media, ext := strings.ToLower(f.ContentType), strings.ToLower(path.Ext(f.Filename))
		switch {
		case wrapper(media, ext):
		case strings.HasPrefix(media, "message/"), media == "text/rfc822-headers", ext == ".eml", ext == ".msg", media == "application/vnd.ms-outlook":
			return nil, nil, desk.Refuse("a mail is attached, and it may hold what is internal; copy what the customer shall read into the text")
		case personal(media, ext):
			kept = append(kept, desk.OneLine(f.Filename))
		default:
			sent = append(sent, f)
		}
	}
	return sent, kept, nil
}

// maxFiles bounds the files that an event lists of one mail.
const maxFiles = 20

// list puts the files of a customer's mail into the event that it caused, how many
// there are beyond the limit, and what they and the mail tell of a failure. What mail
// programs wrap around a mail is left out, unless it is all there is, as of an
// encrypted one.
func (d *decision) list(e *desk.Event) {
	e.Data.Diagnostics = d.in.Diagnostics
	for _, a := range d.in.Attachments {
		switch {
		case d.in.Text != "" && wraps(a):
		case len(e.Data.Files) == maxFiles:
			e.Data.MoreFiles++
		default:
			e.Data.Files = append(e.Data.Files, desk.AttachmentRef{
				Raw: d.in.Raw, Part: a.Part, Filename: nameOf(a), ContentType: clip(a.ContentType, 100),
				Size: a.Size, SHA256: a.SHA256,
			})
		}
	}
}

// wraps reports a wrapper of a customer's mail; a document that he signed, such as
// contract.pdf.p7m, is none.
func wraps(a desk.Attachment) bool {
	name := strings.ToLower(a.Filename)
	ext := path.Ext(name)
	signed := ext == ".p7m" || ext == ".p7s"
	return wrapper(strings.ToLower(a.ContentType), ext) && (!signed || name == "smime"+ext)
}

// nameOf returns a file's name, or one after its type, by which it can be opened.
func nameOf(a desk.Attachment) string {
	kind, sub, _ := strings.Cut(a.ContentType, "/")
	switch {
	case a.Filename != "":
		return desk.FileName(a.Filename)
	case a.ContentType == "message/rfc822":
		return "message.eml"
	case kind == "image":
		return desk.FileName("image." + sub)
	}
	return desk.FileName("")
}

// wrapper reports parts that a mail program wrote around or about its whole mail:
// signatures, which no longer fit the words that are sent and name the signer, and
// containers whose files stand beside them.
func wrapper(media, ext string) bool {
	switch media {
	case "application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature",
		"application/pkcs7-mime", "application/x-pkcs7-mime", "application/ms-tnef", "application/vnd.ms-tnef":
		return true
	}
	return ext == ".p7s" || ext == ".p7m"
}

// personal reports files that hold somebody's address.
func personal(media, ext string) bool {
	switch media {
	case "application/pgp-keys", "text/vcard", "text/x-vcard", "text/directory":
		return true
	}
	return ext == ".vcf"
}

// files reports whether there is one that is no picture of the text, such as the
// logo of a signature.
func files(enclosed []desk.Attachment) bool {
	return slices.ContainsFunc(enclosed, func(a desk.Attachment) bool { return !a.Inline && a.ContentID == "" })
}
