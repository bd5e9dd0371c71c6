//go:build postgres

// Against a real PostgreSQL: tests/image/test_logins.py runs this, with the folder of its programs in POSTGRES.
package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"marginalia.sh/logins/internal/config"
)

const (
	owner  = "marginalia_owner"
	nobody = 65534 // PostgreSQL refuses to run as root
)

var services = []string{"authsvc", "promptsvc"}

// server is a PostgreSQL as RDS has it: the master user may create roles and databases, and is no superuser.
type server struct {
	t      *testing.T
	port   int
	log    string
	master string // its password
}

func start(t *testing.T) *server {
	t.Helper()
	folder, err := os.MkdirTemp("/tmp", "logins") // t.TempDir is of root alone
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	data, password := filepath.Join(folder, "data"), filepath.Join(folder, "password")
	os.WriteFile(password, []byte("rds"), 0o644)
	if os.Getuid() == 0 {
		os.Chown(folder, nobody, nobody)
	}
	if out, err := program("initdb", "-D", data, "-U", "rdsadmin", "-A", "scram-sha-256", "--pwfile", password).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, port: free.Addr().(*net.TCPAddr).Port, log: filepath.Join(folder, "log"), master: "first"}
	free.Close()
	process := program("postgres", "-D", data, "-h", "127.0.0.1", "-p", fmt.Sprint(s.port), "-k", "", "-c", "fsync=off", "-c", "log_statement=all")
	log, err := os.Create(s.log)
	if err != nil {
		t.Fatal(err)
	}
	process.Stdout, process.Stderr = log, log
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { process.Process.Signal(syscall.SIGINT); process.Wait() })
	administrator := s.open("postgres://rdsadmin:rds@%s/postgres")
	for end := time.Now().Add(time.Minute); administrator.Ping() != nil; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("PostgreSQL did not start")
		}
	}
	s.do(administrator, "CREATE ROLE marginalia LOGIN CREATEROLE CREATEDB PASSWORD 'first'",
		"CREATE DATABASE marginalia OWNER marginalia", "ALTER DATABASE postgres OWNER TO marginalia")
	return s
}

func program(name string, arguments ...string) *exec.Cmd {
	command := exec.Command(filepath.Join(os.Getenv("POSTGRES"), name), arguments...)
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if os.Getuid() == 0 {
		command.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
	}
	return command
}

func (s *server) url(form string) string {
	return fmt.Sprintf(form, fmt.Sprintf("127.0.0.1:%d", s.port)) + "?sslmode=disable"
}

