// Command server creates the services' logins in PostgreSQL, sets their passwords and ends: a job, not a server.
// Its folder has the name that the Dockerfile of all images builds. It exits with 0 if each login works.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"marginalia.sh/logins/internal/config"
	"marginalia.sh/logins/internal/database"
)

func main() {
	if err := run(os.Environ(), os.Stdout); err != nil {
		// One line, also of an error of PostgreSQL's: it is the last line of the log that an update shows.
		fmt.Fprintln(os.Stderr, "logins:", strings.Join(strings.Fields(err.Error()), " "))
		os.Exit(1)
	}
}

func run(environ []string, logs io.Writer) error {
	cfg, err := config.Parse(environ)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	log := slog.New(slog.NewJSONHandler(logs, nil))
	return database.Apply(ctx, cfg, log)
}
