package web_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"testing"
	"time"

	"mereon/graph/exchange/project"
	"mereon/schema/fault"
	"mereon/web"
)

// selfSigned makes a certificate for a name, and its PEM text.
func selfSigned(t *testing.T, name string) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func TestTheConnectionToNeo4jIsEncryptedAsTheProjectSays(t *testing.T) {
	host, config, getenv := neo4jAt(t)
	mine, text := selfSigned(t, "db.plant")
	_, other := selfSigned(t, "db.plant")
	wire := wireTo(t, host, mine)
	dir := t.TempDir()
	writeFile(t, dir, "ca.pem", text)
	writeFile(t, dir, "other.pem", other)
	for name, test := range map[string]struct {
		tls  *project.StoreTLS
		want fault.Code
	}{
		"its authority and name": {&project.StoreTLS{CA: "ca.pem", ServerName: "db.plant"}, ""},
		"another name":           {&project.StoreTLS{CA: "ca.pem"}, fault.Unavailable},
		"another authority":      {&project.StoreTLS{CA: "other.pem", ServerName: "db.plant"}, fault.Unavailable},
		"no encryption":          {nil, fault.Unavailable},
		"no such file":           {&project.StoreTLS{CA: "none.pem"}, fault.Invalid},
	} {
		config.URL, config.TLS = "bolt://"+wire.at, test.tls
		store, err := web.OpenStore(t.Context(), config, web.StoreOptions{Dir: dir, Data: t.TempDir(), Direct: true, Getenv: getenv})
		if fault.CodeOf(err) != test.want {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
		if err == nil {
			store.Close()
		}
	}
}
