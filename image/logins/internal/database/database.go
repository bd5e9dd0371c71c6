// Package database creates the services' logins and sets their passwords. All logins work as
// one role, to which everything in the database belongs: so they see the same tables,
// and a rotation changes none.
package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/lib/pq"

	"marginalia.sh/logins/internal/config"
	"marginalia.sh/logins/internal/scram"
)

const (
	// Of runs of this job, which would otherwise create a role twice.
	advisoryLock = 7_468_537_201
	// While the job waits for a table that a transaction holds, everybody else waits for the job.
	lockTimeout = "5s"
	// Of one connection and its statements.
	timeout = time.Minute
)

// Apply changes the database in one transaction, and then logs in with each login. A run that
// fails has changed nothing, unless it fails at a login; it can be repeated.
func Apply(ctx context.Context, cfg config.Config, log *slog.Logger) error {
	if err := connected(ctx, cfg.Master, func(s session) error { return change(s, cfg) }); err != nil {
		return fmt.Errorf("as the master user: %w", err)
	}
	for _, login := range cfg.Logins {
		if err := connected(ctx, login.URL, func(s session) error { return check(s, cfg.Owner) }); err != nil {
			return fmt.Errorf("as %s: %w", login.Name, err)
		}
		log.Info("login works", "login", login.Name, "owner", cfg.Owner)
	}
	return nil
}

// before runs before each statement; a test lets one fail.
var before = func(statement string) error { return nil }

// session is one transaction.
type session struct {
	ctx context.Context
	tx  *sql.Tx
}

func connected(ctx context.Context, url string, work func(session) error) error {
	connector, err := pq.NewConnector(url)
	if err != nil {
		return errors.New("the URL has an invalid parameter") // the error may show the URL
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := work(session{ctx, tx}); err != nil {
		return explained(err)
	}
	return tx.Commit()
}

func change(s session, cfg config.Config) error {
	owner := pq.QuoteIdentifier(cfg.Owner)
	if err := s.run(
		"SET LOCAL lock_timeout = '"+lockTimeout+"'",
		fmt.Sprintf("SELECT pg_advisory_xact_lock(%d)", advisoryLock),
		"SET LOCAL ROLE NONE", // the owner, as which the master user works since the first run, creates no roles
	); err != nil {
		return err
	}
	if err := s.role(cfg.Owner, "NOLOGIN"); err != nil {
		return err
	}
	// PostgreSQL 16 gives the creator of a role the right to grant it, but not the role's own rights.
	if err := s.run("GRANT " + owner + " TO SESSION_USER WITH INHERIT TRUE, SET TRUE"); err != nil {
		return err
	}
	for _, login := range cfg.Logins {
		verifier, err := scram.Verifier(login.Password)
		if err != nil {
			return err
		}
		name := pq.QuoteIdentifier(login.Name)
		if err := s.role(login.Name, "LOGIN PASSWORD "+pq.QuoteLiteral(verifier)); err != nil {
			return err
		}
		if err := s.run("GRANT "+owner+" TO "+name, "ALTER ROLE "+name+" SET role TO "+owner); err != nil {
			return err
		}
	}
	return s.reassign(owner)
}

// reassign gives the owner what the master user has in this database, and will create.
func (s session) reassign(owner string) error {
	// REASSIGN OWNED takes other databases too: on RDS, postgres.
	others, err := s.column("SELECT datname FROM pg_database WHERE datdba = (SELECT oid FROM pg_roles" +
		" WHERE rolname = session_user) AND datname <> current_database()")
	if err != nil {
		return err
	}
	if err := s.run("REASSIGN OWNED BY SESSION_USER TO "+owner, "ALTER ROLE SESSION_USER SET role TO "+owner); err != nil {
		return err
	}
	for _, each := range others {
		if err := s.run("ALTER DATABASE " + pq.QuoteIdentifier(each) + " OWNER TO SESSION_USER"); err != nil {
			return err
		}
	}
	return nil
}

// role creates a role with these options, or changes it.
func (s session) role(name, options string) error {
	found, err := s.column("SELECT rolname FROM pg_roles WHERE rolname = " + pq.QuoteLiteral(name))
	if err != nil {
		return err
	}
	verb := "CREATE"
	if len(found) > 0 {
		verb = "ALTER"
	}
	return s.run(verb + " ROLE " + pq.QuoteIdentifier(name) + " " + options)
}

func check(s session, owner string) error {
	found, err := s.column("SELECT current_user")
	if err == nil && found[0] != owner {
		err = fmt.Errorf("works as %s, not as %s", found[0], owner)
	}
	return err
}

func (s session) run(statements ...string) error {
	for _, each := range statements {
		if err := before(each); err != nil {
			return err
		}
		if _, err := s.tx.ExecContext(s.ctx, each); err != nil {
			return err
		}
	}
	return nil
}

func (s session) column(query string) ([]string, error) {
	if err := before(query); err != nil {
		return nil, err
	}
	rows, err := s.tx.QueryContext(s.ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var value string
		if err := rows.Scan(&value); err != nil {
			return nil, err
		}
		found = append(found, value)
	}
	return found, rows.Err()
}

// explained adds what to do. https://www.postgresql.org/docs/16/errcodes-appendix.html
func explained(err error) error {
	if found := new(pq.Error); errors.As(err, &found) && found.Code == "55P03" {
		return fmt.Errorf("%w: a transaction of a service holds a table, or another run of this job is at work;"+
			" run it again", err)
	}
	return err
}
