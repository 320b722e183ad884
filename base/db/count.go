package db

import (
	"context"
	"errors"
	"fmt"
)

// CountLimit is where Rows stops counting, so that it costs little on large tables.
const CountLimit = 1_000_000

// Rows counts the rows of tables up to CountLimit. The names come from the program; a table that is not there is left
// out.
func (d *DB) Rows(ctx context.Context, tables []string) (map[string]int64, error) {
	if err := d.Ping(ctx); err != nil {
		return nil, err
	}
	out := map[string]int64{}
	for _, t := range tables {
		if !tableName.MatchString(t) {
			return nil, errors.New("db: no name of a table")
		}
		var n int64
		q := fmt.Sprintf(`SELECT COUNT(*) FROM (SELECT 1 FROM %s LIMIT %d) AS counted`, t, CountLimit)
		if err := d.pool.QueryRowContext(ctx, q).Scan(&n); err == nil {
			out[t] = n
		}
	}
	return out, nil
}
