// Tasks of tokio on the current thread: ns for a switch by yield_now, ns for an item through a channel
// of 64, or bytes resident for each that sleeps. Usage: tasks switch|queue|memory N
use std::time::{Duration, Instant};

async fn switches(n: usize) -> f64 {
    let start = Instant::now();
    let spin = || async move {
        for _ in 0..n / 2 {
            tokio::task::yield_now().await;
        }
    };
    let (a, b) = (tokio::spawn(spin()), tokio::spawn(spin()));
    a.await.unwrap();
    b.await.unwrap();
    start.elapsed().as_nanos() as f64 / n as f64
}

async fn queue(n: usize) -> f64 {
    let (put, mut get) = tokio::sync::mpsc::channel::<i64>(64);
    let start = Instant::now();
    tokio::spawn(async move {
        for i in 0..n {
            put.send(i as i64).await.unwrap();
        }
    });
    let mut sum = 0i64;
    while let Some(x) = get.recv().await {
        sum = sum.wrapping_mul(3).wrapping_add(x);
    }
    if sum == 42 {
        println!("{}", sum); // so that it is wanted
    }
    start.elapsed().as_nanos() as f64 / n as f64
}

fn resident() -> f64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    text.split(' ').nth(1).unwrap().parse::<f64>().unwrap() * 4096.0
}

async fn memory(n: usize) -> f64 {
    let before = resident();
    for _ in 0..n {
        tokio::spawn(tokio::time::sleep(Duration::from_secs(3600)));
    }
    tokio::task::yield_now().await;
    (resident() - before) / n as f64
}

fn main() {
    let what = std::env::args().nth(1).unwrap();
    let n = std::env::args().nth(2).unwrap().parse().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let result = runtime.block_on(async {
        match what.as_str() {
            "switch" => switches(n).await,
            "queue" => queue(n).await,
            _ => memory(n).await,
        }
    });
    println!("{:.3}", result);
    std::process::exit(0);
}
