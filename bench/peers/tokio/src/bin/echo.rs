// The echo server with tokio's tasks on the current thread. Usage: echo [port]
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

async fn echo(mut stream: TcpStream) -> std::io::Result<()> {
    let mut data = vec![0u8; 16384];
    stream.set_nodelay(true)?;
    loop {
        let n = stream.read(&mut data).await?;
        if n == 0 {
            return Ok(());
        }
        stream.write_all(&data[..n]).await?;
    }
}

fn main() -> std::io::Result<()> {
    let port: u16 = std::env::args().nth(1).map_or(0, |text| text.parse().unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        println!("listening on {}", listener.local_addr()?);
        loop {
            let (stream, _) = listener.accept().await?;
            tokio::spawn(echo(stream));
        }
    })
}
