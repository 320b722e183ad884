package catalog

import "context"

// ListStatement is the statement that List would send, for the test of its plan.
func ListStatement(ctx context.Context, s *Service, q Query) (string, []any, error) {
	l, err := s.listQuery(ctx, q)
	if err != nil {
		return "", nil, err
	}
	st := l.statement(-1)
	return st.String(), st.args, nil
}
