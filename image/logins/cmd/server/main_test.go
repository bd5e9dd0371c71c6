package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

const secret = "hunter2"

// TestMain lets the test binary be the job: exit codes and stderr belong to a process.
func TestMain(m *testing.M) {
	if os.Getenv("RUN_MAIN") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

func TestAFailureIsOneLineWithoutASecret(t *testing.T) {
	const valid = "DATABASE_URL=postgres://marginalia:" + secret + "@127.0.0.1:1/marginalia"
	for _, each := range [][]string{
		{},
		{"DATABASE_URL=" + secret},
		{valid, "OWNER=o", "LOGIN_X=" + secret},
		{valid + "?sslmode=" + secret, "OWNER=o"},
		{valid + "?connect_timeout=" + secret, "OWNER=o"},
		{valid + "?sslmode=disable", "OWNER=o"}, // nobody listens there
	} {
		job := exec.Command(os.Args[0])
		job.Env = append(each, "RUN_MAIN=1")
		out, err := job.CombinedOutput()
		text := string(out)
		if err == nil || !strings.HasPrefix(text, "logins: ") || strings.Count(text, "\n") != 1 || strings.Contains(text, secret) {
			t.Errorf("%v, %q", err, text)
		}
	}
}
