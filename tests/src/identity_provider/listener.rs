//! The HTTP side, by hand: only so can answers be wrong in every way.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use super::{Endpoint, Failure, MAX_RECEIVED, Shared, pages, sign_in};

pub(super) async fn bind() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    (listener, address)
}

pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    // Dropped with this task, the set ends all connections.
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        let shared = Arc::clone(&shared);
        // A client that goes away early is none of our business.
        connections.spawn(async move { answer(stream, &shared).await });
    }
}

async fn answer(mut stream: TcpStream, shared: &Shared) -> io::Result<()> {
    let request = read_request(&mut stream).await?;
    let target = request.split(' ').nth(1).unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let endpoint = shared.personality.endpoint(path);
    let (failure, mut page) = {
        let mut state = shared.state();
        *state.requests.entry(endpoint).or_default() += 1;
        if state.received.len() < MAX_RECEIVED {
            state.received.push_str(&request);
        }
        let (head, form) = request.split_once("\r\n\r\n").unwrap_or((&request, ""));
        let page = match endpoint {
            Endpoint::Authorization => sign_in::authorize(shared, &mut state, query),
            Endpoint::Discovery => pages::discovery(shared),
            Endpoint::Jwks => pages::jwks(shared.personality, &shared.origin(), &state),
            Endpoint::Other => pages::not_found(),
            Endpoint::Revocation => sign_in::revocation(shared, &mut state, head, form),
            Endpoint::Token => sign_in::token(shared, &mut state, head, form),
            Endpoint::Tokeninfo => pages::about_token(&state, &[query, form]),
        };
        (state.failures.get(&endpoint).cloned(), page)
    };
    match failure {
        None => stream.write_all(&page.bytes()).await?,
        Some(Failure::Delay(delay)) => {
            tokio::time::sleep(delay).await;
            stream.write_all(&page.bytes()).await?;
        }
        Some(Failure::Drip(pause)) => drip(&mut stream, &page.bytes(), pause).await?,
        Some(Failure::Gone) => return Ok(()),
        Some(Failure::Half) => {
            let bytes = page.bytes();
            let half = bytes.len() - page.body.len() / 2;
            stream.write_all(&bytes[..half]).await?;
        }
        Some(failure) => {
            page.spoil(&failure);
            stream.write_all(&page.bytes()).await?;
        }
    }
    stream.shutdown().await
}

async fn drip(stream: &mut TcpStream, bytes: &[u8], pause: Duration) -> io::Result<()> {
    for byte in bytes {
        tokio::time::sleep(pause).await;
        stream.write_all(&[*byte]).await?;
    }
    Ok(())
}

/// Head and body, as one text.
async fn read_request(stream: &mut TcpStream) -> io::Result<String> {
    let mut request = Vec::new();
    while request.len() < MAX_REQUEST {
        let text = String::from_utf8_lossy(&request);
        if let Some((head, body)) = text.split_once("\r\n\r\n")
            && body.len() >= content_length(head)
        {
            break;
        }
        if stream.read_buf(&mut request).await? == 0 {
            break;
        }
    }
    Ok(String::from_utf8_lossy(&request).into_owned())
}

fn content_length(head: &str) -> usize {
    let mut values = head.lines().filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        let matches = name.eq_ignore_ascii_case("content-length");
        matches.then(|| value.trim().parse().ok())?
    });
    values.next().unwrap_or_default()
}

const MAX_REQUEST: usize = 64 * 1024;
