package server

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"marginalia.sh/sample/internal/probe"
)

const (
	calleeTimeout = 2 * time.Second
	pingInterval  = 30 * time.Second // well below the load balancer's idle timeout
)

// Gateway is the HTTP service: /healthz speaks for itself alone, / for the services it calls.
type Gateway struct {
	http.Server
	callees  map[string]string
	ping     time.Duration
	draining chan struct{}
}

// NewGateway returns a gateway that calls the gRPC services at the given addresses.
func NewGateway(callees map[string]string) *Gateway {
	g := &Gateway{callees: callees, ping: pingInterval, draining: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", g.healthz)
	mux.HandleFunc("GET /sse", g.sse)
	mux.HandleFunc("GET /{$}", g.status)
	g.Handler = mux
	g.ReadHeaderTimeout = 5 * time.Second // and no WriteTimeout: it would cut /sse
	return g
}

// Drain implements Server. Event streams end at once, or they would hold it up to the last second.
func (g *Gateway) Drain(ctx context.Context) error {
	close(g.draining)
	err := g.Shutdown(ctx)
	if err != nil {
		g.Close()
	}
	return err
}

func (g *Gateway) healthz(w http.ResponseWriter, _ *http.Request) {
	select {
	case <-g.draining:
		http.Error(w, "draining", http.StatusServiceUnavailable)
	default:
		io.WriteString(w, "ok")
	}
}

func (g *Gateway) status(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), calleeTimeout)
	defer cancel()
	type answer struct{ callee, status string }
	answers := make(chan answer)
	for callee, address := range g.callees {
		go func() { answers <- answer{callee, probe.Status(ctx, address)} }()
	}
	code, services := http.StatusOK, make(map[string]string)
	for range g.callees {
		a := <-answers
		services[a.callee] = a.status
		if a.status != probe.Serving {
			code = http.StatusServiceUnavailable
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	json.NewEncoder(w).Encode(map[string]any{"services": services})
}

func (g *Gateway) sse(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-cache")
	ticker := time.NewTicker(g.ping)
	defer ticker.Stop()
	for {
		io.WriteString(w, "event: ping\ndata: {}\n\n")
		if http.NewResponseController(w).Flush() != nil {
			return // the client is gone
		}
		select {
		case <-ticker.C:
		case <-g.draining:
			return // the client connects again, to a task that stays
		case <-r.Context().Done():
			return
		}
	}
}
