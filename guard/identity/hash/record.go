package hash

import (
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
)

// record is a parsed PHC string.
type record struct {
	Params
	keyed uint8 // the pepper's version
	salt  []byte
	hash  []byte
}

// errRecord is what a stored record is that this package cannot have made. It says nothing of its content.
var errRecord = errors.New("hash: not a record of a password")

const maxRecord = 256

var b64 = base64.RawStdEncoding.Strict()

// String writes the record.
func (r record) String() string {
	return "$argon2id$v=19$m=" + strconv.FormatUint(uint64(r.Memory), 10) + ",t=" + strconv.FormatUint(uint64(r.Passes), 10) +
		",p=" + strconv.FormatUint(uint64(r.Lanes), 10) + ",keyid=" + b64.EncodeToString([]byte{r.keyed}) +
		"$" + b64.EncodeToString(r.salt) + "$" + b64.EncodeToString(r.hash)
}

// parse reads exactly what String writes. Another spelling of the same record is refused: nobody of ours wrote it.
func parse(s string) (record, error) {
	var r record
	parts := strings.Split(s, "$")
	if len(s) > maxRecord || len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != "v=19" {
		return r, errRecord
	}
	fields := strings.Split(parts[3], ",")
	if len(fields) != 4 {
		return r, errRecord
	}
	m, ok1 := number(fields[0], "m=", 32)
	t, ok2 := number(fields[1], "t=", 32)
	p, ok3 := number(fields[2], "p=", 8)
	key, ok4 := strings.CutPrefix(fields[3], "keyid=")
	if !ok1 || !ok2 || !ok3 || !ok4 {
		return r, errRecord
	}
	id, err1 := b64.DecodeString(key)
	salt, err2 := b64.DecodeString(parts[4])
	hash, err3 := b64.DecodeString(parts[5])
	if err := errors.Join(err1, err2, err3); err != nil || len(id) != 1 || len(salt) < 8 || len(salt) > 64 || len(hash) < 16 || len(hash) > 64 {
		return r, errRecord
	}
	r = record{Params{uint32(m), uint32(t), uint8(p)}, id[0], salt, hash}
	if r.check() != nil || r.String() != s {
		return record{}, errRecord
	}
	return r, nil
}

func number(s, name string, bits int) (uint64, bool) {
	digits, ok := strings.CutPrefix(s, name)
	n, err := strconv.ParseUint(digits, 10, bits)
	return n, ok && err == nil
}
