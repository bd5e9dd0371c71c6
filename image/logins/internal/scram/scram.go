// Package scram computes what PostgreSQL stores of a password, so that no statement,
// and no log of statements, contains the password.
package scram

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
)

// PostgreSQL's own: https://www.postgresql.org/docs/16/runtime-config-connection.html#GUC-SCRAM-ITERATIONS
const (
	iterations = 4096
	saltLength = 16
)

// Verifier returns what the column rolpassword has for the password, with a random salt.
// https://www.postgresql.org/docs/16/catalog-pg-authid.html
func Verifier(password string) (string, error) {
	salt := make([]byte, saltLength)
	rand.Read(salt) // never fails
	return verifier(password, salt)
}

func verifier(password string, salt []byte) (string, error) {
	// https://datatracker.ietf.org/doc/html/rfc5802#section-3
	salted, err := pbkdf2.Key(sha256.New, password, salt, iterations, sha256.Size)
	if err != nil {
		return "", err
	}
	stored := sha256.Sum256(keyed(salted, "Client Key"))
	return fmt.Sprintf("SCRAM-SHA-256$%d:%s$%s:%s", iterations, encoded(salt), encoded(stored[:]),
		encoded(keyed(salted, "Server Key"))), nil
}

func keyed(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

func encoded(value []byte) string { return base64.StdEncoding.EncodeToString(value) }
