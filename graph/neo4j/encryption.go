package neo4j

import (
	"crypto/tls"
	"crypto/x509"
	"strings"
)

// encryption returns the address and the certificates as the driver takes them. It heeds certificates only where the
// scheme asks for TLS, and puts the host in the place of their server name, which is therefore checked here.
func encryption(o *Options) (url string, certificates *tls.Config) {
	if o.TLS == nil {
		return o.URL, nil
	}
	certificates = o.TLS.Clone()
	certificates.MinVersion = max(certificates.MinVersion, tls.VersionTLS12)
	scheme, rest, _ := strings.Cut(o.URL, "://")
	name, roots := certificates.ServerName, certificates.RootCAs
	if name == "" {
		return scheme + "+s://" + rest, certificates
	}
	certificates.VerifyConnection = func(c tls.ConnectionState) error {
		options := x509.VerifyOptions{DNSName: name, Roots: roots, Intermediates: x509.NewCertPool()}
		for _, between := range c.PeerCertificates[1:] {
			options.Intermediates.AddCert(between)
		}
		_, err := c.PeerCertificates[0].Verify(options)
		return err
	}
	return scheme + "+ssc://" + rest, certificates
}
