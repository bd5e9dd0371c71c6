// Command server keeps the contract of a Marginalia service, and does nothing else:
// a gRPC service where GRPC_PORT is set, a gateway where HTTP_PORT is.
// With -healthcheck it asks the process beside it instead, with -migrate it brings the schema of
// the database to what it needs.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"

	"marginalia.sh/sample/internal/config"
	"marginalia.sh/sample/internal/migrate"
	"marginalia.sh/sample/internal/probe"
	"marginalia.sh/sample/internal/server"
)

var listenHost = "" // every interface; tests stay on loopback

func main() {
	if err := run(os.Args[1:], os.Environ(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "service:", err)
		os.Exit(1)
	}
}

func run(args, environ []string, logs io.Writer) error {
	flags := flag.NewFlagSet("service", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // the error is the one line to print
	healthcheck := flags.Bool("healthcheck", false, "exit 0 if the process beside this one is healthy")
	migrates := flags.Bool("migrate", false, "bring the schema of the database to what this image needs, and exit 0")
	if err := flags.Parse(args); err != nil {
		return err
	}
	cfg, err := config.Parse(environ)
	if err != nil {
		return err
	}
	if *healthcheck {
		return probe.Self(cfg)
	}

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	log := slog.New(slog.NewJSONHandler(logs, nil))
	if *migrates {
		return migrate.Run(ctx, cfg.DatabaseURL, log)
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(listenHost, cfg.Port))
	if err != nil {
		return err
	}
	log.Info("listening", "protocol", cfg.Protocol, "address", listener.Addr().String(), "callees", len(cfg.Callees))
	if cfg.Protocol == config.HTTP {
		return server.Run(ctx, server.NewGateway(cfg.Callees), listener, log)
	}
	return server.Run(ctx, server.NewGRPC(), listener, log)
}
