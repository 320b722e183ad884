package truststore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// distribution is how a family of systems takes authorities.
type distribution struct {
	name    string
	folder  string // where certificates are laid
	program string // what is run then
	put     []string
	remove  []string
}

// distributions are looked through in order; the first whose folder and program are there is the machine's.
var distributions = []distribution{
	{"the system (Debian, Ubuntu, Alpine)", "usr/local/share/ca-certificates", "update-ca-certificates", nil, []string{"--fresh"}},
	{"the system (Fedora, Red Hat)", "etc/pki/ca-trust/source/anchors", "update-ca-trust", []string{"extract"}, []string{"extract"}},
	{"the system (SUSE)", "etc/pki/trust/anchors", "update-ca-certificates", nil, nil},
	{"the system (Arch)", "etc/ca-certificates/trust-source/anchors", "trust", []string{"extract-compat"}, []string{"extract-compat"}},
}

// filePrefix begins the names of files that are ours.
const filePrefix = "strongroom-demo-"

// system is the store that most programs use, but not Firefox and Chromium.
func (m Machine) system() []Place {
	for _, d := range distributions {
		dir, program := filepath.Join(m.Root, d.folder), m.program(d.program)
		if info, err := os.Stat(dir); err != nil || !info.IsDir() || program == "" {
			continue
		}
		s := systemStore{m, d, dir, program}
		p := Place{Name: d.name, Shared: true, put: s.put, remove: s.remove, has: s.has,
			Will: fmt.Sprintf("writes %s and runs %s", filepath.Join(dir, filePrefix+"….crt"), strings.Join(append([]string{d.program}, d.put...), " ")),
			Gone: fmt.Sprintf("removes %s and runs %s", filepath.Join(dir, filePrefix+"*.crt"), strings.Join(append([]string{d.program}, d.remove...), " "))}
		if !writable(dir) {
			p.Missing = "only root may change it; run this again with sudo (and --data, since root has another folder)"
		}
		return []Place{p}
	}
	return nil
}

// writable tries; the rights of a folder alone do not tell.
func writable(dir string) bool {
	f, err := os.CreateTemp(dir, ".strongroom-*")
	if err != nil {
		return false
	}
	return errors.Join(f.Close(), os.Remove(f.Name())) == nil
}

type systemStore struct {
	m       Machine
	d       distribution
	dir     string
	program string
}

func (s systemStore) files() ([]string, error) {
	return filepath.Glob(filepath.Join(s.dir, filePrefix+"*.crt"))
}

func (s systemStore) has(context.Context) (bool, error) {
	files, err := s.files()
	return len(files) > 0, err
}

func (s systemStore) put(ctx context.Context, a Authority) error {
	path := filepath.Join(s.dir, filePrefix+a.id+".crt")
	if err := os.WriteFile(path, a.pem, 0o644); err != nil {
		return err
	}
	if err := os.Chmod(path, 0o644); err != nil { // whatever the process hides from others, this is for everybody
		return err
	}
	if _, err := s.m.run(ctx, nil, s.program, s.d.put...); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

func (s systemStore) remove(ctx context.Context, _ Authority) error {
	files, err := s.files()
	for _, f := range files {
		err = errors.Join(err, os.Remove(f))
	}
	if err != nil {
		return err
	}
	_, err = s.m.run(ctx, nil, s.program, s.d.remove...)
	return err
}
