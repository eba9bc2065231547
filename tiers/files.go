package tiers

import (
	"path"
	"slices"
	"strings"
	"unicode"

	"tierdesk/desk"
)

// Limits of the customers' files that one mail carries and names.
const (
	maxFiles     = 20
	maxFileBytes = 10_000_000 // of their contents together
	maxNamed     = 40
)

// files returns the files of the customer's mails up to an event, newest mail
// first. The same file in several mails, such as a signature's logo, counts once.
func (w *writer) files(until *desk.Event) (files []desk.AttachmentRef, more int) {
	seen := map[[2]string]bool{}
	for i := range slices.Backward(w.log) {
		e := &w.log[i]
		if e.Seq > until.Seq || e.Actor != "customer" {
			continue
		}
		more += e.Data.MoreFiles
		for _, f := range e.Data.Files {
			if key := [2]string{f.SHA256, f.Filename}; f.SHA256 == "" || !seen[key] {
				seen[key] = true
				files = append(files, f)
			}
		}
	}
	return files, more
}

// enclose attaches to a mail those of the files that fit and that run nothing when
// they are opened. The others are named with the reason.
func enclose(o *desk.Outgoing, files []desk.AttachmentRef, more int) {
	room := int64(maxFileBytes)
	for _, f := range files {
		note := ""
		switch {
		case active(f.Filename, f.ContentType):
			note = desk.FileActive
		case len(o.Attachments) == maxFiles:
			note = desk.FileMany
		case f.Size > room:
			note = desk.FileLarge
		default:
			room -= f.Size
			o.Attachments = append(o.Attachments, f)
		}
		mention(o, f, note)
	}
	o.Letter.MoreFiles += more
}

// nameOnly names the files in a mail that carries none.
func nameOnly(o *desk.Outgoing, files []desk.AttachmentRef, more int) {
	enclose(o, files, more)
	o.Attachments = nil
	for i := range o.Letter.Files {
		if f := &o.Letter.Files[i]; f.Note == "" {
			f.Note = desk.FileEarlier
		}
	}
}

// mention names a file in the letter. One that is attached is always named.
func mention(o *desk.Outgoing, f desk.AttachmentRef, note string) {
	if note != "" && len(o.Letter.Files) >= maxNamed {
		o.Letter.MoreFiles++
		return
	}
	o.Letter.Files = append(o.Letter.Files, desk.LetterFile{Name: f.Filename, Size: f.Size, Note: note})
}

// active reports a file that runs, or may run, what it holds when it is opened, by
// its name or by its declared type: either may be what opens it. What is inside an
// archive or an attached mail is not looked at.
func active(name, contentType string) bool {
	return activeName(name) || activeType(contentType)
}

// activeName looks at the ending that Windows sees, which drops dots and blanks at
// the end, without characters that do not show. An ending that is a class id in
// braces names a program as well.
func activeName(name string) bool {
	name = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
	ext := path.Ext(strings.TrimRight(name, ". "))
	switch strings.TrimPrefix(ext, ".") {
	case "exe", "com", "bat", "cmd", "scr", "pif", "cpl", "dll", "gadget", "app", "command", "desktop", // programs
		"msi", "msp", "mst", "msix", "appx", "appinstaller", "application", "apk", "dmg", "pkg", // installers
		"js", "jse", "vbs", "vbe", "wsf", "wsh", "wsc", "sct", "hta", "jar", "jnlp", // scripts
		"ps1", "ps1xml", "psm1", "psd1", "psc1", "reg", "inf", "msc",
		"html", "htm", "xhtml", "xht", "shtml", "mht", "mhtml", "svg", "svgz", "chm", "hlp", // pages with scripts
		"lnk", "url", "scf", "website", "settingcontent-ms", "library-ms", "search-ms", // links that start or fetch
		"iso", "img", "vhd", "vhdx", // images, whose content loses the mark of the web
		"docm", "dotm", "xlsm", "xltm", "xlam", "xll", "xlsb", "pptm", "potm", "ppam", "ppsm", "sldm", // macros
		"accdb", "accde", "mdb", "ade", "adp", "one":
		return true
	}
	return strings.HasPrefix(ext, ".{")
}

// activeType looks at the media type without its parameters.
func activeType(contentType string) bool {
	media, _, _ := strings.Cut(strings.ToLower(contentType), ";")
	switch media = strings.TrimSpace(media); media {
	case "application/x-msdownload", "application/x-msdos-program", "application/x-dosexec", "application/x-ms-dos-executable",
		"application/vnd.microsoft.portable-executable", "application/exe", "application/x-exe",
		"application/bat", "application/x-bat", "application/x-powershell", "application/hta",
		"application/x-msi", "application/x-ms-installer", "application/x-ms-shortcut",
		"application/vnd.android.package-archive", "application/x-apple-diskimage",
		"application/java-archive", "application/x-java-archive", "application/x-java-jnlp-file",
		"application/javascript", "application/x-javascript", "application/ecmascript",
		"text/javascript", "text/x-javascript", "text/ecmascript", "text/vbscript", "text/jscript",
		"text/html", "application/xhtml+xml", "image/svg+xml", "application/x-mimearchive",
		"application/x-iso9660-image", "application/x-cd-image", "application/x-raw-disk-image":
		return true
	}
	return strings.Contains(media, "macroenabled")
}
