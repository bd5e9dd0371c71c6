package server

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	"marginalia.sh/sample/internal/probe"
)

const serving, notServing = healthpb.HealthCheckResponse_SERVING, healthpb.HealthCheckResponse_NOT_SERVING

func TestAGRPCServiceIsHealthyAsSoonAsItListens(t *testing.T) {
	s := start(t, NewGRPC())
	if answer := probe.Status(context.Background(), s.address); answer != probe.Serving {
		t.Errorf("answer %s", answer)
	}
}

func TestAnOpenHealthWatchSeesNotServingAndIsWaitedFor(t *testing.T) {
	s := start(t, NewGRPC())
	call, hangUp := watch(t, s.address)
	expect(t, call, serving)
	s.terminate()
	expect(t, call, notServing)
	s.stillRuns(t)
	hangUp()
	s.endsWell(t)
}

func TestACallInFlightFinishesAfterTheSignal(t *testing.T) {
	slow := newSlowCallee()
	s := start(t, &GRPC{slow.Server, health.NewServer()})
	answered := make(chan string, 1)
	go func() { answered <- probe.Status(context.Background(), s.address) }()
	<-slow.entered
	s.terminate()
	for err := error(nil); err == nil; { // until no new connection is taken
		var conn net.Conn
		if conn, err = net.Dial("tcp", s.address); err == nil {
			conn.Close()
		}
	}
	s.stillRuns(t)
	close(slow.release)
	if answer := <-answered; answer != probe.Serving {
		t.Errorf("answer %s", answer)
	}
	s.endsWell(t)
}

func TestADrainThatTakesTooLongCutsCallsOff(t *testing.T) {
	grpcServer := NewGRPC()
	s := start(t, grpcServer)
	call, _ := watch(t, s.address)
	expect(t, call, serving)
	if err := grpcServer.Drain(expired()); err == nil {
		t.Error("the drain claims to have finished")
	}
	for err := error(nil); err == nil; { // NOT_SERVING may come first
		_, err = call.Recv()
	}
}

func TestAGatewayWithHealthyCalleesAnswers200(t *testing.T) {
	callee := start(t, NewGRPC())
	gateway := start(t, NewGateway(map[string]string{"AUTH_SERVICE": callee.address}))
	expectServices(t, gateway.get(t, "/"), http.StatusOK, map[string]string{"AUTH_SERVICE": "SERVING"})
	if body := text(t, gateway.get(t, "/healthz"), http.StatusOK); body != "ok" {
		t.Errorf("/healthz says %q", body)
	}
}

func TestAGatewayReportsASickCalleeWith503(t *testing.T) {
	well, sick := start(t, NewGRPC()), NewGRPC()
	sick.health.SetServingStatus("", notServing)
	for answer, address := range map[string]string{
		"NOT_SERVING": start(t, sick).address,
		"Unavailable": "127.0.0.1:1", // nobody's; a port that was free a moment ago may be another test's by now
	} {
		t.Run(answer, func(t *testing.T) {
			gateway := start(t, NewGateway(map[string]string{"AUTH_SERVICE": well.address, "CHAT_SERVICE": address}))
			expectServices(t, gateway.get(t, "/"), http.StatusServiceUnavailable,
				map[string]string{"AUTH_SERVICE": "SERVING", "CHAT_SERVICE": answer})
			text(t, gateway.get(t, "/healthz"), http.StatusOK) // a sick callee is no reason to replace the gateway
		})
	}
}

func TestARequestInFlightFinishesAfterTheSignal(t *testing.T) {
	callee := newSlowCallee()
	g := NewGateway(map[string]string{"AUTH_SERVICE": start(t, callee).address})
	gateway := start(t, g)
	answered := make(chan *http.Response, 1)
	go func() { answered <- gateway.get(t, "/") }()
	<-callee.entered
	gateway.terminate()
	<-g.draining
	gateway.stillRuns(t)
	close(callee.release)
	expectServices(t, <-answered, http.StatusOK, map[string]string{"AUTH_SERVICE": "SERVING"})
	gateway.endsWell(t)
}

func TestADrainThatTakesTooLongCutsRequestsOff(t *testing.T) {
	callee := newSlowCallee()
	g := NewGateway(map[string]string{"AUTH_SERVICE": start(t, callee).address})
	gateway := start(t, g)
	failed := make(chan error, 1)
	go func() {
		_, err := http.Get("http://" + gateway.address)
		failed <- err
	}()
	<-callee.entered
	if err := g.Drain(expired()); err == nil {
		t.Error("the drain claims to have finished")
	}
	if err := <-failed; err == nil {
		t.Error("the request was answered")
	}
	close(callee.release)
}

