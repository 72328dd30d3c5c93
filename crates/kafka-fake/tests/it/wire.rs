//! A connection that sends what it is told to.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use kafka_fake::Cluster;
use kafka_protocol::{
    messages::{
        MetadataRequest, RequestHeader, ResponseHeader, SaslAuthenticateRequest,
        SaslHandshakeRequest, TopicName, metadata_request::MetadataRequestTopic,
    },
    protocol::{Decodable, Encodable, HeaderVersion, Request, StrBytes},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Duration, timeout},
};

/// A connection to a node.
pub(crate) struct Wire {
    stream: TcpStream,
    correlation_id: i32,
}

impl Wire {
    pub(crate) async fn connect(address: &str) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        Self {
            stream,
            correlation_id: 0,
        }
    }

    pub(crate) async fn to_node(cluster: &Cluster, node: i32) -> Self {
        Self::connect(&cluster.node_address(node).unwrap().to_string()).await
    }

    /// Logs in with PLAIN.
    pub(crate) async fn log_in(&mut self, user: &str, password: &str) {
        let mechanism = SaslHandshakeRequest::default().with_mechanism(text("PLAIN"));
        assert_eq!(self.ask(&mechanism, 1).await.error_code, 0);
        let message = Bytes::from(format!("\0{user}\0{password}"));
        let message = SaslAuthenticateRequest::default().with_auth_bytes(message);
        let answer = self.ask(&message, 2).await;
        assert_eq!(answer.error_code, 0, "{user} cannot log in");
    }

    /// Sends a request, and reads the answer.
    pub(crate) async fn ask<R: Request>(&mut self, request: &R, version: i16) -> R::Response {
        self.send(request, version).await;
        self.answer::<R>(version).await
    }

    /// Reads the answer to the last request.
    pub(crate) async fn answer<R: Request>(&mut self, version: i16) -> R::Response {
        let frame = self.read().await;
        let mut frame = frame.unwrap_or_else(|| panic!("no answer to {} {version}", R::KEY));
        let header_version = R::Response::header_version(version);
        let header = ResponseHeader::decode(&mut frame, header_version).unwrap();
        assert_eq!(header.correlation_id, self.correlation_id);
        let response = R::Response::decode(&mut frame, version).unwrap();
        assert!(!frame.has_remaining(), "version {version}: {frame:?}");
        response
    }

    pub(crate) async fn send<R: Request>(&mut self, request: &R, version: i16) {
        self.correlation_id += 1;
        let header = RequestHeader::default()
            .with_request_api_key(R::KEY)
            .with_request_api_version(version)
            .with_correlation_id(self.correlation_id)
            .with_client_id(Some(StrBytes::from_static_str("wire")));
        let mut body = BytesMut::new();
        header
            .encode(&mut body, R::header_version(version))
            .unwrap();
        request.encode(&mut body, version).unwrap();
        let mut frame = BytesMut::new();
        frame.put_i32(body.len().try_into().unwrap());
        frame.put(body);
        self.send_bytes(&frame).await;
    }

    pub(crate) async fn send_bytes(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// As many bytes as that, whatever they mean.
    pub(crate) async fn read_bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        self.stream.read_exact(&mut bytes).await.unwrap();
        bytes
    }

    /// The next frame; `None` when the node has closed the connection.
    pub(crate) async fn read(&mut self) -> Option<Bytes> {
        let read = async {
            let length = self.stream.read_i32().await.ok()?;
            let mut frame = vec![0; length.try_into().unwrap()];
            self.stream.read_exact(&mut frame).await.ok()?;
            Some(frame.into())
        };
        timeout(PATIENCE, read)
            .await
            .expect("an answer, or the end")
    }
}

/// Metadata of these topics.
pub(crate) fn metadata(topics: &[&TopicName]) -> MetadataRequest {
    let topics = topics
        .iter()
        .map(|name| MetadataRequestTopic::default().with_name(Some((*name).clone())));
    MetadataRequest::default()
        .with_topics(Some(topics.collect()))
        .with_allow_auto_topic_creation(false)
}

pub(crate) fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

const PATIENCE: Duration = Duration::from_secs(30);
