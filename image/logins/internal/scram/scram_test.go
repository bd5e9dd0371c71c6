package scram

import (
	"encoding/base64"
	"testing"
)

// The password and the salt are those of https://datatracker.ietf.org/doc/html/rfc7677#section-3.
// The keys were computed with Python's hashlib.
func TestTheVerifierIsTheOneThatPostgreSQLStores(t *testing.T) {
	salt, err := base64.StdEncoding.DecodeString("W22ZaJ0SNY7soEsUEjb6gQ==")
	if err != nil {
		t.Fatal(err)
	}
	const want = "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
	if got, err := verifier("pencil", salt); err != nil || got != want {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
}

func TestTwoVerifiersOfAPasswordDiffer(t *testing.T) {
	one, _ := Verifier("pencil")
	if other, _ := Verifier("pencil"); one == other {
		t.Error("the salt is not random")
	}
}
