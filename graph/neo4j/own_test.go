package neo4j_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mereon/graph"
	"mereon/graph/neo4j"
)

// own is a server that a test may harm, with a small heap, on a small disk of its own, which speaks TLS to those who want it.
type own struct {
	t       *testing.T
	dir     string
	options neo4j.Options
	ca      *x509.CertPool
}

func ownServer(t *testing.T) *own {
	t.Helper()
	server(t) // skips where there is none
	s := &own{t: t, dir: filepath.Join(t.TempDir(), "server")}
	s.certify(filepath.Join(s.dir, "tls"))
	for line := range strings.Lines(s.script("start", "tls="+filepath.Join(s.dir, "tls"))) {
		if at, ok := strings.CutPrefix(strings.TrimSpace(line), "MEREON_TEST_NEO4J="); ok {
			s.options = reach(t, at)
		}
	}
	s.options.Retry = 3 * time.Second
	s.options.URL = strings.Replace(s.options.URL, "neo4j://", "bolt://", 1) // the driver's routing table has a data race when connections break
	t.Cleanup(func() { s.script("stop") })
	return s
}

func (s *own) script(arguments ...string) string {
	s.t.Helper()
	arguments = append([]string{arguments[0], s.dir}, arguments[1:]...)
	c := exec.Command(filepath.Join("..", "..", ".ci", "servers", "neo4j.sh"), arguments...)
	c.Env = append(os.Environ(), "NEO4J_DISK=256m", "NEO4J_HEAP=256m", "NEO4J_SHORT=1")
	var failures strings.Builder
	c.Stderr = &failures
	out, err := c.Output()
	if err != nil {
		s.t.Fatalf("neo4j.sh %v: %v\n%s", arguments, err, failures.String())
	}
	return string(out)
}

func (s *own) open() *neo4j.Store {
	s.t.Helper()
	store, err := neo4j.Open(context.Background(), s.options)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { store.Close() })
	return store
}

// watchFrom watches from the beginning until the change of "last" and closes the channel.
func (s *own) watchFrom(store graph.Store) <-chan struct{} {
	done := make(chan struct{})
	ctx, cancel := context.WithCancel(context.Background())
	s.t.Cleanup(cancel)
	go func() {
		defer close(done)
		at := graph.Revision(0)
		for c, err := range store.Watch(ctx, 0) {
			if err != nil || c.Revision != at+1 {
				s.t.Errorf("Watch: revision %d after %d, %v", c.Revision, at, err)
				return
			}
			if at = c.Revision; c.By == "last" {
				return
			}
		}
	}()
	return done
}

// certify makes a certificate for 127.0.0.1 that nobody else has signed.
func (s *own) certify(dir string) {
	s.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		s.t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "neo4j of a test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		s.t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		s.t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})
	err = errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(filepath.Join(dir, "server.crt"), public, 0o600),
		os.WriteFile(filepath.Join(dir, "server.key"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
	if err != nil {
		s.t.Fatal(err)
	}
	s.ca = x509.NewCertPool()
	s.ca.AppendCertsFromPEM(public)
}

// fill leaves little room on the disk; it returns what frees it. Where the server has no disk of its own the test is
// skipped, and fails when CI is set.
func (s *own) fill(leave int) (free func()) {
	s.t.Helper()
	data := filepath.Join(s.dir, "data")
	mounts, err := os.ReadFile("/proc/mounts")
	if err != nil || !strings.Contains(string(mounts), " "+data+" tmpfs ") {
		if os.Getenv("CI") == "true" {
			s.t.Fatal("the server has no disk of its own: mounting needs root")
		}
		s.t.Skip("the server has no disk of its own: mounting needs root")
	}
	filler, err := os.Create(filepath.Join(data, "filler"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer filler.Close()
	block, size := make([]byte, 64<<10), int64(0)
	for err == nil {
		var n int
		n, err = filler.Write(block)
		size += int64(n)
	}
	if err := filler.Truncate(max(0, size-int64(leave))); err != nil {
		s.t.Fatal(err)
	}
	return func() { os.Remove(filler.Name()) }
}
