// Package probe asks whether a service is healthy.
package probe

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"marginalia.sh/sample/internal/config"
)

// Serving is the answer of a healthy gRPC service.
const Serving = "SERVING"

// selfTimeout is less than the 5 s that ECS gives a health check.
const selfTimeout = 3 * time.Second

// Status asks the standard gRPC health service at address and returns its own word, or the gRPC
// code of the failure. It dials anew each time: a kept connection would answer from its backoff. The name is left
// to the dialer: gRPC's own resolver would also ask DNS for a service config, and wait where nobody answers.
func Status(ctx context.Context, address string) string {
	target := "passthrough:///" + address
	conn, err := grpc.NewClient(target, grpc.WithNoProxy(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return status.Code(err).String()
	}
	defer conn.Close()
	answer, err := healthpb.NewHealthClient(conn).Check(ctx, &healthpb.HealthCheckRequest{})
	if err != nil {
		return status.Code(err).String()
	}
	return answer.GetStatus().String()
}

// Self asks the process that serves cfg on this host.
func Self(cfg config.Config) error {
	address := net.JoinHostPort("localhost", cfg.Port)
	if cfg.Protocol == config.HTTP {
		client := http.Client{Timeout: selfTimeout}
		response, err := client.Get("http://" + address + "/healthz")
		if err != nil {
			return fmt.Errorf("unhealthy: %w", err)
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("unhealthy: %s", response.Status)
		}
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), selfTimeout)
	defer cancel()
	if answer := Status(ctx, address); answer != Serving {
		return fmt.Errorf("unhealthy: %s", answer)
	}
	return nil
}
