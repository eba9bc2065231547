package diagnose

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tierdesk/desk"
)

func TestFindings(t *testing.T) {
	type found map[desk.FindingKind][]string
	for _, c := range []struct {
		text string
		want found
	}{
		{"Hello,\n\nmy screen is dark since 9 o'clock. Please call 030-1234567.\nJana", nil},
		{"The VPN says \"error 809\" and stops.", found{"code": {"error 809"}}},
		{"Fehler 809 und Fehlercode: 0x80070005, Erreur 691", found{"code": {"0x80070005", "error 809", "error 691"}}},
		{"Error code: PR-1234, exit code 137, errno=13", found{"code": {"PR-1234", "error 137", "error 13"}}},
		{"HTTP/1.1 503 Service Unavailable, then 502 Bad Gateway; status code: 404", found{"code": {"HTTP 503", "HTTP 404", "HTTP 502"}}},
		{"550 5.7.1 Unable to relay", found{"code": {"550 5.7.1"}}},
		{"ORA-01017: invalid, AADSTS50076, SQLSTATE[HY000]", found{"code": {"ORA-01017", "AADSTS50076", "SQLSTATE[HY000"}}},
		{"net::ERR_CERT_DATE_INVALID, connect ECONNREFUSED 10.1.2.3:443", found{"code": {"ERR_CERT_DATE_INVALID", "ECONNREFUSED"}, "ip": {"10.1.2.3"}}},
		{"java.lang.NullPointerException: null or TypeError?", found{"exception": {"java.lang.NullPointerException", "TypeError"}}},
		{"Windows 11 23H2, Firefox 121.0, Outlook 16.0.17328.20162 and KB5034441", found{"version": {"Windows 11 23H2", "KB5034441", "Firefox 121.0", "Outlook 16.0.17328.20162"}}},
		{"Acme Client 4.2.1 (version 7), v2.0-beta", found{"version": {"Client 4.2.1", "version 7", "version 2.0-beta"}}},
		{"On 02.03.2026 at 9.30, 1.5 hours", nil},
		{"server db01.corp.test, readme.txt, mail joe@acme.test, \\\\fs01\\home", found{"host": {"db01.corp.test", "fs01"}}},
		{"on SRV-DB01 and LT-0815, room PC", found{"host": {"SRV-DB01", "LT-0815"}}},
		{"ping 10.0.0.7 and 2001:db8::1 at 12:30:15", found{"ip": {"10.0.0.7", "2001:db8::1"}}},
		{"see https://joe:pw@app.test/a/b?session=1#x.", found{"url": {"https://app.test/a/b"}}},
		{"2026-03-02 09:13:22 a\n2026-03-02 09:14:00 b\n2026-03-02 09:15:01 c", found{"time": {"2026-03-02 09:13:22", "2026-03-02 09:15:01"}}},
	} {
		got := found{}
		if d := Read(Report{Text: c.text}); d != nil {
			for _, f := range d.Findings {
				got[f.Kind] = f.Values
			}
		}
		if c.want == nil {
			c.want = found{}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s\n%s", c.text, diff)
		}
	}
}

const javaTrace = `2026-03-02 09:13:22,123 ERROR [http-8080-exec-7] com.acme.web.Api - order 4711 failed
java.lang.IllegalStateException: cannot save order 4711
	at com.acme.web.Api.save(Api.java:42)
	at com.acme.web.Api$$Lambda$312/0x0000000800.run(Unknown Source)
Caused by: com.acme.db.PoolTimeoutException: no connection in 30000 ms
	at com.acme.db.Pool.borrow(Pool.java:118)
	at com.acme.db.Pool.lambda$get$3(Pool.java:97)
	at java.base/java.lang.Thread.run(Thread.java:1583)
	... 23 more
`

