package config

import (
	"reflect"
	"strings"
	"testing"
)

const (
	secret = "hunter2"
	master = "DATABASE_URL=postgres://marginalia:" + secret + "@db:5432/marginalia?sslmode=require"
	owner  = "OWNER=marginalia_owner"
	login  = "LOGIN_PROMPTSVC=postgres://promptsvc_a:" + secret + "@db:5432/marginalia"
)

func TestTheLoginsAreThoseOfTheURLs(t *testing.T) {
	got, err := Parse([]string{"PATH=/", login, "LOGIN_AUTHSVC=postgres://authsvc_b:x@db/marginalia", owner, master})
	want := Config{
		Master: strings.TrimPrefix(master, "DATABASE_URL="),
		Owner:  "marginalia_owner",
		Logins: []Login{
			{Name: "authsvc_b", Password: "x", URL: "postgres://authsvc_b:x@db/marginalia"},
			{Name: "promptsvc_a", Password: secret, URL: strings.TrimPrefix(login, "LOGIN_PROMPTSVC=")},
		},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestTheMasterUsersURLNeedsNoPassword(t *testing.T) {
	if _, err := Parse([]string{"DATABASE_URL=postgres://marginalia@db/marginalia", owner}); err != nil {
		t.Error(err)
	}
}

func TestAProblemNamesTheVariableAndShowsNoValue(t *testing.T) {
	for _, each := range []struct {
		environ []string
		want    string
	}{
		{[]string{owner, login}, "DATABASE_URL: must be postgres://USER:PASSWORD@HOST:PORT/DATABASE"},
		{[]string{owner, "DATABASE_URL=postgres://u:" + secret + "@db:port/d"}, "DATABASE_URL: must be postgres://USER:PASSWORD@HOST:PORT/DATABASE"},
		{[]string{owner, "DATABASE_URL=postgres://db/" + secret}, "DATABASE_URL: has no user"},
		{[]string{master, login}, "OWNER: missing; it must be the name of the role that owns the database"},
		{[]string{master, owner, "LOGIN_X=" + secret}, "LOGIN_X: must be postgres://USER:PASSWORD@HOST:PORT/DATABASE"},
		{[]string{master, owner, "LOGIN_X=postgres://" + secret + "@db/d"}, "LOGIN_X: has no user or no password"},
		{[]string{master, owner, "LOGIN_X=postgres://x_a:h%C3%BCnter@db/d"}, "LOGIN_X: the password has characters other than printable ASCII"},
	} {
		if _, err := Parse(each.environ); err == nil || err.Error() != each.want {
			t.Errorf("%v; want %s", err, each.want)
		}
	}
}
