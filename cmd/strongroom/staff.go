package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"strongroom/base/id"
	"strongroom/cmd/strongroom/app"
	"strongroom/guard/access"
	"strongroom/guard/staff"
	"strongroom/guard/vault"
)

// setUp prints the link of the first owner. It is told on the console only, never in the log.
func (t *terminal) setUp(s app.SetUp) {
	if s.URL == "" {
		return
	}
	t.printf("\n  %s\n  %s\n  It works once, until %s, and only while this program runs.\n",
		t.paint(t.out, "1", "Nobody owns this store yet. Open this link to become its owner:"), s.URL, s.Until.Local().Format("15:04"))
}

type staffCommand struct {
	List   staffListCommand   `cmd:"" help:"List who works here."`
	Invite staffInviteCommand `cmd:"" help:"Invite somebody by mail."`
	Remove staffRemoveCommand `cmd:"" help:"Have somebody leave; she is out with her next request."`
}

type staffListCommand struct {
	configFlag
	Gone bool `help:"Those who left."`
	JSON bool `help:"Print one line of JSON for each member."`
}

// staffReport is a member as --json prints it: names and addresses as masks.
type staffReport struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Email   string    `json:"email"`
	Role    string    `json:"role"`
	State   string    `json:"state"`
	Seen    time.Time `json:"seen"`
	Dormant bool      `json:"dormant"`
	Ends    time.Time `json:"ends"`
}

// Run lists the staff, with masks.
func (c staffListCommand) Run(ctx context.Context, t *terminal) error {
	s, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	list, err := s.Staff.Members(ctx, access.Console(), c.Gone)
	if err != nil {
		return err
	}
	for _, m := range list {
		r := staffReport{m.ID.String(), m.Name.Mask(), m.Email, m.Role.Name, m.State.String(), m.Seen, m.Dormant, m.Ends}
		if c.JSON {
			if err := t.json(r); err != nil {
				return err
			}
			continue
		}
		dormant := map[bool]string{true: "  (not seen for 90 days)"}[m.Dormant]
		t.printf("%s  %-12s %-30s %-12s %s%s\n", r.ID, r.Name, r.Email, r.Role, r.State, dormant)
	}
	if len(list) == 0 && !c.JSON {
		t.printf("Nobody. The first owner comes in by the link that \"strongroom serve\" prints.\n")
	}
	return nil
}

type staffInviteCommand struct {
	configFlag
	Name     string `required:"" placeholder:"NAME" help:"How colleagues call the person."`
	Email    string `required:"" placeholder:"ADDRESS" help:"Where the invitation goes."`
	Role     string `required:"" placeholder:"ROLE" help:"manager, catalogue, fulfilment, support, accounting, auditor or helper."`
	Until    string `placeholder:"DAY" help:"Last day, as 2026-12-31; the role helper needs one, at most 90 days away."`
	Language string `placeholder:"TAG" help:"Language of the mails."`
}

// Help is shown by --help.
func (staffInviteCommand) Help() string {
	return `Mails a link that works once, within three days. Who opens it enrols a passkey, or an authenticator app beside a
password, before the first page. Owners are made among those who work here already, by two people.

Example:
  strongroom staff invite --name "Eva Brandt" --email eva@example.org --role support`
}

// Run invites somebody.
func (c staffInviteCommand) Run(ctx context.Context, t *terminal) error {
	if !slices.ContainsFunc(access.BuiltIn(), func(r access.Role) bool { return r.Name == c.Role }) {
		return usageError{fmt.Errorf("--role: there is no role %q", c.Role)}
	}
	s, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	a := staff.Assignment{Role: c.Role}
	if c.Until != "" {
		day, err := time.ParseInLocation(time.DateOnly, c.Until, s.Shop().TimeZone)
		if err != nil {
			return usageError{errors.New("--until wants a day such as 2026-12-31")}
		}
		a.Ends = day.AddDate(0, 0, 1)
	}
	m, err := s.Staff.Invite(ctx, access.Console(), staff.Person{Name: c.Name, Email: vault.Typed(strings.TrimSpace(c.Email)), Language: c.Language}, a)
	if err != nil {
		return err
	}
	t.printf("Invited: %s. The mail goes out when the store runs.\n", m)
	return nil
}

type staffRemoveCommand struct {
	configFlag
	ID string `arg:"" help:"Id as \"staff list\" shows it."`
}

// Run removes somebody.
func (c staffRemoveCommand) Run(ctx context.Context, t *terminal) error {
	v, err := id.Parse(c.ID)
	if err != nil {
		return usageError{err}
	}
	s, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Staff.Remove(ctx, access.Console(), v); err != nil {
		return err
	}
	t.printf("Removed. She is out with her next request.\n")
	return nil
}

type ownerCommand struct {
	Recover ownerRecoverCommand `cmd:"" help:"Take an owner's ways of signing in away and print a link to enrol new ones."`
}

type ownerRecoverCommand struct {
	configFlag
	ID   string `arg:"" optional:"" help:"Id of the owner; not needed where there is one only."`
	File string `placeholder:"FILE" type:"existingfile" help:"Read the recovery kit from this file instead of the terminal."`
}

// Help is shown by --help.
func (ownerRecoverCommand) Help() string {
	return `For an owner who has lost every way of signing in. Needs this machine's console and the recovery kit. The owner's
passkeys, password, app and recovery codes are taken away, her sessions end, and a link is printed that works once within
30 minutes. All owners and the address outside the store are told, and it stands in the audit log.

Example:
  strongroom owner recover --config /srv/shop/strongroom.toml`
}

// Run recovers an owner.
func (c ownerRecoverCommand) Run(ctx context.Context, t *terminal) error {
	kit, err := readKit(t, c.File)
	if err != nil {
		return err
	}
	s, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	if s.Shop().AdminURL == "" {
		return &app.Error{Kind: app.BadConfig, What: "the store has no address for its desk", Do: "Set server.admin_url in the configuration."}
	}
	owner, err := c.owner(ctx, s)
	if err != nil {
		return err
	}
	token, until, err := s.Staff.RecoverOwner(ctx, access.Console(), kit, owner)
	if err != nil {
		return err
	}
	t.printf("Open this link to enrol new ways of signing in. It works once, until %s:\n%s\n", until.Local().Format("15:04"),
		s.Shop().AdminURL+"/enter/"+token.Clear())
	return nil
}

// owner is who is meant: the one that was named, or the only one.
func (c ownerRecoverCommand) owner(ctx context.Context, s *app.Store) (id.ID, error) {
	if c.ID != "" {
		v, err := id.Parse(c.ID)
		if err != nil {
			return v, usageError{err}
		}
		return v, nil
	}
	list, err := s.Staff.Owners(ctx, access.Console())
	if err != nil {
		return id.ID{}, err
	}
	if len(list) != 1 {
		return id.ID{}, usageError{fmt.Errorf("there are %d owners: name one, as \"strongroom staff list\" shows it", len(list))}
	}
	return list[0].ID, nil
}
