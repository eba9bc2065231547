-- +goose Up

-- The domain of the customer that an automatic mail answers, else '': for the budgets of
-- a domain and of the whole desk.
ALTER TABLE outbox ADD COLUMN answers_domain TEXT NOT NULL DEFAULT '';
CREATE INDEX outbox_answers ON outbox (created) WHERE answers_domain <> '';
CREATE INDEX outbox_answers_domain ON outbox (answers_domain, created) WHERE answers_domain <> '';

-- What is held until somebody decides, or until it goes out as a summary.
CREATE INDEX outbox_held ON outbox (id) WHERE state = 'held';