func TestAnEventStreamPingsUntilTheDrainEndsIt(t *testing.T) {
	g := NewGateway(nil)
	if g.ping != 30*time.Second {
		t.Errorf("the contract's ping is every 30 s, not %s", g.ping)
	}
	g.ping = time.Millisecond
	gateway := start(t, g)
	response := gateway.get(t, "/sse")
	if kind := response.Header.Get("Content-Type"); kind != "text/event-stream" {
		t.Errorf("content type %q", kind)
	}
	lines := bufio.NewScanner(response.Body)
	for pings := 0; pings < 3 && lines.Scan(); {
		if lines.Text() == "event: ping" {
			pings++
		}
	}
	gateway.terminate()
	for lines.Scan() {
	}
	if err := lines.Err(); err != nil {
		t.Errorf("the stream was cut, not ended: %v", err)
	}
	gateway.endsWell(t)
}

func TestADrainingGatewayIsNotHealthy(t *testing.T) {
	g := NewGateway(nil)
	if err := g.Drain(context.Background()); err != nil {
		t.Fatal(err)
	}
	recorder := httptest.NewRecorder()
	g.Handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/healthz", nil))
	if recorder.Code != http.StatusServiceUnavailable {
		t.Errorf("status %d", recorder.Code)
	}
}

// running is a server under Run, on a port of its own.
type running struct {
	address   string
	terminate context.CancelFunc // what SIGTERM does
	ended     chan error
}

func start(t *testing.T, s Server) *running {
	t.Helper()
	listener := listen(t)
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{listener.Addr().String(), cancel, make(chan error, 1)}
	go func() { r.ended <- Run(ctx, s, listener, slog.New(slog.NewTextHandler(io.Discard, nil))) }()
	t.Cleanup(cancel)
	return r
}

func (r *running) stillRuns(t *testing.T) {
	t.Helper()
	select {
	case err := <-r.ended:
		t.Fatalf("ended with work in flight: %v", err)
	default:
	}
}

func (r *running) endsWell(t *testing.T) {
	t.Helper()
	if err := <-r.ended; err != nil {
		t.Errorf("ended with %v", err)
	}
}

func (r *running) get(t *testing.T, path string) *http.Response {
	response, err := http.Get("http://" + r.address + path)
	if err != nil {
		t.Error(err)
		return &http.Response{Body: http.NoBody}
	}
	t.Cleanup(func() { response.Body.Close() })
	return response
}

// slowCallee answers a health check only when it is released.
type slowCallee struct {
	*grpc.Server
	healthpb.UnimplementedHealthServer
	entered, release chan struct{}
}

func newSlowCallee() *slowCallee {
	c := &slowCallee{Server: grpc.NewServer(), entered: make(chan struct{}), release: make(chan struct{})}
	healthpb.RegisterHealthServer(c.Server, c)
	return c
}

func (c *slowCallee) Check(context.Context, *healthpb.HealthCheckRequest) (*healthpb.HealthCheckResponse, error) {
	close(c.entered)
	<-c.release
	return &healthpb.HealthCheckResponse{Status: serving}, nil
}

func (c *slowCallee) Drain(context.Context) error {
	c.Stop()
	return nil
}

type watching = grpc.ServerStreamingClient[healthpb.HealthCheckResponse]

// watch opens a call that lasts until hangUp.
func watch(t *testing.T, address string) (call watching, hangUp context.CancelFunc) {
	t.Helper()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	ctx, hangUp := context.WithCancel(context.Background())
	t.Cleanup(hangUp)
	call, err = healthpb.NewHealthClient(conn).Watch(ctx, &healthpb.HealthCheckRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return call, hangUp
}

func expect(t *testing.T, call watching, want healthpb.HealthCheckResponse_ServingStatus) {
	t.Helper()
	if answer, err := call.Recv(); err != nil || answer.GetStatus() != want {
		t.Fatalf("got %v, %v; want %s", answer, err, want)
	}
}

func expectServices(t *testing.T, response *http.Response, code int, want map[string]string) {
	t.Helper()
	var report struct{ Services map[string]string }
	if err := json.Unmarshal([]byte(text(t, response, code)), &report); err != nil || !maps.Equal(report.Services, want) {
		t.Errorf("got %v, %v; want %v", report.Services, err, want)
	}
}

func text(t *testing.T, response *http.Response, code int) string {
	t.Helper()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != code {
		t.Errorf("status %d, %v; want %d", response.StatusCode, err, code)
	}
	return string(body)
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return listener
}

func expired() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}
