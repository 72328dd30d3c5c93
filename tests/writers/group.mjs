// Writes ten records to each partition of a topic with kafkajs, reads them with two consumers of a
// group that share the partitions, and prints what each had and how many records came.
//
// Usage: group.mjs BROKERS TOPIC GROUP PARTITIONS [MECHANISM USER PASSWORD]
import kafkajs from "kafkajs";

const { Kafka, Partitioners, logLevel } = kafkajs;
const [brokers, topic, groupId, count, mechanism, username, password] = process.argv.slice(2);
const partitions = Number(count);
const kafka = new Kafka({
  brokers: brokers.split(","),
  logLevel: logLevel.ERROR,
  sasl: mechanism && { mechanism: mechanism.toLowerCase(), username, password },
});

const producer = kafka.producer({
  createPartitioner: Partitioners.DefaultPartitioner,
  idempotent: true,
});
await producer.connect();
for (let partition = 0; partition < partitions; partition++) {
  const messages = Array.from({ length: 10 }, (_, number) => ({ partition, value: `${number}` }));
  await producer.send({ topic, acks: -1, messages });
}
await producer.disconnect();

const seen = new Set();
const shares = [0, 0];
const consumers = shares.map(() =>
  kafka.consumer({ groupId, heartbeatInterval: 200, maxWaitTimeInMs: 200 }),
);
await Promise.all(
  consumers.map(async (consumer, index) => {
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      shares[index] = (payload.memberAssignment[topic] ?? []).length;
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ partition, message }) => seen.add(`${partition}@${message.offset}`),
    });
  }),
);

const deadline = Date.now() + 60_000;
const isDone = () =>
  seen.size === 10 * partitions && shares[0] + shares[1] === partitions && shares.every(Boolean);
while (!isDone()) {
  if (Date.now() > deadline) throw new Error(`${seen.size} records, ${shares} partitions`);
  await new Promise((resolve) => setTimeout(resolve, 50));
}
// Stopping commits what was read.
await Promise.all(consumers.map((consumer) => consumer.disconnect()));
console.log(JSON.stringify({ read: seen.size, shares: shares.sort() }));
