package testbed

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"
)

// PostfixServer is a running Postfix. It takes mail for the testbed's domains and
// hands it to Dovecot; it refuses other domains. The list team@hd.test has one
// member, tess@hd.test. Mail that Dovecot refuses is
// bounced.
type PostfixServer struct {
	SMTP string // host:port; offers STARTTLS, asks for no authentication
	// Submission is for the mail programs of people: host:port, no TLS, no authentication.
	// It vouches for whoever sends by it, as the provider does who knows his users: the
	// mail gets "Authentication-Results: mx.hd.test; dmarc=pass".
	Submission string
	CAs        *x509.CertPool
	Dir        string // with the certificate in cert.pem
}

const postfixMain = `compatibility_level = 3.6
queue_directory = %[1]s/queue
data_directory = %[1]s/data
daemon_directory = /usr/lib/postfix/sbin
maillog_file_prefixes = %[1]s
maillog_file = %[1]s/postfix.log
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
myhostname = mx.hd.test
mydestination =
alias_maps =
local_recipient_maps =
relay_domains = %[2]s
relay_recipient_maps =
transport_maps = inline:{%[3]s}
virtual_alias_maps = inline:{team@hd.test=tess@hd.test}
default_transport = error:5.1.2 no such domain in the testbed
recipient_delimiter = +
smtpd_relay_restrictions = permit_auth_destination, reject
submission_sender_restrictions = check_sender_access inline:{%[4]s}
smtpd_tls_security_level = may
smtpd_tls_chain_files = %[1]s/key.pem, %[1]s/cert.pem
disable_dns_lookups = yes
smtp_host_lookup = native
lmtp_host_lookup = native
lmtp_line_length_limit = 0
lmtp_tls_security_level = none
message_size_limit = 52428800
minimal_backoff_time = 5s
maximal_backoff_time = 10s
queue_run_delay = 5s
`

// postfixServices lists name:public?:wakeup:limit:daemon of master.cf.
const postfixServices = `pickup:n:60:1:pickup qmgr:n:300:1:qmgr cleanup:n:-:0:cleanup showq:n:-:-:showq flush:n:1000?:0:flush
	bounce:-:-:0:bounce defer:-:-:0:bounce trace:-:-:0:bounce rewrite:-:-:-:trivial-rewrite smtp:-:-:-:smtp relay:-:-:-:smtp
	lmtp:-:-:-:lmtp error:-:-:-:error retry:-:-:-:error discard:-:-:-:discard proxymap:-:-:-:proxymap tlsmgr:-:-:1:tlsmgr
	verify:-:-:1:verify anvil:-:-:1:anvil scache:-:-:1:scache`

// Postfix starts a Postfix in front of d for hd.test and the given domains. It
// needs root.
func Postfix(t testing.TB, d *DovecotServer, domains ...string) *PostfixServer {
	t.Helper()
	binary := need(t, "postfix")[0]
	if os.Getuid() != 0 {
		missing(t, "Postfix runs as root only")
	}
	dir := tempDir(t, "postfix")
	for _, d := range []string{"etc", "queue", "data"} {
		if err := os.Mkdir(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	giveTo(t, filepath.Join(dir, "data"), "postfix")
	domains = append([]string{"hd.test"}, domains...)
	var transports, vouched []string
	for _, domain := range domains {
		vouched = append(vouched, fmt.Sprintf("{%s = PREPEND Authentication-Results: mx.hd.test; dmarc=pass header.from=%s}", domain, domain))
		transports = append(transports, fmt.Sprintf("{%s = lmtp:inet:%s}", domain, d.LMTP))
	}
	write(t, filepath.Join(dir, "etc/main.cf"), fmt.Sprintf(postfixMain, dir, strings.Join(domains, ", "), strings.Join(transports, ", "), strings.Join(vouched, ", ")), 0o644)
	ports := freePorts(t, 2)
	s := &PostfixServer{SMTP: loopback(ports[0]), Submission: loopback(ports[1]), CAs: Certificate(t, dir), Dir: dir}
	master := s.SMTP + " inet n - n - - smtpd\n" +
		s.Submission + " inet n - n - - smtpd -o smtpd_tls_security_level=none -o smtpd_sender_restrictions=$submission_sender_restrictions\npostlog unix-dgram n - n - 1 postlogd\n"
	for _, service := range strings.Fields(postfixServices) {
		f := strings.Split(service, ":")
		master += fmt.Sprintf("%s unix %s - n %s %s %s\n", f[0], f[1], f[2], f[3], f[4])
	}
	write(t, filepath.Join(dir, "etc/master.cf"), master, 0o644)
	postfix := binary + " -c " + dir + "/etc"
	supervise(t, dir, postfix+" start", postfix+" stop")
	waitFor(t, dir, s.SMTP, s.Submission)
	return s
}

// Send hands a mail to Postfix over STARTTLS.
func (s *PostfixServer) Send(from, to string, mail []byte) error {
	c, err := smtp.DialStartTLS(s.SMTP, &tls.Config{RootCAs: s.CAs, ServerName: "127.0.0.1"})
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.SendMail(from, []string{to}, bytes.NewReader(mail)); err != nil {
		return err
	}
	return c.Quit()
}
