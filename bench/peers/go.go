// A range as a goroutine that sends on a channel, which is what Go had for it before iter.Pull.
package main

import (
	"fmt"
	"os"
	"strconv"
	"time"
)

func numbers(stop, step int64) <-chan int64 {
	items := make(chan int64)
	go func() {
		for i := int64(0); i < stop; i += step {
			items <- i
		}
		close(items)
	}()
	return items
}

func sumOf(stop, step int64) uint64 {
	var sum uint64
	for x := range numbers(stop, step) {
		sum = sum*3 + uint64(x)
	}
	return sum
}

func main() {
	stop := int64(100000)
	if len(os.Args) > 1 {
		stop, _ = strconv.ParseInt(os.Args[1], 10, 64)
	}
	warm := sumOf(stop, 1)
	start := time.Now()
	sum := sumOf(stop, 1)
	ns := float64(time.Since(start).Nanoseconds())
	fmt.Printf("%.3f\n", ns/float64(stop))
	if sum != warm {
		os.Exit(1)
	}
}
