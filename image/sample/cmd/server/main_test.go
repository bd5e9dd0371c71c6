package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

const secret = "hunter2"

// TestMain lets the test binary be the service: exit codes and signals belong to a process.
func TestMain(m *testing.M) {
	listenHost = "127.0.0.1"
	if os.Getenv("RUN_MAIN") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

func TestTheHealthcheckTellsAHealthyProcessFromNone(t *testing.T) {
	for _, name := range []string{"GRPC_PORT", "HTTP_PORT"} {
		t.Run(name, func(t *testing.T) {
			s := start(t, name+"=0")
			here := name + "=" + s.port
			if code, stderr := exit(t, command(here), "-healthcheck"); code != 0 || stderr != "" {
				t.Errorf("beside a healthy process: exit %d, %q", code, stderr)
			}
			s.terminate(t)
			if code, stderr := exit(t, command(here), "-healthcheck"); code != 1 || !oneLine(stderr) {
				t.Errorf("beside none: exit %d, %q", code, stderr)
			}
		})
	}
}

func TestTheHealthcheckDoesNotTakeTheOtherProtocolForHealthy(t *testing.T) {
	s := start(t, "GRPC_PORT=0")
	defer s.terminate(t)
	if code, stderr := exit(t, command("HTTP_PORT="+s.port), "-healthcheck"); code != 1 || stderr == "" {
		t.Errorf("exit %d, %q", code, stderr)
	}
}

func TestSIGTERMDrainsAndExitsWith0(t *testing.T) {
	for _, name := range []string{"GRPC_PORT", "HTTP_PORT"} {
		t.Run(name, func(t *testing.T) {
			rest := start(t, name+"=0").terminate(t)
			if !strings.Contains(rest, `"msg":"draining"`) || !strings.Contains(rest, `"msg":"drained"`) {
				t.Errorf("logged %s", rest)
			}
		})
	}
}

func TestNothingPrintsASecret(t *testing.T) {
	s := start(t, "GRPC_PORT=0", "DATABASE_URL=postgres://user:"+secret+"@db:5432/marginalia")
	if logs := s.first + s.terminate(t); strings.Contains(logs, secret) {
		t.Errorf("logged %s", logs)
	}
}

func TestABadStartIsOneLineOnStderrAndExit1(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, port, _ := net.SplitHostPort(taken.Addr().String())
	for name, tc := range map[string]struct{ environ, args []string }{
		"no port":                        {},
		"both ports":                     {environ: []string{"GRPC_PORT=0", "HTTP_PORT=0"}},
		"a secret for a port":            {environ: []string{"GRPC_PORT=" + secret}},
		"a port in use":                  {environ: []string{"GRPC_PORT=" + port}},
		"an unknown flag":                {environ: []string{"GRPC_PORT=0"}, args: []string{"-verbose"}},
		"a healthcheck that lacks ports": {args: []string{"-healthcheck"}},
		"a migration without a database": {environ: []string{"GRPC_PORT=1"}, args: []string{"-migrate"}},
		"a migration of a wrong database": {
			environ: []string{"GRPC_PORT=1", "DATABASE_URL=postgres://user:" + secret + "@127.0.0.1:1/marginalia"},
			args:    []string{"-migrate"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			code, stderr := exit(t, command(tc.environ...), tc.args...)
			if code != 1 || !oneLine(stderr) || strings.Contains(stderr, secret) {
				t.Errorf("exit %d, %q", code, stderr)
			}
		})
	}
}

// service is the test binary running as a service.
type service struct {
	cmd         *exec.Cmd
	logs        *bufio.Reader
	first, port string
}

func start(t *testing.T, environ ...string) *service {
	t.Helper()
	s := &service{cmd: command(environ...)}
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.cmd.Stderr = s.cmd.Stdout
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.cmd.Process.Kill() })
	s.logs = bufio.NewReader(stdout)
	if s.first, err = s.logs.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	var line struct{ Msg, Address string }
	if err := json.Unmarshal([]byte(s.first), &line); err != nil || line.Msg != "listening" {
		t.Fatalf("logged %s", s.first)
	}
	if _, s.port, err = net.SplitHostPort(line.Address); err != nil {
		t.Fatal(err)
	}
	return s
}

// terminate sends SIGTERM, requires exit code 0 and returns what was logged since the start.
func (s *service) terminate(t *testing.T) string {
	t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	var rest bytes.Buffer
	rest.ReadFrom(s.logs)
	if err := s.cmd.Wait(); err != nil {
		t.Errorf("%v after SIGTERM", err)
	}
	return rest.String()
}

func command(environ ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append([]string{"RUN_MAIN=1", "GORACE=atexit_sleep_ms=0"}, environ...)
	return cmd
}

func exit(t *testing.T, cmd *exec.Cmd, args ...string) (code int, stderr string) {
	t.Helper()
	var b bytes.Buffer
	cmd.Args, cmd.Stderr = append(cmd.Args, args...), &b
	var failed *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), b.String()
}

func oneLine(s string) bool { return strings.Index(s, "\n") == len(s)-1 && len(s) > 1 }
