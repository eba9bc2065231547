// Package tiers keeps the desk's promises about time: business calendars, SLA
// clocks, the escalation ladder from tier to tier, and the managers' figures.
//
// It works on the event log alone. Rules.Account and Rules.Step are pure
// functions of a ticket's events, so that a clock can be computed again at any
// time with the same result. An Engine joins them to the store in two loops that
// never call each other:
//
//   - Sweep looks at tickets with a due clock and writes what is true now into the
//     log: warned, breached, paged, escalated, the ladder's end. It queues no mail.
//   - Follow reads new events, whoever wrote them, sets the clocks of the tickets
//     they belong to, and queues the mail that tiers and managers get for them.
//
// Every mail is keyed by the event that caused it and is committed together with
// the stored place in the log, so that a crash at any line loses and repeats none.
//
// All durations count business time of their calendar only. A day in a duration
// ("1d") is 24 hours of business time, so a target of one working day of eight
// hours is written "8h".
//
// Understanding mail and technicians' commands is left to triage, rendering and
// sending to mailout, and SQL to store.
package tiers
