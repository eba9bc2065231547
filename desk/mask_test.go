package desk

import (
	"strings"
	"testing"
)

func TestMaskHidesSecrets(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"Password: hunter2", "Password: [masked: password]"},
		{"my password is: hunter2, thanks", "my password is: [masked: password], thanks"},
		{"my password is Hunter2!", "my password is [masked: password]"},
		{"Mein Passwort lautet Sommer2024!\nDanke", "Mein Passwort lautet [masked: password]\nDanke"},
		{"Benutzerpasswort = 'geheim und lang'; x", "Benutzerpasswort = [masked: password]; x"},
		{"Kennwort (neu): abc", "Kennwort (neu): [masked: password]"},
		{"Passwort für das VPN: abc123", "Passwort für das VPN: [masked: password]"},
		{"WLAN-Schlüssel: 1234-5678-abcd", "WLAN-Schlüssel: [masked: key]"},
		{"Mot de passe\u00a0: soleil", "Mot de passe\u00a0: [masked: password]"},
		{"le mot de passe du compte : soleil", "le mot de passe du compte : [masked: password]"},
		{"mdp=soleil", "mdp=[masked: password]"},
		{"Contraseña: sol", "Contraseña: [masked: password]"},
		{"la parola è segreta1", "la parola è [masked: password]"},
		{"Wachtwoord: zon", "Wachtwoord: [masked: password]"},
		{"hasło: słońce", "hasło: [masked: password]"},
		{"Пароль: солнце", "Пароль: [masked: password]"},
		{"パスワード：ひみつ", "パスワード：[masked: password]"},
		{"**Password:** hunter2", "**Password:** [masked: password]"},
		{"Password:\nhunter2\n\nBye", "Password:\n[masked: password]\n\nBye"},
		{"> Password:\n> hunter2", "> Password:\n> [masked: password]"},
		{"Mein neues Passwort ist jetzt: Start!", "Mein neues Passwort ist jetzt: [masked: password]"},
		{"the password is now Start123!", "the password is now [masked: password]"},
		{"user joe, password hunter2", "user joe, password [masked: password]"},
		{"пароль - Abc12", "пароль - [masked: password]"},
		{"Mot de passe wifi actuel : soleil", "Mot de passe wifi actuel : [masked: password]"},
		{"Ihr Einmalkennwort: 84 32 11", "Ihr Einmalkennwort: [masked: password]"},
		{"PIN: 1234", "PIN: [masked: password]"},
		{"passphrase: correct horse battery staple\nnext", "passphrase: [masked: password]\nnext"},
		{`{"user":"a","password":"x y","code":809}`, `{"user":"a","password":[masked: password],"code":809}`},
		{"<password>hunter2</password>", "<password>[masked: password]</password>"},
		{"$config['db_password'] = 'x1';", "$config['db_password'] = [masked: password];"},
		{"DB_PASSWORD=hunter2", "DB_PASSWORD=[masked: password]"},
		{"spring.datasource.password: x", "spring.datasource.password: [masked: password]"},
		{"Server=db;Uid=a;Pwd=x;Database=y", "Server=db;Uid=a;Pwd=[masked: password];Database=y"},
		{"mysql --user root --password s3cret --host db", "mysql --user root --password [masked: password] --host db"},
		{"https://hd.test/cb?token=abcdef123&x=1", "https://hd.test/cb?token=[masked: token]&x=1"},
		{"https://hd.test/x;jsessionid=1A2B3C4D5E6F?session=31d4d96e407aad42", "https://hd.test/x;jsessionid=[masked: token]"},
		{"ftp://joe:s3cret@files.example/x", "ftp://joe:[masked: password]@files.example/x"},
		{"Authorization: Basic am9lOnMzY3JldA==\nHost: a", "Authorization: [masked: authorization]\nHost: a"},
		{"Authorization: token 1234567890", "Authorization: [masked: authorization]"},
		{"Set-Cookie: sid=31d4d96e407aad42; HttpOnly", "Set-Cookie: [masked: authorization]"},
		{"curl -H 'X-Auth: Bearer abcdefghijklmnop123'", "curl -H 'X-Auth: Bearer [masked: token]"},
		{"api_key = 12345678", "api_key = [masked: key]"},
		{"aws_secret_access_key=wJalrXUtnFEMI/K7MDENG", "aws_secret_access_key=[masked: key]"},
		{"the key AKIAABCDEFGHIJKLMNO1 leaked", "the key [masked: token] leaked"},
		{"ghp_abcdefghijklmnopqrstuvwxyz0123456789", "[masked: token]"},
		{"jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl.", "jwt [masked: token]."},
		{"xoxb-123456789012-abcdef", "[masked: token]"},
		{"a\n-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----\nb", "a\n[masked: private key]\nb"},
		{"-----BEGIN PRIVATE KEY-----\nMII", "[masked: private key]"},
		{"card 4111 1111 1111 1111 exp 03/27", "card [masked: card number] exp 03/27"},
		{"card 4111-1111-1111-1111.", "card [masked: card number]."},
		{"n=378282246310005", "n=[masked: card number]"},
		{"no 1 4111 1111 1111 1111 03", "no 1 [masked: card number] 03"},
		{"IBAN DE89 3704 0044 0532 0130 00 bitte", "IBAN [masked: IBAN] bitte"},
		{"gb82west12345698765432", "[masked: IBAN]"},
	} {
		if got := Mask(c.text); got != c.want {
			t.Errorf("%q\n got %q\nwant %q", c.text, got, c.want)
		}
	}
}

