package rig

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"syscall"
	"time"

	"strongroom/tools/balancer"
)

// node is one process of the program.
type node struct {
	cmd  *exec.Cmd
	end  chan error
	env  []string
	back *balancer.Backend // nil where it is alone and has the shop's port itself
}

// Cluster makes the store several processes behind a balancer, which has the shop's port. It is called before Start.
func (r *Rig) Cluster(n int) {
	r.t.Helper()
	if r.front != nil {
		return // it is one already
	}
	u, err := url.Parse(r.Shop)
	r.must(err)
	ln, err := net.Listen("tcp", "127.0.0.1:"+u.Port())
	r.must(err)
	r.front = balancer.Start(ln, u.Hostname(), r.set.Certificate, r.Roots, nil, r.Log)
	r.t.Cleanup(r.front.Close)
	r.nodes = nil
	var backs []*balancer.Backend
	for range n {
		public, private := fmt.Sprintf("127.0.0.1:%d", FreePort(r.t)), fmt.Sprintf("127.0.0.1:%d", FreePort(r.t))
		back := &balancer.Backend{Listen: public, Private: "http://" + private}
		r.nodes = append(r.nodes, &node{back: back, env: []string{"STRONGROOM_SERVER_LISTEN=" + public, "STRONGROOM_SERVER_PRIVATE_LISTEN=" + private}})
		backs = append(backs, back)
	}
	r.front.Use(backs...)
}

// Nodes is how many processes the store has.
func (r *Rig) Nodes() int { return len(r.nodes) }

// Asked is how many requests each process of a cluster got.
func (r *Rig) Asked() (n []int64) {
	for _, one := range r.nodes {
		n = append(n, one.back.Asked())
	}
	return n
}

// Statuses is how many answers of each status a cluster's shoppers got.
func (r *Rig) Statuses() map[int]int64 { return r.front.Statuses() }

// Start runs the program, all its processes at once, and waits until it answers.
func (r *Rig) Start() {
	r.t.Helper()
	if err := r.TryStart(); err != nil {
		r.t.Fatal(err)
	}
}

// TryStart is Start for a program that may refuse to.
func (r *Rig) TryStart() error {
	for i := range r.nodes {
		if err := r.launch(i); err != nil {
			return err
		}
	}
	return r.answers(r.nodes...)
}

// StartOne starts one process of a cluster again and waits until the balancer asks it.
func (r *Rig) StartOne(i int) {
	r.t.Helper()
	r.must(r.launch(i))
	r.must(r.answers(r.nodes[i]))
}

func (r *Rig) launch(i int) error {
	n := r.nodes[i]
	n.cmd = exec.Command(r.bin, "serve", "--config", r.Config)
	n.cmd.Env, n.cmd.Stdout, n.cmd.Stderr = append(r.env[:len(r.env):len(r.env)], n.env...), r.Log, r.Log
	if err := n.cmd.Start(); err != nil {
		return err
	}
	end := make(chan error, 1)
	n.end = end
	go func(c *exec.Cmd) { end <- c.Wait() }(n.cmd)
	return nil
}

// answers asks the home page until it comes and the processes are ready, or one has ended.
func (r *Rig) answers(nodes ...*node) error {
	client := &http.Client{Transport: transport(r.Roots), Timeout: 2 * time.Second}
	defer client.CloseIdleConnections()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(60 * time.Second)
	for {
		ready := true
		for _, n := range nodes {
			ready = ready && (n.back == nil || n.back.Ready())
			select {
			case err := <-n.end:
				n.end <- err
				return fmt.Errorf("the program ended: %w\n%s", err, r.Log.Tail())
			default:
			}
		}
		if resp, err := client.Get(r.Shop + "/en/"); err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK && ready {
				return nil
			}
		}
		select {
		case <-limit:
			return fmt.Errorf("the program did not answer within a minute\n%s", r.Log.Tail())
		case <-tick.C:
		}
	}
}

// Kill ends the program at once, with no chance to tidy up.
func (r *Rig) Kill() {
	for i := range r.nodes {
		r.KillOne(i)
	}
}

// KillOne ends one process of a cluster at once.
func (r *Rig) KillOne(i int) {
	n := r.nodes[i]
	if n.cmd == nil || n.cmd.Process == nil {
		return
	}
	_ = n.cmd.Process.Kill()
	<-n.end
	n.cmd = nil
}

// Stop ends the program as an operator would, and returns how it ended.
func (r *Rig) Stop() error {
	var all []error
	for _, n := range r.nodes {
		if n.cmd == nil {
			return errors.New("it does not run")
		}
		_ = n.cmd.Process.Signal(syscall.SIGTERM)
		all = append(all, <-n.end)
		n.cmd = nil
	}
	return errors.Join(all...)
}

// Use takes another build of the program for the next start, and returns the one that was used.
func (r *Rig) Use(bin string) (was string) {
	was, r.bin = r.bin, bin
	return was
}

// PID is the running program's process, the first one of a cluster.
func (r *Rig) PID() int { return r.nodes[0].cmd.Process.Pid }
