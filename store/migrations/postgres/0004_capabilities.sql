-- +goose Up

-- Keys that no longer count, and tickets whose reply addresses do not.
ALTER TABLE signing_keys ADD COLUMN retired BIGINT;
ALTER TABLE tickets ADD COLUMN revoked BOOLEAN NOT NULL DEFAULT FALSE;
