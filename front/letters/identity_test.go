package letters

import (
	"strings"
	"testing"
	"time"

	"strongroom/base/config"
	"strongroom/base/id"
	"strongroom/base/lang"
	"strongroom/guard/identity"
)

// Every mail about an account says something in every language, leads where its link belongs, and shows the reader's
// own words only if she has some.
func TestMailsAboutAccounts(t *testing.T) {
	texts, err := lang.Load(lang.Messages())
	if err != nil {
		t.Fatal(err)
	}
	l := &Writer{Deps{Texts: texts, Shop: config.Shop{Name: "Kiln", LegalName: "Kiln GmbH", Country: "DE", TimeZone: time.UTC,
		DefaultLanguage: "en", PublicURL: "https://shop.example"}}, newWriter()}
	kinds := append(identity.LetterKinds(), identity.LetterAccountKnown, identity.LetterSignInOther)
	whats := identity.Changes()
	for _, code := range []string{"en", "de"} {
		for _, k := range kinds {
			for i, what := range whats {
				if i > 0 && k != identity.LetterChanged {
					break
				}
				token := id.NewToken()
				c := identity.Content{Kind: k, Language: code, Base: "https://shop.example", Link: token, Device: "firefox.linux", What: what,
					Realm: identity.Shopper, Words: "blue teapot", HasWords: i == 0, Ways: []identity.Method{identity.PasskeyMethod, identity.PasswordMethod}}
				html, text, err := l.w.write(l.aboutIdentity(c))
				if err != nil {
					t.Fatal(err)
				}
				for _, part := range []string{html, text} {
					if strings.Contains(part, "letters.") || strings.Contains(part, "identity.") || strings.Contains(part, "{") && part == text {
						t.Errorf("%s %s %s lacks a text:\n%s", code, k, what, text)
					}
					if strings.Contains(part, "blue teapot") != c.HasWords {
						t.Errorf("%s %s: own words %v", code, k, c.HasWords)
					}
					if strings.Contains(part, "/"+code+"/account/link/"+token.Clear()) != buttons[k] {
						t.Errorf("%s %s: the link is there or is not", code, k)
					}
				}
			}
		}
	}
	staff := l.aboutIdentity(identity.Content{Kind: identity.LetterNewDevice, Language: "en", Base: "https://admin.example", Link: "t", Realm: identity.Staff})
	if _, text, _ := l.w.write(staff); !strings.Contains(text, "https://admin.example/link/t") {
		t.Errorf("a mail to staff leads elsewhere:\n%s", text)
	}
}
