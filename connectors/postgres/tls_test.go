package postgres

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mereon/connectors"
	"mereon/connectors/postgres/postgrestest"
	"mereon/schema"
)

// certificate is a self-signed one for an address, and its key.
func certificate(t *testing.T, address string) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IPAddresses: []net.IP{net.ParseIP(address)},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}))
}

func TestTheServerIsVerifiedAndTheConnectionEncrypted(t *testing.T) {
	cert, key := certificate(t, "127.0.0.1")
	own := postgrestest.StartWith(t, map[string]string{"postgresql.conf": "", "server.crt": cert, "server.key": key})
	d := freshOn(t, own, "CREATE TABLE o (id int)")
	stranger, _ := certificate(t, "127.0.0.1")
	dir := t.TempDir()
	for name, text := range map[string]string{"ca.pem": cert, "stranger.pem": stranger} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	encrypted := func() (n int) {
		row := d.Conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE ssl AND application_name = 'mereon' AND datname = current_database()")
		if err := row.Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for config, want := range map[string]string{"tls: verify-full, ca: ca.pem": "", "tls: require": "", "tls: verify-full, ca: stranger.pem": "certificate", "tls: verify-full": "certificate"} {
		address := strings.Replace(d.Config(), "?sslmode=disable", "", 1)
		c, err := Kind().Open(t.Context(), connectors.Config{Name: "erp", Node: mapping(t, "{"+address+", "+config+"}"), File: schema.File{Name: "mereon.yaml"}, Dir: dir, Now: time.Now, Secret: d.Secret})
		if err != nil {
			t.Fatal(err)
		}
		err = c.(connectors.Checker).Check(t.Context())
		switch n := encrypted(); {
		case want == "" && (err != nil || n != 1):
			t.Errorf("%s: %v, %d encrypted connections, want 1", config, err, n)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want) || n != 0):
			t.Errorf("%s: %v, %d connections; want a refusal that says %s", config, err, n, want)
		}
		if err := c.Close(context.Background()); err != nil {
			t.Error(err)
		}
		eventually(t, "the connections are closed", func() bool { return encrypted() == 0 })
	}
}
