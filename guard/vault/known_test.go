package vault

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"

	"strongroom/base/id"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The formats are permanent: what these bytes say was sealed once must open with every later version.
// The answers were computed with two other implementations (Python's and Node's). V11.3.2, V11.3.3,
// V11.2.3: AES-256-GCM with the whole tag.
func TestKnownAnswers_V11_3_3(t *testing.T) {
	key := bytes.Repeat([]byte{0x42}, 32)
	aead, err := newGCM(key)
	if err != nil {
		t.Fatal(err)
	}
	subject, row := id.ID{0: 1, 15: 2}, id.ID{0: 3, 15: 4}
	f := Field{Number: 100, Purpose: Fulfilment, Mask: MaskEmail}
	k := subjectKey{aead: aead, version: 1}
	head := append([]byte{formatField, 0, 1}, bytes.Repeat([]byte{7}, nonceSize)...)
	const want = "01000107070707070707070707070719863cecd08913965338891ebe344b17d9222f2171b2d867452bcc6d0249e4"
	got := hex.EncodeToString(sealWith(k, f, subject, row, "ada@example.com", append(make([]byte, 0, 64), head...)))
	if got != want {
		t.Errorf("a sealed field is\n%s, want\n%s", got, want)
	}
	if got, want := hex.EncodeToString(fieldAD(nil, f, subject, row, 1)), "7374726f6e67726f6f6d206669656c642031"+"0064"+"02"+"0001"+hex.EncodeToString(subject[:])+hex.EncodeToString(row[:]); got != want {
		t.Errorf("the associated data is\n%s, want\n%s", got, want)
	}
	r := &ring{chain: []link{{1, key}, {2, bytes.Repeat([]byte{0x43}, 32)}}}
	now, before := r.lastTwo(100, "ada@example.com")
	if hex.EncodeToString(before) != "1f5c2063c483fad3de08ad1440e4fcb76007043aaacef01c6abc74b0b1d66ac8" || hex.EncodeToString(now) != "b50e2c933259740f0182994b2ed3dab3591ff6f7c93354fa3c65c27bbb72528d" {
		t.Errorf("the look-up hashes are %x and %x", before, now)
	}
	if got := hex.EncodeToString(r.label(kindMAC, key, "order")); got != "8890787c62d1633ddf5cb32eb46a6834fddff691a06f6255209d08864dc97e80" {
		t.Errorf("a label's key is %s", got)
	}
	var root rootSecret
	copy(root.key[:], key)
	if got := hex.EncodeToString(root.id()); got != "fcea446087ac7d22" {
		t.Errorf("the root key's id is %s", got)
	}
	if back, err := parseKeyFile(keyFileText(root), "x"); err != nil || back != root {
		t.Errorf("the key file reads back as another key: %v", err)
	}
}

type wycheproof struct {
	TestGroups []struct {
		IVSize, TagSize, KeySize int
		Tests                    []struct {
			TcID                               int
			Key, IV, AAD, Msg, CT, Tag, Result string
			Ikm, Salt, Info, Okm               string
			Size                               int
		}
	}
}

// vectors reads a file of vectors from beside the project, and says so when it is not there.
func vectors(t *testing.T, name string) (w wycheproof) {
	t.Helper()
	b, err := os.ReadFile("../../../shared/data/wycheproof/" + name)
	if err != nil {
		t.Logf("%s is not here: only the known answers of our own were checked", name)
		return w
	}
	if err := json.Unmarshal(b, &w); err != nil {
		t.Fatal(err)
	}
	return w
}

// The standard library's AES-GCM stands Wycheproof's vectors (V11.2.1).
func TestWycheproofAESGCM(t *testing.T) {
	w, n := vectors(t, "aes_gcm_test.json"), 0
	for _, g := range w.TestGroups {
		if g.KeySize != 256 || g.IVSize != 96 || g.TagSize != 128 {
			continue // the vault uses no others
		}
		for _, c := range g.Tests {
			aead, err := newGCM(unhex(t, c.Key))
			if err != nil {
				t.Fatal(err)
			}
			plain, err := aead.Open(nil, unhex(t, c.IV), unhex(t, c.CT+c.Tag), unhex(t, c.AAD))
			if (err == nil) != (c.Result == "valid") || err == nil && hex.EncodeToString(plain) != c.Msg {
				t.Errorf("vector %d (%s): %v", c.TcID, c.Result, err)
			}
			n++
		}
	}
	if w.TestGroups != nil && n < 50 {
		t.Errorf("only %d vectors fit", n)
	}
}

func TestWycheproofHMAC(t *testing.T) {
	w, n := vectors(t, "hmac_sha256_test.json"), 0
	for _, g := range w.TestGroups {
		for _, c := range g.Tests {
			got := sum(unhex(t, c.Key), unhex(t, c.Msg))[:g.TagSize/8]
			if (hex.EncodeToString(got) == c.Tag) != (c.Result == "valid") {
				t.Errorf("vector %d (%s)", c.TcID, c.Result)
			}
			n++
		}
	}
	if w.TestGroups != nil && n < 50 {
		t.Errorf("only %d vectors fit", n)
	}
}

func TestWycheproofHKDF(t *testing.T) {
	w, n := vectors(t, "hkdf_sha256_test.json"), 0
	for _, g := range w.TestGroups {
		for _, c := range g.Tests {
			got, err := hkdf.Key(sha256.New, unhex(t, c.Ikm), unhex(t, c.Salt), string(unhex(t, c.Info)), c.Size)
			if ok := err == nil && hex.EncodeToString(got) == c.Okm; ok != (c.Result == "valid") {
				t.Errorf("vector %d (%s): %v", c.TcID, c.Result, err)
			}
			n++
		}
	}
	if w.TestGroups != nil && n < 50 {
		t.Errorf("only %d vectors fit", n)
	}
}

func FuzzSealedFormat(f *testing.F) {
	f.Add([]byte{1, 0, 1}, uint16(100))
	f.Add(append([]byte{1, 0, 1}, make([]byte, 40)...), uint16(1))
	f.Add(append([]byte{2, 0, 0, 0, 1}, make([]byte, 40)...), uint16(1))
	f.Fuzz(func(t *testing.T, b []byte, _ uint16) {
		if version, nonce, ct, err := parseField(b); err == nil {
			again := append([]byte{formatField, byte(version >> 8), byte(version)}, nonce...)
			if !bytes.Equal(append(again, ct...), b) {
				t.Error("a sealed field is not the sum of its parts")
			}
		}
		if version, ct, err := parseStore(b); err == nil {
			again := []byte{formatStore, byte(version >> 24), byte(version >> 16), byte(version >> 8), byte(version)}
			if !bytes.Equal(append(again, ct...), b) {
				t.Error("a sealed secret is not the sum of its parts")
			}
		}
	})
}

func FuzzKeyFile(f *testing.F) {
	f.Add(keyFileText(rootSecret{}))
	f.Add("strongroom root key 1\nid \nkey \nsum \n")
	f.Fuzz(func(t *testing.T, text string) {
		if r, err := parseKeyFile(text, "x"); err == nil {
			if back, err := parseKeyFile(keyFileText(r), "x"); err != nil || back != r {
				t.Error("a key that was read cannot be written")
			}
		}
	})
}
