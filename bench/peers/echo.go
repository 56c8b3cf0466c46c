// The echo server with goroutines on one P. Usage: echo [port [bytes of the buffer]]
package main

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"strconv"
)

func argument(i int, otherwise int) int {
	if len(os.Args) <= i {
		return otherwise
	}
	n, err := strconv.Atoi(os.Args[i])
	if err != nil {
		panic(err)
	}
	return n
}

func echo(c net.Conn, size int) {
	defer c.Close()
	data := make([]byte, size)
	for {
		n, err := c.Read(data)
		if err != nil {
			return
		}
		if _, err = c.Write(data[:n]); err != nil {
			return
		}
	}
}

func main() {
	runtime.GOMAXPROCS(1)
	l, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", argument(1, 0)))
	if err != nil {
		panic(err)
	}
	fmt.Printf("listening on %s\n", l.Addr())
	size := argument(2, 16384)
	for {
		c, err := l.Accept() // which sets TCP_NODELAY
		if err != nil {
			panic(err)
		}
		go echo(c, size)
	}
}
