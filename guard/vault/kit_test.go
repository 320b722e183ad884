package vault_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/guard/vault"
)

// The kit of the drawer opens the store after its key file is gone, also when the kit is older than two rotations, and
// with a copy of the key database from any of these times.
func TestRestoreWithAKitOlderThanTwoRotations(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		file := newFile(t)
		v := get[*vault.Vault](t)(open(t, p.Keys, file))
		s := fill(t, v, row(t, p), 20)
		paper := get[*vault.Kit](t)(v.NewKit(ctx)).Text()
		for rotations := range 3 {
			kit := get[*vault.Kit](t)(vault.ParseKit(paper))
			must(t, v.CheckKit(ctx, kit))
			anew := filepath.Join(t.TempDir(), "root.key")
			get[*vault.KeyFile](t)(vault.RecoverRoot(ctx, kit, p.Keys, anew))
			if st := get[os.FileInfo](t)(os.Stat(anew)); st.Mode().Perm() != 0o600 {
				t.Errorf("the recovered key file has mode %v", st.Mode())
			}
			s.holds(t, get[*vault.Vault](t)(open(t, p.Keys, anew)))
			if _, err := vault.RecoverRoot(ctx, kit, p.Keys, anew); !fault.Is(err, fault.Conflict) {
				t.Errorf("a key file was written over: %v", err)
			}
			if rotations < 2 {
				must(t, v.Rotate(ctx, nil))
			}
		}
	})
}

func TestKitIsCheckedByTypingItBack(t *testing.T) {
	p := dbtest.Open(t, db.SQLite)
	v := get[*vault.Vault](t)(open(t, p.Keys, newFile(t)))
	k := get[*vault.Kit](t)(v.NewKit(ctx))
	groups := groupsOf(k.Text())
	for i, g := range groups {
		if !k.Check(i+1, " "+strings.ToLower(g)+"\n") || k.Check(i+1, g[:len(g)-1]) || k.Check(i+1, "QQQQQQ") {
			t.Errorf("group %d (%d letters) is not checked rightly", i+1, len(g))
		}
	}
	if k.Check(0, "") || k.Check(len(groups)+1, "") || k.Ask() < 1 || k.Ask() > len(groups) {
		t.Error("a group that is not there was asked for or accepted")
	}
	if ks := get[[]vault.KitState](t)(v.Kits(ctx)); len(ks) != 1 || !ks[0].Checked.IsZero() {
		t.Fatalf("got %+v", ks)
	}
	must(t, v.Confirmed(ctx, k))
	if ks := get[[]vault.KitState](t)(v.Kits(ctx)); ks[0].Checked != p.Clock.Now() {
		t.Error("the check was not noted")
	}
}

// groupsOf are the letters on the paper, without the words and numbers around them.
func groupsOf(text string) (out []string) {
	for line := range strings.Lines(text) {
		w := strings.Fields(line)
		for i := 0; i+1 < len(w) && strings.Trim(w[0], "0123456789") == ""; i += 2 {
			out = append(out, w[i+1])
		}
	}
	return out
}

func TestKitIsReadAsPeopleTypeIt(t *testing.T) {
	p := dbtest.Open(t, db.SQLite)
	v := get[*vault.Vault](t)(open(t, p.Keys, newFile(t)))
	k := get[*vault.Kit](t)(v.NewKit(ctx))
	letters := strings.Join(groupsOf(k.Text()), "")
	for _, typed := range []string{k.Text(), letters, strings.ToLower(letters), strings.Join(groupsOf(k.Text()), " \n"),
		"AGE-SECRET-KEY-PQ-" + letters, strings.ReplaceAll(k.Text(), "\n", "\r\n")} {
		must(t, v.CheckKit(ctx, get[*vault.Kit](t)(vault.ParseKit(typed))))
	}
	wrong := []byte(letters)
	wrong[10] = map[bool]byte{true: 'Q', false: 'P'}[wrong[10] == 'P']
	for _, typed := range []string{"", "x", string(wrong), letters[1:], letters + letters, strings.Repeat("Q", 9000)} {
		if _, err := vault.ParseKit(typed); !fault.Is(err, fault.Invalid) || strings.Contains(fmt.Sprint(err), letters[20:40]) {
			t.Errorf("%.20q: %v", typed, err)
		}
	}
}

