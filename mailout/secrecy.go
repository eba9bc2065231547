package mailout

import (
	"bytes"
	"io"
	"path"
	"strings"

	"tierdesk/desk"
)

// maxMasked bounds the text files in which secrets are looked for, in bytes. A
// larger one is no file that a person wrote.
const maxMasked = 10 << 20

// withoutSecrets returns the content of a file that goes to technicians. In a file of
// text, secrets are masked; every other file is carried as it is.
func withoutSecrets(ref desk.AttachmentRef, src io.Reader) (io.Reader, error) {
	if !textFile(ref) || ref.Size > maxMasked {
		return src, nil
	}
	content, err := io.ReadAll(io.LimitReader(src, maxMail+1))
	if err != nil {
		return nil, err
	}
	if bytes.IndexByte(content, 0) >= 0 { // UTF-16, or no text at all
		return bytes.NewReader(content), nil
	}
	return strings.NewReader(desk.Mask(string(content))), nil
}

// textFile reports logs and settings, by name or by type.
func textFile(ref desk.AttachmentRef) bool {
	media, _, _ := strings.Cut(strings.ToLower(ref.ContentType), ";")
	switch strings.TrimSpace(media) {
	case "text/plain", "text/x-log", "text/csv", "text/xml", "text/yaml", "application/json", "application/xml", "application/yaml":
		return true
	}
	switch strings.ToLower(path.Ext(ref.Filename)) {
	case ".txt", ".log", ".csv", ".json", ".xml", ".yaml", ".yml", ".toml", ".ini", ".conf", ".cfg", ".config", ".properties", ".env",
		".sql", ".har", ".pem", ".key":
		return true
	}
	return false
}
