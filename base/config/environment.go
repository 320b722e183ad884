package config

import (
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// prefix of the environment variables that are ours.
const prefix = "STRONGROOM_"

// Keys are all keys of the file: "shop.name", "mail.port" and so on.
func Keys() []string {
	var keys []string
	for _, f := range fields(Defaults()) {
		keys = append(keys, f.key)
	}
	return keys
}

// sections are the names of the file's tables.
func sections() []string {
	var names []string
	for _, key := range Keys() {
		name, _, _ := strings.Cut(key, ".")
		names = append(names, name)
	}
	return slices.Compact(names)
}

// Variable is the environment variable of a key.
func Variable(key string) string {
	return prefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// field is one key with the place of its value.
type field struct {
	key   string
	value reflect.Value
}

// fields lists the keys of a configuration by its toml tags.
func fields(c *Config) []field {
	var out []field
	sections := reflect.ValueOf(c).Elem()
	for i := range sections.NumField() {
		section := sections.Type().Field(i).Tag.Get("toml")
		if section == "" {
			continue
		}
		values := sections.Field(i)
		for j := range values.NumField() {
			out = append(out, field{section + "." + values.Type().Field(j).Tag.Get("toml"), values.Field(j)})
		}
	}
	return out
}

// applyEnvironment puts the STRONGROOM_* variables over what the file said. Those for tests are left alone.
func (c *Config) applyEnvironment(environ []string) Problems {
	known := map[string]field{}
	var names []string
	for _, f := range fields(c) {
		known[Variable(f.key)] = f
		names = append(names, Variable(f.key))
	}
	var ps Problems
	for _, e := range environ {
		name, value, _ := strings.Cut(e, "=")
		if !strings.HasPrefix(name, prefix) || strings.HasPrefix(name, prefix+"TEST_") || name == prefix+"CONFIG" {
			continue
		}
		if p, bad := c.applyVariable(known, names, name, value); bad {
			ps = append(ps, p)
		}
	}
	slices.SortFunc(ps, func(a, b Problem) int { return strings.Compare(a.Key, b.Key) })
	return ps
}

func (c *Config) applyVariable(known map[string]field, names []string, name, value string) (Problem, bool) {
	f, ok := known[name]
	base, isFile := strings.CutSuffix(name, "_FILE")
	if !ok && isFile {
		if f, ok = known[base]; ok {
			if _, secret := f.value.Addr().Interface().(*Secret); !secret {
				return Problem{Key: name, What: base + " is no secret and is not read from a file",
					Do: "Set " + base + " itself."}, true
			}
			value = "file:" + absolute(value)
		}
	}
	if !ok {
		p := Problem{Key: name, What: "is no variable that this program knows", Do: "Unset it."}
		if near := nearest(name, names); near != "" {
			p.Do = "Did you mean " + near + "?"
		}
		return p, true
	}
	if err := set(f.value, value); err != nil {
		return Problem{Key: name, What: err.Error(), Do: "Correct the variable."}, true
	}
	return Problem{}, false
}

// absolute reads a variable's path from where the program was started.
func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

// set reads a variable's text into a field; lists are separated by commas.
func set(v reflect.Value, text string) error {
	if s, ok := v.Addr().Interface().(*Secret); ok {
		return s.UnmarshalText([]byte(text))
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("must be a whole number")
		}
		v.SetInt(int64(n))
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("must be true or false")
		}
		v.SetBool(b)
	case reflect.Slice:
		var list []string
		for part := range strings.SplitSeq(text, ",") {
			if part = strings.TrimSpace(part); part != "" {
				list = append(list, part)
			}
		}
		v.Set(reflect.ValueOf(list))
	}
	return nil
}
