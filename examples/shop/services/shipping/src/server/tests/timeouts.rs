use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

use crate::server::Timeouts;
use crate::server::stream::{Pace, TimedStream};

const NEVER: Duration = Duration::from_secs(3600);
const SOON: Duration = Duration::from_millis(5);
const TIMEOUTS: Timeouts = Timeouts { header: NEVER, request: NEVER, idle: NEVER };

fn stream(timeouts: Timeouts) -> (TimedStream<DuplexStream>, DuplexStream, Arc<Pace>) {
    let (ours, theirs) = duplex(16);
    let pace = Arc::new(Pace::new(timeouts));
    (TimedStream::new(ours, Arc::clone(&pace)), theirs, pace)
}

async fn times_out(stream: &mut TimedStream<DuplexStream>) -> bool {
    matches!(stream.read_u8().await, Err(error) if error.kind() == ErrorKind::TimedOut)
}

#[tokio::test]
async fn a_connection_without_a_request_ends() {
    let (mut stream, _client, _) = stream(Timeouts { header: SOON, ..TIMEOUTS });
    assert!(times_out(&mut stream).await);
}

#[tokio::test]
async fn an_idle_connection_ends() {
    let (mut stream, _client, pace) = stream(Timeouts { idle: SOON, ..TIMEOUTS });
    drop(pace.request());
    assert!(times_out(&mut stream).await);
}

#[tokio::test]
async fn the_time_of_a_header_begins_with_its_first_byte() {
    let (mut stream, mut client, pace) = stream(Timeouts { header: SOON, ..TIMEOUTS });
    drop(pace.request());
    client.write_all(b"GET").await.unwrap();
    stream.read_exact(&mut [0; 3]).await.unwrap();
    assert!(times_out(&mut stream).await);
}

#[tokio::test]
async fn a_request_ends_when_nothing_moves() {
    let (mut stream, _client, pace) = stream(Timeouts { request: SOON, ..TIMEOUTS });
    let _request = pace.request();
    assert!(times_out(&mut stream).await);
    // More than the client takes without reading.
    let error = stream.write_all(&[0; 100]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
}
