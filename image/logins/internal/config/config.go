// Package config reads the job's environment. Its errors name variables and never
// show values: most of them are secrets.
package config

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Prefix of the variables with the logins' URLs, one for each service.
const Prefix = "LOGIN_"

// Login is a role that may log in, and its URL.
type Login struct {
	Name     string
	Password string
	URL      string
}

// Config is what the job applies.
type Config struct {
	Master string // the URL of the user that creates roles; PGPASSWORD has the password if the URL has none
	Owner  string // the role that owns everything in the database
	Logins []Login
}

// Parse reads pairs as os.Environ returns them. The logins are sorted by name.
func Parse(environ []string) (Config, error) {
	found := Config{}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		switch {
		case name == "DATABASE_URL":
			found.Master = value
		case name == "OWNER":
			found.Owner = value
		case strings.HasPrefix(name, Prefix):
			login, err := parseLogin(name, value)
			if err != nil {
				return Config{}, err
			}
			found.Logins = append(found.Logins, login)
		}
	}
	if master, err := parseURL("DATABASE_URL", found.Master); err != nil {
		return Config{}, err
	} else if master.User.Username() == "" {
		return Config{}, errors.New("DATABASE_URL: has no user")
	}
	if found.Owner == "" {
		return Config{}, errors.New("OWNER: missing; it must be the name of the role that owns the database")
	}
	slices.SortFunc(found.Logins, func(a, b Login) int { return strings.Compare(a.Name, b.Name) })
	return found, nil
}

func parseLogin(name, value string) (Login, error) {
	parsed, err := parseURL(name, value)
	if err != nil {
		return Login{}, err
	}
	password, _ := parsed.User.Password()
	if parsed.User.Username() == "" || password == "" {
		return Login{}, fmt.Errorf("%s: has no user or no password", name)
	}
	// Others would have to be normalized by SASLprep before they are hashed.
	if strings.ContainsFunc(password, func(r rune) bool { return r < '!' || r > '~' }) {
		return Login{}, fmt.Errorf("%s: the password has characters other than printable ASCII", name)
	}
	return Login{Name: parsed.User.Username(), Password: password, URL: value}, nil
}

// parseURL drops the error of url.Parse, which shows the URL.
func parseURL(name, value string) (*url.URL, error) {
	parsed, err := url.Parse(value)
	if err != nil || parsed.Scheme != "postgres" || parsed.Hostname() == "" || parsed.Path == "" {
		return nil, fmt.Errorf("%s: must be postgres://USER:PASSWORD@HOST:PORT/DATABASE", name)
	}
	return parsed, nil
}
