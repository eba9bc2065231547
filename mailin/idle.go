package mailin

import (
	"context"
	"fmt"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// refresh makes the server tell of new mail. What it told so far is forgotten,
// since the caller looks now.
func (s *session) refresh(ctx context.Context) error {
	err := s.command(ctx, func() error { return s.client.Noop().Wait() })
	if err != nil {
		return fmt.Errorf("noop: %w", err)
	}
	select {
	case <-s.exists:
	default:
	}
	return nil
}

// idle runs wait while the server reports new mail at once (RFC 2177). The
// library would idle for 28 minutes without noticing a dead server, so wait must
// end sooner. Where the server cannot idle, wait runs by itself.
func (s *session) idle(ctx context.Context, wait func()) error {
	if !s.caps.Has(imap.CapIdle) {
		wait()
		return ctx.Err()
	}
	var cmd *imapclient.IdleCommand
	err := s.command(ctx, func() (err error) {
		cmd, err = s.client.Idle()
		return err
	})
	if refused(err) {
		wait()
		return ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("idle: %w", err)
	}
	wait()
	limit := cmdTimeout
	if ctx.Err() != nil { // ended nevertheless, so that a goodbye can follow
		limit = logoutTimeout
	}
	err = s.do(context.WithoutCancel(ctx), limit, chatter, func() error {
		if err := cmd.Close(); err != nil {
			return err
		}
		return cmd.Wait()
	})
	if err != nil {
		return fmt.Errorf("end idle: %w", err)
	}
	return ctx.Err()
}
