-- +goose Up

-- The domain that a ticket's requester writes from, to find what his colleagues asked.
ALTER TABLE tickets ADD COLUMN domain TEXT GENERATED ALWAYS AS (lower(substr(requester, strpos(requester, '@') + 1))) STORED;
CREATE INDEX tickets_domain ON tickets (domain, id);
