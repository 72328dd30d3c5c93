// Writes a fixed set of records with kafkajs and prints them, one JSON object a line.
//
// Usage: writer.mjs BROKERS TOPIC CODEC..., where a codec may be "transactions"
import kafkajs from "kafkajs";
import SnappyCodec from "kafkajs-snappy";

const { CompressionCodecs, CompressionTypes, Kafka, Partitioners, logLevel } = kafkajs;
CompressionCodecs[CompressionTypes.Snappy] = SnappyCodec;
const CODECS = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
};

const [brokers, ...jobs] = process.argv.slice(2);
const timestamp = 1_767_225_600_000;
const kafka = new Kafka({ brokers: brokers.split(","), logLevel: logLevel.ERROR });

const encoded = (data) => (data === null ? null : Buffer.from(data).toString("base64"));

/** kafkajs takes several values of one header as an array. */
function record(key, value, headers = {}) {
  return { key, value, headers, partition: 0, timestamp: String(timestamp) };
}

function show(topic, { key, value, headers }) {
  const pairs = Object.entries(headers).flatMap(([name, content]) =>
    (Array.isArray(content) ? content : [content]).map((one) => [name, encoded(one)]),
  );
  const shown = { topic, key: encoded(key), value: encoded(value), headers: pairs, timestamp };
  console.log(JSON.stringify(shown));
}

async function writeRecords(topic, codec) {
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  const messages = [
    record("k", "grüße"),
    record(null, Buffer.from(Array.from({ length: 256 }, (_, i) => i))),
    record("tombstone", null),
    record("", ""),
    record("headers", "1", {
      twice: ["1", "2"],
      empty: "",
      binary: Buffer.from([0xff, 0]),
    }),
    record("large", "0123456789".repeat(10_000)),
  ];
  await producer.connect();
  await producer.send({ topic, acks: -1, compression: CODECS[codec], messages });
  await producer.disconnect();
  messages.forEach((message) => show(topic, message));
}

async function writeTransactions(topic) {
  const producer = kafka.producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    idempotent: true,
    maxInFlightRequests: 1,
    transactionalId: topic,
  });
  await producer.connect();
  for (const [number, kept] of [true, false, true, false].entries()) {
    const transaction = await producer.transaction();
    const messages = [0, 1, 2].map((part) => record(null, `${number}-${part}`));
    await transaction.send({ topic, messages });
    if (kept) {
      await transaction.commit();
      messages.forEach((message) => show(topic, message));
    } else {
      await transaction.abort();
    }
  }
  await producer.disconnect();
}

for (let i = 0; i + 1 < jobs.length; i += 2) {
  const [topic, codec] = jobs.slice(i, i + 2);
  await (codec === "transactions" ? writeTransactions(topic) : writeRecords(topic, codec));
}
