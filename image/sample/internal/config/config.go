// Package config reads a service's environment. Its errors name variables and never
// show values: any of them may be a secret that landed under the wrong name.
package config

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
)

// The two protocols that a service can speak.
const (
	GRPC = "grpc"
	HTTP = "http"
)

// Config is what the contract asks of a service.
type Config struct {
	Protocol string
	Port     string
	Callees  map[string]string // AUTH_SERVICE -> authsvc:9001; only a gateway calls

	DatabaseURL string // with a password; only a migration uses it
}

// Parse reads pairs as os.Environ returns them. An empty variable counts as unset.
func Parse(environ []string) (Config, error) {
	env := make(map[string]string, len(environ))
	for _, pair := range environ {
		if name, value, _ := strings.Cut(pair, "="); value != "" {
			env[name] = value
		}
	}
	grpcPort, httpPort := env["GRPC_PORT"], env["HTTP_PORT"]
	if (grpcPort == "") == (httpPort == "") {
		return Config{}, errors.New("set exactly one of GRPC_PORT and HTTP_PORT")
	}
	if httpPort == "" {
		return Config{Protocol: GRPC, Port: grpcPort, DatabaseURL: env["DATABASE_URL"]}, port("GRPC_PORT", grpcPort)
	}
	callees := make(map[string]string)
	for name, value := range env {
		if !strings.HasSuffix(name, "_SERVICE") {
			continue
		}
		if host, number, err := net.SplitHostPort(value); err != nil || host == "" || port(name, number) != nil {
			return Config{}, fmt.Errorf("%s must be host:port", name)
		}
		callees[name] = value
	}
	cfg := Config{Protocol: HTTP, Port: httpPort, Callees: callees, DatabaseURL: env["DATABASE_URL"]}
	return cfg, port("HTTP_PORT", httpPort)
}

func port(name, value string) error {
	if _, err := strconv.ParseUint(value, 10, 16); err != nil {
		return fmt.Errorf("%s must be a port number", name)
	}
	return nil
}
