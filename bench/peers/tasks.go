// Goroutines on one P: ns for a switch by Gosched, ns for an item through a channel of 64, or bytes
// resident for each that sleeps. Usage: tasks switch|queue|memory N
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"
)

func switches(n int) float64 {
	var all sync.WaitGroup
	start := time.Now()
	for g := 0; g < 2; g++ {
		all.Add(1)
		go func() {
			for i := 0; i < n/2; i++ {
				runtime.Gosched()
			}
			all.Done()
		}()
	}
	all.Wait()
	return float64(time.Since(start).Nanoseconds()) / float64(n)
}

func queue(n int) float64 {
	items := make(chan int64, 64)
	start := time.Now()
	go func() {
		for i := 0; i < n; i++ {
			items <- int64(i)
		}
		close(items)
	}()
	var sum int64
	for x := range items {
		sum = sum*3 + x
	}
	return float64(time.Since(start).Nanoseconds()) / float64(n)
}

func resident() float64 {
	text, _ := os.ReadFile("/proc/self/statm")
	pages, _ := strconv.ParseFloat(strings.Fields(string(text))[1], 64)
	return pages * float64(os.Getpagesize())
}

func memory(n int) float64 {
	before := resident()
	for i := 0; i < n; i++ {
		go time.Sleep(time.Hour)
	}
	runtime.Gosched()
	for runtime.NumGoroutine() < n {
		runtime.Gosched()
	}
	return (resident() - before) / float64(n)
}

func main() {
	runtime.GOMAXPROCS(1)
	n, _ := strconv.Atoi(os.Args[2])
	what := map[string]func(int) float64{"switch": switches, "queue": queue, "memory": memory}
	fmt.Printf("%.3f\n", what[os.Args[1]](n))
}
