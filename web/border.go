package web

import (
	"bytes"
	"io"
	"net"
	"strconv"

	"mereon/schema/fault"
	"mereon/web/api"
)

// border is a listener whose connections refuse as JSON what net/http refuses by itself, before any handler is asked: lines,
// headers and encodings that are none of HTTP. It writes those answers in one piece, in a form that handlers never make.
type border struct{ net.Listener }

func (b border) Accept() (net.Conn, error) {
	conn, err := b.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &borderConn{conn}, nil
}

type borderConn struct{ net.Conn }

// ReadFrom lets files go from disk to network without a copy, as the connection itself would.
func (c *borderConn) ReadFrom(r io.Reader) (int64, error) {
	if direct, ok := c.Conn.(io.ReaderFrom); ok {
		return direct.ReadFrom(r)
	}
	return io.Copy(struct{ io.Writer }{c.Conn}, r)
}

func (c *borderConn) Write(text []byte) (int, error) {
	if refusal := refusalOf(text); refusal != nil {
		if _, err := c.Conn.Write(refusal); err != nil {
			return 0, err
		}
		return len(text), nil
	}
	return c.Conn.Write(text)
}

// What net/http writes where it refuses by itself.
//
// Source: net/http/server.go, errorHeaders and sendExpectationFailed.
var (
	refusalLine    = []byte("HTTP/1.1 ")
	refusalHeaders = []byte("\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n")
	noExpectation  = []byte("HTTP/1.1 417 ")
)

const longestRefusal = 512 // bytes of what net/http writes

// refusalOf returns what is sent instead of a refusal of net/http, nil for anything else.
func refusalOf(text []byte) []byte {
	if len(text) > longestRefusal || !bytes.HasPrefix(text, refusalLine) || !bytes.HasPrefix(text, noExpectation) && !bytes.Contains(text, refusalHeaders) {
		return nil
	}
	status, err := strconv.Atoi(string(text[len(refusalLine):min(len(text), len(refusalLine)+3)]))
	if err != nil || status < 400 {
		return nil
	}
	var b bytes.Buffer
	reason, _, _ := bytes.Cut(text[len(refusalLine):], []byte("\r\n"))
	reason, _, _ = bytes.Cut(reason, []byte(": ")) // what follows is the body's
	body := api.Refusal(refusedByHTTP(status))
	b.Write(refusalLine)
	b.Write(reason)
	b.WriteString("\r\nContent-Type: application/json; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n")
	b.Write(body)
	return b.Bytes()
}

func refusedByHTTP(status int) error {
	switch status {
	case 417:
		return fault.New(fault.Invalid, "the header Expect asks for what is not offered; leave it out")
	case 431:
		return fault.New(fault.Limit, "the headers are larger than %d bytes; send less, or use POST", maxHeaders)
	case 501:
		return fault.New(fault.Invalid, "the transfer encoding is not known; send the body with Content-Length or chunked")
	case 505:
		return fault.New(fault.Invalid, "this service speaks HTTP/1.1")
	}
	return fault.New(fault.Invalid, "this is no HTTP/1.1 request: its first line, its Host or another header cannot be read")
}
