package sms

import (
	"errors"
	"strings"
	"testing"
)

func TestWhatMayBeSent(t *testing.T) {
	good := Message{ID: "a1", To: "+491701234567", Text: "123456 is your code.\nNobody will ask for it.", Kind: "code"}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	own := good
	own.Link = "https://shop.example/en/account/link/abc"
	own.Text = "Stop it here: " + own.Link
	if err := own.Check(); err != nil {
		t.Fatalf("the store's own link: %v", err)
	}
	for name, change := range map[string]func(*Message){
		"no id":           func(m *Message) { m.ID = "" },
		"id with a line":  func(m *Message) { m.ID = "a\nb" },
		"no number":       func(m *Message) { m.To = "" },
		"national number": func(m *Message) { m.To = "01701234567" },
		"leading zero":    func(m *Message) { m.To = "+01701234567" },
		"too long":        func(m *Message) { m.To = "+4917012345678901" },
		"two numbers":     func(m *Message) { m.To = "+491701234567,+491701234568" },
		"other digits":    func(m *Message) { m.To = "+49١701234567" },
		"no text":         func(m *Message) { m.Text = " \n" },
		"too much text":   func(m *Message) { m.Text = strings.Repeat("a", 301) },
		"control signs":   func(m *Message) { m.Text = "a\x1bb" },
		"not text":        func(m *Message) { m.Text = "a\xff" },
		"a link":          func(m *Message) { m.Text = "see https://shop.example" },
		"another link": func(m *Message) {
			m.Text, m.Link = "see https://shop.example and http://evil.example", "https://shop.example"
		},
		"the link twice":   func(m *Message) { m.Text, m.Link = "https://shop.example https://shop.example", "https://shop.example" },
		"kind with a line": func(m *Message) { m.Kind = "a\r\nb" },
	} {
		m := good
		change(&m)
		err := m.Check()
		if !errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "170") {
			t.Errorf("%s: the error holds the number: %v", name, err)
		}
	}
}