// V16.2.5: a kit reaches a terminal or a private file, and nothing else.
func TestKitIsNeverPrinted_V16_2_5(t *testing.T) {
	p := dbtest.Open(t, db.SQLite)
	v := get[*vault.Vault](t)(open(t, p.Keys, newFile(t)))
	k := get[*vault.Kit](t)(v.NewKit(ctx))
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if out := fmt.Sprintf(verb+verb, k, *k); strings.Contains(out, groupsOf(k.Text())[3]) {
			t.Errorf("%s shows the kit", verb)
		}
	}
	out := get[*os.File](t)(os.Create(filepath.Join(t.TempDir(), "log")))
	defer func() { _ = out.Close() }()
	if err := k.Show(out); !fault.Is(err, fault.Invalid) {
		t.Errorf("shown on something that is no terminal: %v", err)
	}
	path := filepath.Join(t.TempDir(), "kit.txt")
	must(t, k.WriteFile(path))
	if st := get[os.FileInfo](t)(os.Stat(path)); st.Mode().Perm() != 0o600 {
		t.Errorf("the kit's file has mode %v", st.Mode())
	}
	must(t, v.CheckKit(ctx, get[*vault.Kit](t)(vault.ParseKit(string(get[[]byte](t)(os.ReadFile(path)))))))
	if err := k.WriteFile(path); !fault.Is(err, fault.Conflict) {
		t.Errorf("a kit's file was written over: %v", err)
	}
}

func TestForeignAndDroppedKitsOpenNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		other := dbtest.Open(t, db.SQLite)
		v, w := get[*vault.Vault](t)(open(t, p.Keys, newFile(t))), get[*vault.Vault](t)(open(t, other.Keys, newFile(t)))
		k, foreign := get[*vault.Kit](t)(v.NewKit(ctx)), get[*vault.Kit](t)(w.NewKit(ctx))
		if err := v.CheckKit(ctx, foreign); !fault.Is(err, fault.NotFound) {
			t.Errorf("a foreign kit was accepted: %v", err)
		}
		must(t, v.DropKit(ctx, get[[]vault.KitState](t)(v.Kits(ctx))[0].ID))
		must(t, v.Rotate(ctx, nil))
		if _, err := vault.RecoverRoot(ctx, k, p.Keys, filepath.Join(t.TempDir(), "x")); !fault.Is(err, fault.NotFound) {
			t.Errorf("a dropped kit opened the store: %v", err)
		}
	})
}

// Key backups are sealed to the kit.
func TestRecipientsSealToTheKit(t *testing.T) {
	p := dbtest.Open(t, db.SQLite)
	v := get[*vault.Vault](t)(open(t, p.Keys, newFile(t)))
	k := get[*vault.Kit](t)(v.NewKit(ctx))
	var b bytes.Buffer
	w := get[io.WriteCloser](t)(age.Encrypt(&b, get[[]age.Recipient](t)(v.Recipients(ctx))...))
	get[int](t)(w.Write([]byte("backup")))
	must(t, w.Close())
	identity := get[*age.HybridIdentity](t)(age.ParseHybridIdentity("AGE-SECRET-KEY-PQ-" + strings.Join(groupsOf(k.Text()), "")))
	r := get[io.Reader](t)(age.Decrypt(&b, identity))
	if got := get[[]byte](t)(io.ReadAll(r)); string(got) != "backup" {
		t.Errorf("got %q", got)
	}
}

func FuzzKit(f *testing.F) {
	f.Add("STRONGROOM RECOVERY KIT\n 1 AAAAAA 2 BBBBBB\n")
	f.Add("AGE-SECRET-KEY-PQ-1QQQQ")
	f.Fuzz(func(t *testing.T, text string) {
		if k, err := vault.ParseKit(text); err == nil {
			if _, err := vault.ParseKit(k.Text()); err != nil {
				t.Error("a kit that was read cannot be written")
			}
		}
	})
}
