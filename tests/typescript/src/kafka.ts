// What the tests need on the cluster besides the product: a topic of their own, and a group behind.

import { randomUUID } from "node:crypto";

import kafkajs from "kafkajs";

import { brokers } from "./server.ts";

/** A topic with two partitions and a consumer group that has committed offset 0 of the first. */
export class Fixture {
  readonly topic = `typescript-${randomUUID()}`;
  readonly group = `typescript-${randomUUID()}`;
  readonly #admin = new kafkajs.Kafka({
    clientId: "typescript-tests",
    brokers: brokers.split(","),
    // A group coordinator that is not there yet is retried, and logged as an error each time.
    logLevel: kafkajs.logLevel.NOTHING,
  }).admin();

  static async create(): Promise<Fixture> {
    const fixture = new Fixture();
    const { topic, group } = fixture;
    await fixture.#admin.connect();
    await fixture.#admin.createTopics({ topics: [{ topic, numPartitions: 2, replicationFactor: 1 }] });
    await fixture.#admin.setOffsets({
      groupId: group,
      topic,
      partitions: [{ partition: 0, offset: "0" }],
    });
    return fixture;
  }

  async remove(): Promise<void> {
    await this.#admin.deleteGroups([this.group]);
    await this.#admin.deleteTopics({ topics: [this.topic] });
    await this.#admin.disconnect();
  }
}
