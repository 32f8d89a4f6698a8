package web

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"path/filepath"

	"mereon/graph/exchange/project"
	"mereon/schema/fault"
)

// tlsOf reads the certificates that a store's connection uses, nil when none are named; relative paths start in dir.
func tlsOf(config *project.StoreTLS, dir string) (*tls.Config, error) {
	if config == nil {
		return nil, nil
	}
	made := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: config.ServerName}
	if config.CA != "" {
		text, err := os.ReadFile(within(dir, config.CA))
		if err != nil {
			return nil, fault.New(fault.Invalid, "store.tls.ca: the file %s cannot be read", config.CA)
		}
		made.RootCAs = x509.NewCertPool()
		if !made.RootCAs.AppendCertsFromPEM(text) {
			return nil, fault.New(fault.Invalid, "store.tls.ca: the file %s holds no PEM certificate", config.CA)
		}
	}
	if config.Certificate != "" {
		pair, err := tls.LoadX509KeyPair(within(dir, config.Certificate), within(dir, config.Key))
		if err != nil {
			return nil, fault.New(fault.Invalid, "store.tls.certificate and store.tls.key: %s and %s are not a PEM certificate and its key", config.Certificate, config.Key)
		}
		made.Certificates = []tls.Certificate{pair}
	}
	return made, nil
}

// within is a path of the project folder, unless it is absolute.
func within(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}
