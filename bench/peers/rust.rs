// A range as a Rust iterator.
use std::arch::asm;
use std::time::Instant;

struct Range {
    i: i64,
    stop: i64,
    step: i64,
}

impl Iterator for Range {
    type Item = i64;
    fn next(&mut self) -> Option<i64> {
        if self.i >= self.stop {
            return None;
        }
        let item = self.i;
        self.i += self.step;
        Some(item)
    }
}

#[inline(never)]
fn sum_of(stop: i64, step: i64) -> u64 {
    let mut sum: u64 = 0;
    for x in (Range { i: 0, stop, step }) {
        sum = sum.wrapping_mul(3).wrapping_add(x as u64);
        unsafe { asm!("/* {0} */", inout(reg) sum, options(nostack, preserves_flags)) };
    }
    sum
}

fn main() {
    let stop: i64 = std::env::args().nth(1).and_then(|s| s.parse().ok()).unwrap_or(1000000);
    let step = std::env::args().count().min(1) as i64;
    let warm = sum_of(stop, step);
    let start = Instant::now();
    let sum = sum_of(stop, step);
    let ns = start.elapsed().as_nanos() as f64;
    println!("{:.3}", ns / stop as f64);
    assert!(sum == warm && sum != 0);
}
