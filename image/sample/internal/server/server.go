// Package server holds the two kinds of service and how both end.
package server

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

// drainTimeout is the contract's. The task's stop timeout must not be shorter.
const drainTimeout = 30 * time.Second

// Server is one of the two kinds.
type Server interface {
	Serve(net.Listener) error
	// Drain says "not serving", takes no new work and returns when what was in flight has
	// finished. When ctx ends first, it cuts the rest off and returns an error.
	Drain(ctx context.Context) error
}

// Run serves until ctx ends, then drains.
func Run(ctx context.Context, s Server, listener net.Listener, log *slog.Logger) error {
	failed := make(chan error, 1)
	go func() { failed <- s.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	log.Info("draining")
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	if err := s.Drain(ctx); err != nil {
		return fmt.Errorf("gave up draining: %w", err)
	}
	log.Info("drained")
	return nil
}

// GRPC serves the standard health service; a real service registers its own beside it.
type GRPC struct {
	*grpc.Server
	health *health.Server
}

// NewGRPC returns a server that is healthy as soon as it serves.
func NewGRPC() *GRPC {
	s := &GRPC{Server: grpc.NewServer(), health: health.NewServer()}
	healthpb.RegisterHealthServer(s.Server, s.health)
	return s
}

// Drain implements Server.
func (s *GRPC) Drain(ctx context.Context) error {
	s.health.Shutdown()
	done := make(chan struct{})
	go func() {
		s.GracefulStop()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		go s.Stop() // not waited for: a handler that is stuck would hold it up as well
		return ctx.Err()
	}
}
