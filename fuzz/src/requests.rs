//! Requests to a Kafka broker, made of any bytes.

use kafka_fake::Api;

/// Any number of requests. Each begins with its kind, its version, and the length of what follows.
#[derive(Debug)]
pub struct Requests<'a> {
    input: &'a [u8],
}

impl<'a> Requests<'a> {
    /// Those in an input.
    pub fn new(input: &'a [u8]) -> Self {
        Self { input }
    }

    /// As they are sent.
    pub fn bytes(mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        while let [kind, version, length, rest @ ..] = self.input {
            let length = match length {
                // The last one may be longer.
                255 => rest.len(),
                length => rest.len().min(usize::from(*length)),
            };
            let (content, rest) = rest.split_at(length);
            self.input = rest;
            match *kind {
                // Not even a frame.
                RAW => bytes.extend(content),
                FRAME => bytes.extend(framed(content)),
                BATCH => bytes.extend(framed(&produce(content))),
                kind => bytes.extend(framed(&request(kind, *version, content))),
            }
        }
        bytes
    }
}

/// A request that is answered, as far as its header tells; newer versions have tags next.
fn request(kind: u8, version: u8, content: &[u8]) -> Vec<u8> {
    let any = Api::ALL[usize::from(kind) % Api::ALL.len()];
    let api = Api::from_key(i16::from(kind)).unwrap_or(any);
    let versions: Vec<i16> = api.versions().collect();
    let version = versions[usize::from(version) % versions.len()];
    header(api, version, content)
}

/// A batch of records whose length and checksum are right: nobody looks at what is wrong with it else.
fn produce(content: &[u8]) -> Vec<u8> {
    let length = |bytes: &[u8]| {
        i32::try_from(bytes.len())
            .expect("a short input")
            .to_be_bytes()
    };
    let checksum = crc32c::crc32c(content).to_be_bytes();
    // The epoch and the magic byte come before that, and the offset before the length.
    let checked = [&[0; 4], &[2][..], &checksum, content].concat();
    let batch = [&[0; 8], &length(&checked)[..], &checked].concat();
    // No transaction, one acknowledgement, half a minute; the topic `t`, and its first partition.
    let mut body = vec![0xff, 0xff, 0, 1, 0, 0, 0x75, 0x30];
    body.extend([0, 0, 0, 1, 0, 1, b't', 0, 0, 0, 1, 0, 0, 0, 0]);
    body.extend(length(&batch));
    body.extend(batch);
    header(Api::Produce, 8, &body)
}

/// A client without a name, whose requests have the same number all.
fn header(api: Api, version: i16, body: &[u8]) -> Vec<u8> {
    let head = [api.key().to_be_bytes(), version.to_be_bytes()].concat();
    [&*head, &[0, 0, 0, 1, 0xff, 0xff], body].concat()
}

fn framed(content: &[u8]) -> Vec<u8> {
    let length = i32::try_from(content.len()).expect("a short input");
    [&length.to_be_bytes(), content].concat()
}

const RAW: u8 = 255;
const FRAME: u8 = 254;
const BATCH: u8 = 253;