func TestTraces(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
		class      string
	}{
		{"java", "Hi, it crashes:\n" + javaTrace + "Bye", []string{
			"java.lang.IllegalStateException: cannot save order 4711",
			"Caused by: com.acme.db.PoolTimeoutException: no connection in 30000 ms",
			"    at com.acme.db.Pool.borrow(Pool.java:118)", "    at com.acme.db.Pool.lambda$get$3(Pool.java:97)",
			"    at java.base/java.lang.Thread.run(Thread.java:1583)",
		}, "com.acme.db.PoolTimeoutException"},
		{"python", "Traceback (most recent call last):\n  File \"/srv/app/main.py\", line 12, in <module>\n    run()\n  File \"/srv/app/job.py\", line 7, in run\n    x = d['a']\nKeyError: 'a'\nThanks", []string{
			"KeyError: 'a'", `    File "/srv/app/job.py", line 7, in run`, `    File "/srv/app/main.py", line 12, in <module>`,
		}, "KeyError"},
		{".NET in German", "System.NullReferenceException: Der Objektverweis wurde nicht festgelegt.\n   bei Acme.Orders.Save(Order o) in C:\\src\\Orders.cs:Zeile 42.\n   bei Acme.Program.Main(String[] args)", []string{
			"System.NullReferenceException: Der Objektverweis wurde nicht festgelegt.",
			"    bei Acme.Orders.Save(Order o) in C:\\src\\Orders.cs:Zeile 42.", "    bei Acme.Program.Main(String[] args)",
		}, "System.NullReferenceException"},
		{"go", "panic: runtime error: index out of range [5] with length 3\n\ngoroutine 1 [running]:\nmain.(*Cart).total(0xc000012345, 0x5)\n\t/src/cart.go:12 +0x1d\nmain.main()\n\t/src/main.go:7 +0x2a\nexit status 2", []string{
			"panic: runtime error: index out of range [5] with length 3", "    main.(*Cart).total(0xc000012345, 0x5)", "    main.main()",
		}, "panic runtime error index out of range with length"},
		{"javascript", "Uncaught TypeError: Cannot read properties of undefined (reading 'id')\n    at Cart.total (https://app.test/js/cart.js:10:5)\n    at async https://app.test/js/main.js:3:1", []string{
			"Uncaught TypeError: Cannot read properties of undefined (reading 'id')",
			"    at Cart.total (https://app.test/js/cart.js:10:5)", "    at async https://app.test/js/main.js:3:1",
		}, "TypeError"},
		{"php", "PHP Fatal error:  Uncaught Acme\\DbException: gone away in /var/www/db.php:12\nStack trace:\n#0 /var/www/index.php(7): Acme\\Db->query('SELECT 1')\n#1 {main}\n  thrown in /var/www/db.php on line 12", []string{
			"PHP Fatal error:  Uncaught Acme\\DbException: gone away in /var/www/db.php:12", "    #0 /var/www/index.php(7): Acme\\Db->query('SELECT 1')",
		}, "Acme\\DbException"},
		{"prose", "We met at home (Berlin)\nat work: see you in the office\n", nil, ""},
	} {
		d := Read(Report{Text: c.text})
		if d == nil {
			d = &desk.Diagnostics{}
		}
		if diff := cmp.Diff(c.want, d.Trace); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
		if got := append(d.Values(desk.FoundException), ""); got[0] != c.class {
			t.Errorf("%s: class %q", c.name, got)
		}
	}
}

func TestSameFailureHasTheSameFingerprint(t *testing.T) {
	other := strings.NewReplacer("4711", "4812", "Pool.java:118", "Pool.java:120", "30000", "30001", "get$3", "get$7",
		"09:13:22,123", "11:55:01,999", "exec-7", "exec-12").Replace(javaTrace)
	same := func(a, b string) {
		t.Helper()
		x, y := Read(Report{Text: a}), Read(Report{Text: b})
		if x.Fingerprint == "" || x.Fingerprint != y.Fingerprint {
			t.Errorf("%s, %s:\n%s\n%s", x.Fingerprint, y.Fingerprint, a, b)
		}
	}
	differ := func(a, b string) {
		t.Helper()
		if x, y := Read(Report{Text: a}), Read(Report{Text: b}); x.Fingerprint == y.Fingerprint {
			t.Errorf("both %s:\n%s\n%s", x.Fingerprint, a, b)
		}
	}
	same(javaTrace, "Hello\n> "+strings.ReplaceAll(strings.TrimRight(other, "\n"), "\n", "\n> "))
	differ(javaTrace, strings.ReplaceAll(javaTrace, "Pool.borrow", "Pool.close"))
	same("2026-03-02 09:13:22 ERROR cannot reach 10.0.0.7:443 for user 'joe'", "2026-03-04 10:00:00 ERROR cannot reach 10.9.9.9:443 for user 'ann'")
	differ("ERROR cannot reach the host now", "ERROR cannot find the file now")
	same("The VPN says error 809!", "Fehler 809 beim VPN")
	differ("error 809", "error 800")
}