// open returns one session, as a task has it that opened it before a change.
func (s *server) open(form string) *sql.DB {
	s.t.Helper()
	db, err := sql.Open("postgres", s.url(form))
	if err != nil {
		s.t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	s.t.Cleanup(func() { db.Close() })
	return db
}

func (s *server) do(db *sql.DB, statements ...string) {
	s.t.Helper()
	for _, each := range statements {
		if _, err := db.Exec(each); err != nil {
			s.t.Errorf("%s: %v", each, err)
		}
	}
}

func (s *server) value(db *sql.DB, query string) (found string) {
	s.t.Helper()
	if err := db.QueryRow(query).Scan(&found); err != nil {
		s.t.Errorf("%s: %v", query, err)
	}
	return found
}

// logins are those of a revision of the passwords: a for an odd one, b for an even one.
func (s *server) config(revision int) config.Config {
	cfg := config.Config{Master: s.url("postgres://marginalia:" + s.master + "@%s/marginalia"), Owner: owner}
	for _, each := range services {
		name, password := fmt.Sprintf("%s_%c", each, "ba"[revision%2]), fmt.Sprintf("%s-password-%d", each, revision)
		url := s.url("postgres://" + name + ":" + password + "@%s/marginalia")
		cfg.Logins = append(cfg.Logins, config.Login{Name: name, Password: password, URL: url})
	}
	return cfg
}

func (s *server) apply(revision int) error {
	return Apply(context.Background(), s.config(revision), slog.New(slog.NewJSONHandler(io.Discard, nil)))
}

// connects requires that new sessions of these revisions' tasks see, change and alter every table. 0 is the master user's.
func (s *server) connects(when string, revisions ...int) {
	s.t.Helper()
	for _, revision := range revisions {
		forms := []string{"postgres://marginalia:" + s.master + "@%s/marginalia"}
		if revision > 0 {
			forms = nil
			for _, each := range s.config(revision).Logins {
				forms = append(forms, strings.Replace(strings.TrimSuffix(each.URL, "?sslmode=disable"), fmt.Sprintf("127.0.0.1:%d", s.port), "%s", 1))
			}
		}
		for _, form := range forms {
			db := s.open(form)
			if err := db.Ping(); err != nil {
				s.t.Errorf("%s, revision %d: %v", when, revision, err)
				continue
			}
			s.works(db)
			db.Close()
		}
	}
}

// works uses every table as a migration does.
func (s *server) works(db *sql.DB) {
	s.t.Helper()
	tables := s.value(db, "SELECT string_agg(format('%I.%I', schemaname, tablename), ' ') FROM pg_tables WHERE schemaname IN ('public', 'extra')")
	for _, each := range strings.Fields(tables) {
		s.do(db, "INSERT INTO "+each+" DEFAULT VALUES", "ALTER TABLE "+each+" ADD COLUMN added int", "ALTER TABLE "+each+" DROP COLUMN added")
	}
}

func (s *server) refuses(when string, revision int) {
	s.t.Helper()
	for _, each := range s.config(revision).Logins {
		db, _ := sql.Open("postgres", each.URL)
		if err := db.Ping(); err == nil {
			s.t.Errorf("%s: %s still connects", when, each.Name)
		}
		db.Close()
	}
}

// failing lets the statement with this number fail, from 1, and returns how to end that.
func failing(number int) (reset func()) {
	before = func(string) error {
		if number--; number == 0 {
			return errors.New("injected")
		}
		return nil
	}
	return func() { before = func(string) error { return nil } }
}

func TestEveryTaskConnectsAtEachStepFromOneLoginToOwnOnes(t *testing.T) {
	s := start(t)
	old := s.open("postgres://marginalia:first@%s/marginalia")
	s.do(old, "CREATE TABLE prompts (id serial PRIMARY KEY, text text)", "CREATE SCHEMA extra", "CREATE TABLE extra.notes (id serial)",
		"CREATE TYPE mood AS ENUM ('good')", "CREATE VIEW every AS SELECT * FROM prompts", "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'",
		"CREATE MATERIALIZED VIEW kept AS SELECT * FROM prompts", "CREATE EXTENSION pgcrypto")
	s.connects("shared", 0)

	if err := s.apply(1); err != nil { // moving
		t.Fatal(err)
	}
	s.connects("moving", 0, 1)
	s.works(old) // the session of before
	before := s.open("postgres://marginalia:first@%s/marginalia")
	s.do(before, "CREATE TABLE by_a_former_task (id serial)")
	next := s.open("postgres://promptsvc_a:promptsvc-password-1@%s/marginalia")
	s.do(next, "CREATE TABLE by_a_new_task (id serial)", "ALTER TYPE mood ADD VALUE 'better'", "DROP VIEW every", "DROP FUNCTION one()",
		"REFRESH MATERIALIZED VIEW kept", "DROP EXTENSION pgcrypto", "CREATE EXTENSION pgcrypto")
	s.connects("moving, with later tables", 0, 1)
	if found := s.value(next, "SELECT string_agg(DISTINCT tableowner, ' ') FROM pg_tables WHERE schemaname IN ('public', 'extra')"); found != owner {
		t.Errorf("the tables belong to %s", found)
	}
	if found := s.value(next, "SELECT string_agg(datname || ' ' || datdba::regrole, ', ' ORDER BY 1) FROM pg_database WHERE NOT datistemplate"); found != "marginalia marginalia_owner, postgres marginalia" {
		t.Errorf("the databases belong to: %s", found)
	}

	s.do(s.open("postgres://rdsadmin:rds@%s/postgres"), "ALTER ROLE marginalia PASSWORD 'managed'") // own: RDS manages it
	if s.open("postgres://marginalia:first@%s/marginalia").Ping() == nil {
		t.Error("the master user has its former password")
	}
	s.connects("own, before the job", 1)
	s.master = "managed"
	if err := s.apply(1); err != nil {
		t.Fatal(err)
	}
	s.connects("own", 0, 1)
	s.works(next)
}

func TestEveryTaskConnectsWhicheverStatementOfARotationFails(t *testing.T) {
	s := start(t)
	for _, each := range []int{1, 2} {
		if err := s.apply(each); err != nil {
			t.Fatal(err)
		}
	}
	s.do(s.open("postgres://authsvc_a:authsvc-password-1@%s/marginalia"), "CREATE TABLE prompts (id serial)")
	for number := 1; ; number++ {
		reset := failing(number)
		err := s.apply(3) // tasks run with 2
		reset()
		s.connects(fmt.Sprintf("statement %d", number), 2)
		if err == nil {
			t.Logf("%d statements", number-1)
			break
		}
		if !strings.Contains(err.Error(), "injected") {
			t.Fatal(err)
		}
	}
	s.connects("after the rotation", 2, 3)
	s.refuses("after the rotation", 1)
	if err := s.apply(2); err != nil { // a revert, whose tasks run beside those of 3
		t.Fatal(err)
	}
	s.connects("after a revert", 2, 3)
}

func TestAFailedRunChangesNothingBeforeItLogsIn(t *testing.T) {
	s := start(t)
	for number := 1; ; number++ {
		reset := failing(number)
		err := s.apply(1)
		reset()
		if err == nil || !strings.HasPrefix(err.Error(), "as the master user: ") {
			break
		}
		roles := s.value(s.open("postgres://rdsadmin:rds@%s/postgres"), "SELECT string_agg(rolname, ' ' ORDER BY rolname) FROM pg_roles WHERE rolname !~ '^pg_'")
		if roles != "marginalia rdsadmin" {
			t.Errorf("statement %d: there are %s", number, roles)
		}
	}
}

func TestTwoRunsAtOnceBothSucceed(t *testing.T) {
	s := start(t)
	var runs sync.WaitGroup
	for range 4 {
		runs.Go(func() {
			if err := s.apply(1); err != nil {
				t.Error(err)
			}
		})
	}
	runs.Wait()
}

func TestARunWaitsNotLongForATableInUse(t *testing.T) {
	s := start(t)
	task := s.open("postgres://marginalia:first@%s/marginalia")
	s.do(task, "CREATE TABLE prompts (id serial)", "BEGIN", "SELECT FROM prompts")
	err := s.apply(1)
	if err == nil || !strings.Contains(err.Error(), "a transaction of a service holds a table") {
		t.Errorf("%v", err)
	}
	s.do(task, "COMMIT")
	if err := s.apply(1); err != nil {
		t.Error(err)
	}
}

func TestTheLogOfAllStatementsHasNoPassword(t *testing.T) {
	s := start(t)
	if err := s.apply(1); err != nil {
		t.Fatal(err)
	}
	log, err := os.ReadFile(s.log)
	if err != nil || !strings.Contains(string(log), "CREATE ROLE") {
		t.Fatalf("%v: no log of statements", err)
	}
	for _, each := range s.config(1).Logins {
		if strings.Contains(string(log), each.Password) {
			t.Errorf("the password of %s is in the log", each.Name)
		}
	}
}

func TestTheMasterUsersPasswordMayBeInTheEnvironment(t *testing.T) {
	s := start(t)
	cfg := s.config(1)
	cfg.Master = s.url("postgres://marginalia@%s/marginalia")
	t.Setenv("PGPASSWORD", "first")
	if err := Apply(context.Background(), cfg, slog.New(slog.NewJSONHandler(io.Discard, nil))); err != nil {
		t.Error(err)
	}
}

func TestAWrongPasswordIsAClearError(t *testing.T) {
	s := start(t)
	s.master = "wrong"
	if err := s.apply(1); err == nil || !strings.Contains(err.Error(), `as the master user: pq: password authentication failed for user "marginalia"`) {
		t.Errorf("%v", err)
	}
}
