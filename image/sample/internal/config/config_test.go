package config

import (
	"maps"
	"strings"
	"testing"
)

func TestThePortNamesTheProtocol(t *testing.T) {
	for want, environ := range map[string][]string{
		GRPC: {"GRPC_PORT=9001", "HTTP_PORT="},
		HTTP: {"HTTP_PORT=9001"},
	} {
		cfg, err := Parse(environ)
		if err != nil || cfg.Protocol != want || cfg.Port != "9001" {
			t.Errorf("%v: got %+v, %v", environ, cfg, err)
		}
	}
}

func TestOnlyAGatewayHasCallees(t *testing.T) {
	gateway, err := Parse([]string{"HTTP_PORT=8080", "AUTH_SERVICE=authsvc:9001", "CHAT_SERVICE=chatsvc:9004", "SERVICE_NAME=mcp"})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"AUTH_SERVICE": "authsvc:9001", "CHAT_SERVICE": "chatsvc:9004"}
	if !maps.Equal(gateway.Callees, want) {
		t.Errorf("callees of the gateway: %v", gateway.Callees)
	}
	service, err := Parse([]string{"GRPC_PORT=9001", "K_SERVICE=not an address"})
	if err != nil || len(service.Callees) != 0 {
		t.Errorf("callees of a gRPC service: %v, %v", service.Callees, err)
	}
}

func TestABadEnvironmentIsNamedInOneLineWithoutItsValues(t *testing.T) {
	const secret = "hunter2"
	for name, tc := range map[string]struct{ environ, names []string }{
		"no port":              {nil, []string{"GRPC_PORT", "HTTP_PORT"}},
		"both ports":           {[]string{"GRPC_PORT=9001", "HTTP_PORT=8080"}, []string{"GRPC_PORT", "HTTP_PORT"}},
		"no gRPC port number":  {[]string{"GRPC_PORT=" + secret}, []string{"GRPC_PORT"}},
		"port out of range":    {[]string{"HTTP_PORT=65536"}, []string{"HTTP_PORT"}},
		"callee without port":  {[]string{"HTTP_PORT=8080", "AUTH_SERVICE=" + secret}, []string{"AUTH_SERVICE"}},
		"callee without host":  {[]string{"HTTP_PORT=8080", "AUTH_SERVICE=:9001"}, []string{"AUTH_SERVICE"}},
		"callee that is a URL": {[]string{"HTTP_PORT=8080", "AUTH_SERVICE=postgres://u:" + secret + "@h:1/d"}, []string{"AUTH_SERVICE"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(tc.environ)
			if err == nil {
				t.Fatal("accepted")
			}
			message := err.Error()
			if strings.Contains(message, secret) || strings.Contains(message, "\n") {
				t.Errorf("message %q", message)
			}
			for _, want := range tc.names {
				if !strings.Contains(message, want) {
					t.Errorf("message %q does not name %s", message, want)
				}
			}
		})
	}
}
