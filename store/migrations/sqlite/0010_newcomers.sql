-- +goose Up

-- What went to people of whom nothing is proven, and who is known.
ALTER TABLE outbox ADD COLUMN newcomer BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX outbox_newcomers ON outbox (created) WHERE newcomer;
CREATE INDEX participants_address ON participants (address, ticket);
