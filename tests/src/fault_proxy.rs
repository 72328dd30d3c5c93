//! A TCP proxy that breaks connections on command.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinSet,
};
use tokio_util::task::AbortOnDropHandle;

/// A TCP proxy in front of one broker. Its fault can be changed at any time and holds for open
/// connections too. Dropping it closes everything.
///
/// Kafka clients go on to the address that the broker advertises: have the broker advertise
/// [`address`](Self::address), or only the first contact is proxied.
#[derive(Debug)]
pub struct FaultProxy {
    address: SocketAddr,
    fault: watch::Sender<Fault>,
    accepted: Arc<AtomicUsize>,
    recording: Arc<Mutex<Vec<u8>>>,
    _accepting: AbortOnDropHandle<()>,
}

/// What goes wrong between a client and its broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Each request is answered with these bytes, and never reaches the broker.
    Answer(Bytes),
    /// Answers end after this many bytes, and the connection with them.
    Cut(usize),
    /// Connections are closed, and new ones too as soon as they are accepted.
    Gone,
    /// Connections stay open, and nothing is forwarded.
    HalfOpen,
    /// Nothing goes wrong.
    Pass,
    /// Each piece of an answer is this late.
    Slow(Duration),
    /// Answers arrive byte by byte, each this late.
    Trickle(Duration),
}

impl FaultProxy {
    /// Listens on a free port for connections to `upstream`.
    ///
    /// # Errors
    ///
    /// If no port can be had.
    pub async fn start(upstream: SocketAddr, fault: Fault) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let (fault, watched) = watch::channel(fault);
        let accepted = Arc::new(AtomicUsize::new(0));
        let recording = Arc::default();
        let way = Way {
            upstream,
            fault: watched,
            recording: Arc::clone(&recording),
        };
        let accepting = accept(listener, way, Arc::clone(&accepted));
        #[expect(
            clippy::disallowed_methods,
            reason = "the handle ends the task when dropped"
        )]
        let accepting = AbortOnDropHandle::new(tokio::spawn(accepting));
        Ok(Self {
            address,
            fault,
            accepted,
            recording,
            _accepting: accepting,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes what goes wrong.
    pub fn set(&self, fault: Fault) {
        self.fault.send_replace(fault);
    }

    /// How many connections were accepted so far.
    #[must_use]
    pub fn accepted(&self) -> usize {
        self.accepted.load(Ordering::Relaxed)
    }

    /// What went through to the broker so far, of all connections: its first mebibyte.
    ///
    /// # Panics
    ///
    /// If it was not recorded whole.
    #[must_use]
    pub fn recorded(&self) -> Vec<u8> {
        let recorded = self.recording.lock().expect("unpoisoned").clone();
        assert!(recorded.len() < MAX_RECORDING, "there was more");
        recorded
    }
}

/// What every connection goes through.
#[derive(Clone, Debug)]
struct Way {
    upstream: SocketAddr,
    fault: watch::Receiver<Fault>,
    recording: Arc<Mutex<Vec<u8>>>,
}

impl Way {
    fn record(&self, bytes: &[u8]) {
        let mut recording = self.recording.lock().expect("unpoisoned");
        let room = MAX_RECORDING - recording.len();
        recording.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }
}

async fn accept(listener: TcpListener, way: Way, accepted: Arc<AtomicUsize>) {
    // Dropped with this task, the set ends all connections.
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        accepted.fetch_add(1, Ordering::Relaxed);
        while connections.try_join_next().is_some() {}
        if connections.len() < MAX_CONNECTIONS {
            connections.spawn(forward(client, way.clone()));
        }
    }
}

/// Carries one connection; errors only mean that a side has closed it.
async fn forward(client: TcpStream, way: Way) {
    let mut fault = way.fault.clone();
    if *fault.borrow() == Fault::Gone {
        return;
    }
    let Ok(broker) = TcpStream::connect(way.upstream).await else {
        return;
    };
    let (mut client_reader, client_writer) = client.into_split();
    let (broker_reader, mut broker_writer) = broker.into_split();
    let client_writer = Arc::new(tokio::sync::Mutex::new(client_writer));
    let requests = async {
        let mut buffer = vec![0; BUFFER];
        loop {
            let read = client_reader.read(&mut buffer).await?;
            if read == 0 {
                return io::Result::Ok(());
            }
            let current = fault.borrow().clone();
            match current {
                Fault::Answer(bytes) => client_writer.lock().await.write_all(&bytes).await?,
                Fault::HalfOpen => {}
                _ => {
                    way.record(&buffer[..read]);
                    broker_writer.write_all(&buffer[..read]).await?;
                }
            }
        }
    };
    let gone = async {
        let mut fault = fault.clone();
        // The sender lives as long as the proxy does.
        let _ = fault.wait_for(|fault| *fault == Fault::Gone).await;
    };
    tokio::select! {
        _ = requests => {}
        _ = answers(broker_reader, &client_writer, fault.clone()) => {}
        () = gone => {}
    }
    fault.mark_unchanged();
}

async fn answers(
    mut broker: OwnedReadHalf,
    client: &tokio::sync::Mutex<OwnedWriteHalf>,
    fault: watch::Receiver<Fault>,
) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER];
    let mut forwarded = 0;
    loop {
        let read = broker.read(&mut buffer).await?;
        let piece = &buffer[..read];
        if piece.is_empty() {
            return Ok(());
        }
        let current = fault.borrow().clone();
        match current {
            Fault::Answer(_) | Fault::HalfOpen => continue,
            Fault::Cut(after) => {
                let room = after.saturating_sub(forwarded).min(read);
                client.lock().await.write_all(&piece[..room]).await?;
                if room < read {
                    return Ok(());
                }
            }
            Fault::Gone => return Ok(()),
            Fault::Pass => client.lock().await.write_all(piece).await?,
            Fault::Slow(delay) => {
                tokio::time::sleep(delay).await;
                client.lock().await.write_all(piece).await?;
            }
            Fault::Trickle(delay) => {
                for byte in piece {
                    tokio::time::sleep(delay).await;
                    client.lock().await.write_all(&[*byte]).await?;
                }
            }
        }
        forwarded += read;
    }
}

const BUFFER: usize = 64 * 1024;
const MAX_RECORDING: usize = 1024 * 1024;
const MAX_CONNECTIONS: usize = 1024;
