package vault

import (
	"context"
	"fmt"
	"os"

	"strongroom/base/db"
)

// RotateForKill is the child of TestRotationSurvivesSIGKILL: it opens the store named in the environment and rotates
// until it is killed, telling every step on its output.
func RotateForKill() bool {
	dsn, file := os.Getenv("STRONGROOM_KILL_KEYS"), os.Getenv("STRONGROOM_KILL_FILE")
	if dsn == "" {
		return false
	}
	if err := rotateForKill(dsn, file); err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	return true
}

func rotateForKill(dsn, file string) error {
	ctx := context.Background()
	keys, err := db.Open(ctx, db.Options{DSN: dsn, Erase: true})
	if err != nil {
		return err
	}
	root, err := OpenKeyFile(file)
	if err != nil {
		return err
	}
	v, err := Open(ctx, Options{Keys: keys, Root: root})
	if err != nil {
		return err
	}
	for {
		v.halt = func(point string) error {
			fmt.Println("at", point)
			return nil
		}
		if err := v.Rotate(ctx, nil); err != nil {
			return err
		}
	}
}
