package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-smtp"
	"golang.org/x/sync/errgroup"

	"tierdesk/desk"
	"tierdesk/mailin/parse"
	"tierdesk/store"
)

// This file measures the limits: each step of a mail's way by itself, with
// nothing of the gateway around it. The whole cannot be faster than the slowest.

// limitBatch is how many mails the limits fetch with one command and commit in one
// transaction.
const limitBatch = 200

// parseAlone reads the mails on all processors.
func parseAlone(mails [][]byte) time.Duration {
	start := time.Now()
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for _, m := range mails {
		g.Go(func() error {
			parse.Mail(m, parse.Options{})
			return nil
		})
	}
	_ = g.Wait() // none of them fails
	return time.Since(start)
}

// commitAlone stores the mails in a database of its own, many in a transaction.
func commitAlone(ctx context.Context, dir string, mails [][]byte) (took time.Duration, err error) {
	s, err := store.Open(ctx, store.Config{DSN: "sqlite:" + filepath.Join(dir, "commit.db")})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	start := time.Now()
	uid := uint32(0)
	for batch := range slices.Chunk(mails, limitBatch) {
		var raws []desk.RawMail
		for _, m := range batch {
			uid++
			raws = append(raws, desk.RawMail{
				Raw:   desk.Raw{Mailbox: "support", UIDValidity: 1, UID: uid, Content: fmt.Sprint(uid)},
				Bytes: m,
			})
		}
		if _, err := s.Keep(ctx, raws, desk.Cursor{Mailbox: "support", UIDValidity: 1, UID: uid}); err != nil {
			return 0, err
		}
	}
	return time.Since(start), nil
}

// fetchAlone reads the first n mails of the selected folder and drops them.
func fetchAlone(c *imapclient.Client, n int) (time.Duration, error) {
	start := time.Now()
	body := &imap.FetchItemBodySection{Peek: true}
	for first := 1; first <= n; first += limitBatch {
		set := imap.UIDSet{{Start: imap.UID(first), Stop: imap.UID(min(first+limitBatch-1, n))}}
		cmd := c.Fetch(set, &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{body}})
		for m := cmd.Next(); m != nil; m = cmd.Next() {
			if err := dropBody(m); err != nil {
				return 0, err
			}
		}
		if err := cmd.Close(); err != nil {
			return 0, err
		}
	}
	return time.Since(start), nil
}

func dropBody(m *imapclient.FetchMessageData) error {
	for item := m.Next(); item != nil; item = m.Next() {
		if b, ok := item.(imapclient.FetchItemDataBodySection); ok && b.Literal != nil {
			if _, err := io.Copy(io.Discard, b.Literal); err != nil {
				return err
			}
		}
	}
	return nil
}

// sendAlone hands the sink n mails of the size of an answer over as many
// connections as the gateway uses.
func sendAlone(address string, n int) (time.Duration, error) {
	const connections = 4
	mail := slices.Concat([]byte("Subject: answer\r\n\r\n"), slices.Repeat([]byte("0123456789abcdef0123456789abcdef0123456789\r\n"), 100))
	start := time.Now()
	var g errgroup.Group
	for range connections {
		g.Go(func() error {
			c, err := smtp.Dial(address)
			if err != nil {
				return err
			}
			defer c.Close()
			for range n / connections {
				if err := sendOne(c, mail); err != nil {
					return err
				}
			}
			return c.Quit()
		})
	}
	err := g.Wait()
	return time.Since(start), err
}

func sendOne(c *smtp.Client, mail []byte) error {
	if err := c.Mail("support@hd.test", nil); err != nil {
		return err
	}
	if err := c.Rcpt("customer@customer.test", nil); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(mail); err != nil {
		return errors.Join(err, c.Close())
	}
	return w.Close()
}
