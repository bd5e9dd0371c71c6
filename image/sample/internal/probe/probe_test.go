package probe

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	"marginalia.sh/sample/internal/config"
)

func TestAGatewayIsAsHealthyAsItsHealthzSays(t *testing.T) {
	code := http.StatusOK
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthz" {
			code = http.StatusNotFound
		}
		w.WriteHeader(code)
	}))
	defer gateway.Close()
	self := config.Config{Protocol: config.HTTP, Port: portOf(t, gateway.Listener)}
	if err := Self(self); err != nil {
		t.Errorf("healthy: %v", err)
	}
	code = http.StatusServiceUnavailable
	if Self(self) == nil {
		t.Error("a 503 passes for healthy")
	}
}

func TestAGRPCServiceIsAsHealthyAsItsHealthServiceSays(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server, status := grpc.NewServer(), health.NewServer()
	healthpb.RegisterHealthServer(server, status)
	go server.Serve(listener)
	defer server.Stop()
	self := config.Config{Protocol: config.GRPC, Port: portOf(t, listener)}
	if err := Self(self); err != nil {
		t.Errorf("healthy: %v", err)
	}
	status.Shutdown()
	if Self(self) == nil {
		t.Error("NOT_SERVING passes for healthy")
	}
}

func portOf(t *testing.T, listener net.Listener) string {
	t.Helper()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}
