package postgres

import (
	"context"
	"strings"
	"testing"

	"mereon/connectors"
	"mereon/schema"
	"mereon/schema/fault"
)

// configured opens a connector without a database.
func configured(t *testing.T, text string, secrets map[string]string) (*Connector, error) {
	t.Helper()
	secret := func(reference string) (string, error) {
		if s, ok := secrets[reference]; ok {
			return s, nil
		}
		return "", fault.New(fault.Invalid, "a secret is given by reference: env:NAME or file:PATH")
	}
	c, err := Kind().Open(t.Context(), connectors.Config{Name: "erp", Node: mapping(t, text), File: schema.File{Name: "mereon.yaml"}, Dir: t.TempDir(), Secret: secret})
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() {
		if err := c.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return c.(*Connector), nil
}

func TestMistakesOfTheConfigurationAreToldAtOnce(t *testing.T) {
	for text, want := range map[string]string{
		"{}":                                                                                               "is no address of a PostgreSQL database",
		"{url: \"mysql://u@h/d\"}":                                                                         "is no address of a PostgreSQL database",
		"{url: \"postgres://h\"}":                                                                          "names no user and no database",
		"{url: \"postgres://u:p@h/d\"}":                                                                    "a password must not stand in the url",
		"{url: \"postgres://u@h/d?options=x\"}":                                                            "unknown parameter \"options\"",
		"{url: \"postgres://u@h/d\", password: secret}":                                                    "a secret is given by reference",
		"{url: \"postgres://u@h/d\", tls: prefer}":                                                         "unknown mode of TLS \"prefer\"",
		"{url: \"postgres://u@h/d\", ca: nowhere.pem}":                                                     "cannot read nowhere.pem",
		"{url: \"postgres://u@h/d\", location: Mars}":                                                      "unknown time zone \"Mars\"",
		"{url: \"postgres://u@h/d\", connections: -1}":                                                     "connections must be between",
		"{url: \"postgres://u@h/d\", notify: x}":                                                           "there are no series",
		"{url: \"postgres://u@h/d\", colections: {}}":                                                      "Did you mean collections?",
		"{url: \"postgres://u@h/d\", tables: [\"[\"]}":                                                     "is no pattern",
		"{url: \"postgres://u@h/d\", collections: {a: {columns: {x: z, y: z}}}}":                           "columns x and y have the same name here",
		"{url: \"postgres://u@h/d\", series: [{table: m, ref: \"{a}\", time: at}]}":                        "need either \"value\" or {column}",
		"{url: \"postgres://u@h/d\", series: [{table: m, ref: \"{a}{b}\", time: at, value: v}]}":           "a part between two slashes has one {column}",
		"{url: \"postgres://u@h/d\", series: [{table: m, ref: \"{a}/{a}\", time: at, value: v}]}":          "stands twice",
		"{url: \"postgres://u@h/d\", series: [{table: m, ref: \"x\", time: at, value: v}]}":                "names no column",
		"{url: \"postgres://u@h/d\", series: [{table: m, ref: \"{a}\", time: {at: sometimes}, value: v}]}": "unknown format of time",
	} {
		_, err := configured(t, text, nil)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), ":p@") {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func TestOtherHostsAreReachedByVerifiedTLSUnlessToldOtherwise(t *testing.T) {
	for text, want := range map[string]string{
		"{url: \"postgres://u@erp.example.com/d\"}":                   "verified",
		"{url: \"postgres://u@10.1.2.3/d\"}":                          "verified",
		"{url: \"postgres://u@127.0.0.1/d\"}":                         "none",
		"{url: \"postgres://u@[::1]/d\"}":                             "none",
		"{url: \"postgres://u@localhost/d\", tls: verify-full}":       "verified",
		"{url: \"postgres://u@erp.example.com/d\", tls: require}":     "encrypted",
		"{url: \"postgres://u@erp.example.com/d?sslmode=disable\"}":   "none",
		"{url: \"postgres://u@erp.example.com/d\", tls: verify-full}": "verified",
		"{url: env:ERP_URL}":                                          "verified",
	} {
		c, err := configured(t, text, map[string]string{"env:ERP_URL": "postgres://u:secret@erp.example.com/d"})
		if err != nil {
			t.Fatal(err)
		}
		got := "none"
		config := c.database.pool.Config().ConnConfig
		if to := config.TLSConfig; to != nil {
			got = "verified"
			if to.InsecureSkipVerify {
				got = "encrypted"
			} else if to.ServerName != config.Host {
				t.Errorf("%s: the name %s is verified", text, to.ServerName)
			}
		}
		if got != want || len(config.Fallbacks) > 0 {
			t.Errorf("%s: TLS %s, want %s; %d fallbacks", text, got, want, len(config.Fallbacks))
		}
	}
}

func TestTheEnvironmentOfTheProcessHasNoSay(t *testing.T) {
	for _, name := range []string{"PGHOST", "PGUSER", "PGPASSWORD", "PGDATABASE", "PGSSLMODE", "PGOPTIONS", "PGPASSFILE"} {
		t.Setenv(name, "require")
	}
	c, err := configured(t, "{url: \"postgres://u@127.0.0.1:7/d\"}", nil)
	if err != nil {
		t.Fatal(err)
	}
	config := c.database.pool.Config().ConnConfig
	if config.Host != "127.0.0.1" || config.Port != 7 || config.User != "u" || config.Password != "" || config.Database != "d" || config.TLSConfig != nil || len(config.RuntimeParams) != 1 {
		t.Errorf("%+v", config.Config)
	}
}

func TestAnAddressOfTheEnvironmentThatIsNoneIsToldWhenItIsUsed(t *testing.T) {
	c, err := configured(t, "{url: env:ERP_URL}", map[string]string{"env:ERP_URL": "unset"})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "what url refers to is no address") {
		t.Errorf("Check = %v", err)
	}
}

func FuzzValuesSurviveTheTextOfTheDatabase(f *testing.F) {
	f.Add("1.5", "P1DT2H", "2026-03-01 12:00:00.123456+00", `{"a,b"}`)
	f.Fuzz(func(t *testing.T, number, span, at, text string) {
		for _, k := range []*codec{{class: numeric}, {class: double}, {class: integer}, {class: day}, {class: uuid}} {
			v, err := k.decode([]byte(number))
			if err != nil || v.IsNull() {
				continue
			}
			if again, ok := k.encode(v); ok {
				if w, err := k.decode([]byte(again)); err != nil || !schema.Equal(v, w) {
					t.Errorf("%q is %v, written as %q it is %v (%v)", number, v, again, w, err)
				}
			}
		}
		if d, err := parseInterval(span); err == nil && d < 0 && !strings.Contains(span, "-") {
			t.Errorf("%q lasts %v", span, d)
		}
		_, _ = decodeTime(at) // must not panic
		_, _ = (&codec{class: several, element: &codec{class: textual}}).decodeList([]byte(text))
		var a array
		a.add(text)
		if got := unescaped(t, string(a.bytes())); got != text {
			t.Errorf("%q as an array reads as %q", text, got)
		}
	})
}

func FuzzReferences(f *testing.F) {
	f.Add("engines/{id}/{column}", "engines/17/s2")
	f.Fuzz(func(t *testing.T, template, ref string) {
		r, why := parseReference(template)
		if why != "" {
			return
		}
		if values, _, ok := r.match(ref); ok && len(values) != len(r.names()) {
			t.Errorf("%q matches %q with %q", template, ref, values)
		}
	})
}

// unescaped reads the array of one element as the manual describes it.
func unescaped(t *testing.T, s string) string {
	inner, ok := strings.CutPrefix(s, `{"`)
	var b strings.Builder
	for i := 0; ok && i < len(inner); i++ {
		switch inner[i] {
		case '\\':
			i++
			b.WriteByte(inner[i])
		case '"':
			ok = inner[i:] == `"}`
			i = len(inner)
		default:
			b.WriteByte(inner[i])
		}
	}
	if !ok {
		t.Errorf("%s is no array of one element", s)
	}
	return b.String()
}
