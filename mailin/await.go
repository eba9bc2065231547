package mailin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/emersion/go-imap/v2"
)

const (
	// lookAgain is how long Await waits between two looks.
	lookAgain = time.Second
	// maxTrial bounds the mail that Await reads, in bytes.
	maxTrial = 1 << 20
)

// Await looks for mails by a word of their subject, each in the folder that is read
// and where a gateway moves what it has settled, until all have come or the context
// ends. It returns those that came, by that word. What it finds in the folder it moves
// to Processed, unless that is "".
func Await(ctx context.Context, cfg Config, words []string) (map[string][]byte, error) {
	f, err := New(cfg)
	if err != nil {
		return nil, err
	}
	s, err := open(ctx, f.server, &f.cfg)
	if err != nil {
		return nil, err
	}
	defer func() { s.close(context.WithoutCancel(ctx)) }()
	found := map[string][]byte{}
	for {
		for _, word := range words {
			if found[word] != nil {
				continue
			}
			if found[word], err = s.find(ctx, &f.cfg, word); err != nil && ctx.Err() == nil {
				return nil, err
			}
			if found[word] == nil {
				delete(found, word)
			}
		}
		if len(found) == len(words) {
			return found, nil
		}
		select {
		case <-ctx.Done():
			return found, nil
		case <-time.After(lookAgain):
		}
	}
}

// find returns the mail with a word in its subject, or nil.
func (s *session) find(ctx context.Context, cfg *Config, word string) ([]byte, error) {
	for _, folder := range []string{orDefault(cfg.Folder, "INBOX"), cfg.Processed, cfg.Failed} {
		if folder == "" {
			continue
		}
		err := s.command(ctx, func() error { return s.selectFolder(folder) })
		if refused(err) { // no gateway has made it yet
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("look into %s: %w", folder, err)
		}
		uids, err := s.search(ctx, &imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "Subject", Value: word}}}, 1)
		if err != nil || len(uids) == 0 {
			if err != nil {
				return nil, fmt.Errorf("look into %s: %w", folder, err)
			}
			continue
		}
		mails, err := s.bodies(ctx, uidSet(uids[:1]), wholeMail, maxTrial)
		if err != nil || len(mails) == 0 || mails[0].bytes == nil {
			return nil, err
		}
		return mails[0].bytes, s.tidy(ctx, cfg, folder, uids)
	}
	return nil, nil
}

// tidy moves mails of the folder that is read to Processed, if the server lets us.
func (s *session) tidy(ctx context.Context, cfg *Config, folder string, uids []uint32) error {
	if folder != orDefault(cfg.Folder, "INBOX") || cfg.Processed == "" {
		return nil
	}
	_, err := s.move(ctx, uids, cfg.Processed)
	var no *refusedMoves
	if errors.As(err, &no) {
		return nil
	}
	return err
}
