package main

import (
	"bufio"
	"bytes"
	"net"
)

// takeMail starts a mail server that takes everything and keeps nothing, and returns its port. It knows just what a
// sender of mails says, and is cheap, because its time counts as the client's.
func takeMail() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	go func() { // ends with the program
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go sink(c)
		}
	}()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// sink talks to one sender until it hangs up.
func sink(c net.Conn) {
	defer func() { _ = c.Close() }()
	r := bufio.NewReaderSize(c, 16<<10)
	say := func(s string) bool { _, err := c.Write([]byte(s + "\r\n")); return err == nil }
	for ok := say("220 localhost"); ok; {
		line, err := r.ReadSlice('\n')
		if err != nil || len(line) < 4 {
			return
		}
		switch string(bytes.ToUpper(line[:4])) {
		case "EHLO":
			ok = say("250-localhost\r\n250 8BITMIME")
		case "DATA":
			ok = say("354 go on") && forget(r) && say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			ok = say("250 fine")
		}
	}
}

// forget reads a message to its end: a line that is only a dot.
func forget(r *bufio.Reader) bool {
	for {
		line, err := r.ReadSlice('\n')
		if err != nil && err != bufio.ErrBufferFull {
			return false
		}
		if len(line) == 3 && line[0] == '.' {
			return true
		}
	}
}
