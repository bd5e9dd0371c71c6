// Package migrate brings the schema of the database to what this image needs.
//
// It may run while tasks of the former image use the database, beside another one, again after a success,
// and with a schema that a newer image has changed already: docs/howto/migrations.md.
package migrate

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"

	_ "github.com/lib/pq" // the driver of PostgreSQL
)

// lock is the key of the advisory lock that keeps two migrations apart.
const lock = 6_372_711

// lockTimeout ends a statement that waits for a table: behind it would wait every query of the running tasks.
const lockTimeout = "SET lock_timeout = '5s'"

// steps are never changed or removed, only added to: the database has the number of those that it had.
var steps = []string{
	"CREATE TABLE sample_note (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text text NOT NULL)",
	"ALTER TABLE sample_note ADD COLUMN IF NOT EXISTS created timestamptz NOT NULL DEFAULT now()",
}

// Run applies the steps that the database does not have yet, each in a transaction of its own.
// Its errors never show the URL, which has a password.
func Run(ctx context.Context, databaseURL string, log *slog.Logger) error {
	if parsed, err := url.Parse(databaseURL); err != nil || parsed.Scheme != "postgres" || parsed.Host == "" {
		return errors.New("DATABASE_URL must be postgres://user:password@host:port/database")
	}
	db, err := sql.Open("postgres", databaseURL)
	if err != nil {
		return errors.New("DATABASE_URL is not what PostgreSQL's driver takes")
	}
	defer db.Close()
	conn, err := db.Conn(ctx) // one session, which holds the lock until it ends
	if err != nil {
		return fmt.Errorf("connecting to the database: %w", err)
	}
	defer conn.Close()
	for _, statement := range []string{
		fmt.Sprintf("SELECT pg_advisory_lock(%d)", lock),
		lockTimeout,
		"CREATE TABLE IF NOT EXISTS sample_step (number integer PRIMARY KEY, applied timestamptz NOT NULL DEFAULT now())",
	} {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("before the first step: %w", err)
		}
	}
	var had int
	if err := conn.QueryRowContext(ctx, "SELECT coalesce(max(number), 0) FROM sample_step").Scan(&had); err != nil {
		return fmt.Errorf("reading the number of steps: %w", err)
	}
	for number := had + 1; number <= len(steps); number++ {
		if err := apply(ctx, conn, number); err != nil {
			return fmt.Errorf("step %d: %w", number, err)
		}
		log.Info("migrated", "step", number)
	}
	log.Info("schema is up to date", "steps", max(had, len(steps)))
	return nil
}

func apply(ctx context.Context, conn *sql.Conn, number int) error {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // no effect after the commit
	if _, err := tx.ExecContext(ctx, steps[number-1]); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO sample_step (number) VALUES ($1)", number); err != nil {
		return err
	}
	return tx.Commit()
}
