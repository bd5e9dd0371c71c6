package migrate

import (
	"context"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
)

const secret = "hunter2"

var quiet = slog.New(slog.NewJSONHandler(io.Discard, nil))

func TestAnErrorNeverShowsTheURL(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	free.Close() // nobody listens there now
	for name, url := range map[string]string{
		"no URL":             "",
		"another scheme":     "mysql://user:" + secret + "@db/marginalia",
		"an invalid port":    "postgres://user:" + secret + "@db:port/marginalia",
		"an invalid option":  "postgres://user:" + secret + "@" + address + "/marginalia?sslmode=maybe",
		"nobody who listens": "postgres://user:" + secret + "@" + address + "/marginalia?sslmode=disable",
	} {
		t.Run(name, func(t *testing.T) {
			err := Run(context.Background(), url, quiet)
			if err == nil || strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %v", err)
			}
		})
	}
}

// database is the URL of a PostgreSQL for these tests: TEST_DATABASE_URL. Without one they are skipped.
func database(t *testing.T) string {
	t.Helper()
	url := os.Getenv("TEST_DATABASE_URL")
	if url == "" {
		t.Skip("TEST_DATABASE_URL is not set")
	}
	return url
}

func TestAMigrationMayRunAgainAndBesideOthers(t *testing.T) {
	url := database(t)
	var all sync.WaitGroup
	errs := make(chan error, 4)
	for range cap(errs) {
		all.Add(1)
		go func() {
			defer all.Done()
			errs <- Run(context.Background(), url, quiet)
		}()
	}
	all.Wait()
	for range cap(errs) {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

func TestAnOlderImageLeavesANewerSchema(t *testing.T) {
	url := database(t)
	newer := steps
	defer func() { steps = newer }()
	if err := Run(context.Background(), url, quiet); err != nil {
		t.Fatal(err)
	}
	steps = newer[:1]
	var logs strings.Builder
	if err := Run(context.Background(), url, slog.New(slog.NewJSONHandler(&logs, nil))); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(logs.String(), "migrated") || !strings.Contains(logs.String(), `"steps":2`) {
		t.Errorf("logged %s", logs.String())
	}
}

func TestAStepThatFailsLeavesNothingOfItAndIsAppliedByTheNextRun(t *testing.T) {
	url := database(t)
	good := steps
	defer func() { steps = good }()
	steps = append(append([]string{}, good...), "CREATE TABLE sample_half (id int); SELECT 1/0")
	for range 2 {
		if err := Run(context.Background(), url, quiet); err == nil || !strings.HasPrefix(err.Error(), "step 3: ") {
			t.Fatalf("error %v", err)
		}
	}
	steps[2] = "CREATE TABLE sample_half (id int)"
	if err := Run(context.Background(), url, quiet); err != nil {
		t.Fatal(err)
	}
}
