package testbed

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Certificate writes cert.pem and key.pem for localhost and 127.0.0.1 into dir
// and returns a pool that trusts it.
func Certificate(t testing.TB, dir string) *x509.CertPool {
	t.Helper()
	return CertificateUntil(t, dir, "localhost", time.Now().Add(48*time.Hour))
}

// CertificateUntil is Certificate for another name, for 127.0.0.1 only with that of
// this machine, and valid until a time.
func CertificateUntil(t testing.TB, dir, host string, end time.Time) *x509.CertPool {
	t.Helper()
	var addresses []net.IP
	if host == "localhost" {
		addresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(time.Now().UnixNano()),
		Subject:               pkix.Name{CommonName: host},
		NotBefore:             time.Now().Add(-48 * time.Hour),
		NotAfter:              end,
		DNSNames:              []string{host},
		IPAddresses:           addresses,
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	writePEM(t, filepath.Join(dir, "cert.pem"), "CERTIFICATE", der, 0o644)
	writePEM(t, filepath.Join(dir, "key.pem"), "PRIVATE KEY", secret, 0o600)
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return pool
}

func writePEM(t testing.TB, path, kind string, der []byte, mode os.FileMode) {
	t.Helper()
	write(t, path, string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})), mode)
}