func TestExcerptsShowTheLinesAroundFailures(t *testing.T) {
	var b strings.Builder
	for i := 1; i <= 100; i++ {
		switch i {
		case 10, 11, 40, 60, 90:
			b.WriteString("ERROR no route\n")
		default:
			b.WriteString("INFO fine\n")
		}
	}
	d := Read(Report{Text: "see file", Files: []desk.TextFile{{Name: "app.log", Line: 1, Text: b.String()}}})
	var got []int
	for _, e := range d.Excerpts {
		got = append(got, e.Line, strings.Count(e.Text, "\n")+1)
		if e.File != "app.log" || !strings.Contains(e.Text, "ERROR") {
			t.Errorf("%+v", e)
		}
	}
	if diff := cmp.Diff([]int{8, 6, 38, 5, 88, 5}, got); diff != "" {
		t.Error(diff)
	}
}

func TestScreenshotsAreNamed(t *testing.T) {
	d := Read(Report{Attachments: []desk.Attachment{
		{Filename: "shot.png", ContentType: "image/png", Size: 90_000}, {Filename: "logo.png", ContentType: "image/png", Size: 900},
	}})
	if got := d.Values(desk.FoundScreenshot); len(got) != 1 || got[0] != "shot.png" {
		t.Errorf("%v", got)
	}
}

func TestSecretsAreNotFound(t *testing.T) {
	d := Read(Report{Text: "error 809", Files: []desk.TextFile{{Name: "a.log", Line: 1, Text: "ERROR login password=hunter2 failed\n"}}})
	if !strings.Contains(d.Excerpts[0].Text, "[masked: password]") || strings.Contains(d.Excerpts[0].Text, "hunter2") {
		t.Errorf("%+v", d.Excerpts)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(javaTrace, "a.log")
	f.Add("Traceback (most recent call last):\n  File \"x\", line 1\nE", "")
	f.Add("panic: x\n\ngoroutine 1\nmain.f(0x1)\n", "x.txt")
	f.Add("#0 /a(1): b()\n#1 {main}\n \\\\a\\b 1.2.3.4 ::1 https://a?b KB123456", "")
	f.Fuzz(func(t *testing.T, text, name string) {
		d := Read(Report{Text: text, Files: []desk.TextFile{{Name: name, Line: 1, Text: text}}})
		if d == nil {
			return
		}
		if len(d.Trace) > maxTraces*(maxFrames+2) || len(d.Excerpts) > maxExcerpts {
			t.Errorf("%+v", d)
		}
		for _, found := range d.Findings {
			if len(found.Values) == 0 || len(found.Values) > maxValues {
				t.Errorf("%+v", found)
			}
		}
	})
}

func BenchmarkRead(b *testing.B) {
	log := strings.Repeat("2026-03-02 09:13:22,123 INFO  [exec-7] com.acme.web.Api - order 4711 of 10.0.0.7 took 12 ms, https://app.test/x?y=1\n"+javaTrace, 64<<10/900)
	b.SetBytes(int64(len(log)))
	for b.Loop() {
		Read(Report{Text: "see file", Files: []desk.TextFile{{Name: "a.log", Line: 1, Text: log}}})
	}
}

func BenchmarkReadOrdinaryMail(b *testing.B) {
	mail := strings.Repeat("Hello, since 9 o'clock my printer in room 12 does not print.\nIt says paper jam, and there is none. Could you have a look?\n", 8)
	b.SetBytes(int64(len(mail)))
	for b.Loop() {
		Read(Report{Text: mail})
	}
}
