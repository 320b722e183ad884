package letters

import "testing"

func TestPlainMarkdown(t *testing.T) {
	in := "## Your right\r\n\nWrite to [us](/en/contact) or [a@b.example](mailto:a@b.example), **soon**.\n- one\n"
	want := "Your right\n----------\n\nWrite to us: /en/contact or a@b.example, soon.\n- one"
	if got := plainMarkdown(in); got != want {
		t.Errorf("got %q", got)
	}
}
