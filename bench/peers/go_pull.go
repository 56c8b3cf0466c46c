// A range as an iterator that is pulled from, by a coroutine switch: Go 1.23 and later.
package main

import (
	"fmt"
	"iter"
	"os"
	"strconv"
	"time"
)

func numbers(stop, step int64) iter.Seq[int64] {
	return func(yield func(int64) bool) {
		for i := int64(0); i < stop; i += step {
			if !yield(i) {
				return
			}
		}
	}
}

func sumOf(stop, step int64) uint64 {
	var sum uint64
	next, end := iter.Pull(numbers(stop, step))
	defer end()
	for x, ok := next(); ok; x, ok = next() {
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
