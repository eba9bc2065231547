package tiers

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"tierdesk/desk"
)

// ticketError is a ticket's own fault: working on it panicked, or failed again and
// again while the store answers.
type ticketError struct{ err error }

func (e *ticketError) Error() string { return e.err.Error() }
func (e *ticketError) Unwrap() error { return e.err }

func ticketsFault(err error) bool {
	_, ok := errors.AsType[*ticketError](err)
	return ok
}

// isolated does the work on one ticket. The error is a ticketError when it must
// keep nobody from the other tickets. Passing over a ticket loses mail about it, so
// after an error the work is tried once more, and the store asked if it answers.
func (e *Engine) isolated(ctx context.Context, work func() (desk.Change, error)) (desk.Change, error) {
	change, err := recovered(work)
	if err == nil || ticketsFault(err) || wider(ctx, err) {
		return change, err
	}
	if change, err = recovered(work); err == nil || ticketsFault(err) || wider(ctx, err) {
		return change, err
	}
	if _, asked := e.Store.Followed(ctx, Follower); asked != nil {
		return change, err
	}
	return change, &ticketError{err}
}

// wider reports an error that is not about the ticket's own state.
func wider(ctx context.Context, err error) bool {
	return ctx.Err() != nil || errors.Is(err, desk.ErrNotFound) || errors.Is(err, desk.ErrConflict)
}

// recovered makes a panic a ticketError.
func recovered(work func() (desk.Change, error)) (change desk.Change, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &ticketError{fmt.Errorf("panic: %v\n%s", p, debug.Stack())}
		}
	}()
	return work()
}