func TestMaskLeavesTheRestAlone(t *testing.T) {
	for _, text := range []string{
		"", "Hello",
		"My password is not accepted any more (error 691).",
		"I forgot my password, how do I reset it?",
		"Password reset fails with error: 0x80070005",
		"wrong password: error 1326", "wrong password 0x8007052e on SRV-DB01", "password SRV-DB01",
		"Change password: https://hd.test/reset", "1Password: App starts not", "The password is now accepted - thanks",
		"password: 0x8007052e",
		"Mein Passwort ist abgelaufen.",
		"Ticket #ACME-12-K, order 1234567890123",
		"token: #ACME-1-C",
		"Call me: +49 30 1234 5678 9012 or 0049 30 123456789",
		"Phone 4930 123456789 and 030-12345678",
		"version 10.0.19045.3803, build 4111111111111112",
		"Syntax error: unexpected token < in JSON at position 0",
		"pass: 12, fail: 3",
		"shipping: tomorrow; spin: 3",
		"2026-03-02 09:13:22,123 ERROR 4012 something",
		"DE12 is a road, AB12 CD34 EF56 GH78 words",
		"https://hd.test/a@b:c and mailto:joe@hd.test",
		"at com.acme.Token.parse(Token.java:12)",
		"-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----",
		"the key: a good one", "keyboard: broken", "Kod: 12345",
		"I deleted the cookie: nothing changed", "Authorization: see the attached form",
		"std::token::parse failed",
		"Password: ********",
	} {
		if got := Mask(text); got != text {
			t.Errorf("%q\nbecame %q", text, got)
		}
	}
}

func FuzzMask(f *testing.F) {
	for _, s := range []string{"password: x", "Bearer abcdefghijklmnopqrst", "4111 1111 1111 1111", "DE89370400440532013000",
		"-----BEGIN PRIVATE KEY-----", "a://b:c@d", "key=\"x", "password[masked: password]: x1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		once := Mask(text)
		if twice := Mask(once); twice != once {
			t.Errorf("%q\n once %q\ntwice %q", text, once, twice)
		}
		if strings.ToValidUTF8(text, "") == text && strings.ToValidUTF8(once, "") != once {
			t.Errorf("%q is cut in a character: %q", text, once)
		}
	})
}

func BenchmarkMask(b *testing.B) {
	mail := strings.Repeat("Hello, since 09:13 the VPN on SRV-0815 says error 809: 4 of 12 clients (10.0.0.7) fail.\n", 200)
	b.SetBytes(int64(len(mail)))
	for b.Loop() {
		Mask(mail)
	}
}
