// What the tests need on the cluster besides the product: a topic of their own, and a group behind.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";

import kafkajs from "kafkajs";

import { brokers } from "./server.ts";

/** A topic with two partitions and a consumer group that has committed offset 0 of the first. */
export class Fixture {
  readonly topic = `typescript-${randomUUID()}`;
  readonly group: string;
  readonly #kafka = new kafkajs.Kafka({
    clientId: "typescript-tests",
    brokers: brokers.split(","),
    // A group coordinator that is not there yet is retried, and logged as an error each time.
    logLevel: kafkajs.logLevel.NOTHING,
  });
  readonly #admin = this.#kafka.admin();

  private constructor(group: string) {
    this.group = group;
  }

  static async create(group = `typescript-${randomUUID()}`): Promise<Fixture> {
    const fixture = new Fixture(group);
    const { topic } = fixture;
    try {
      await fixture.#admin.connect();
      const topics = [{ topic, numPartitions: 2, replicationFactor: 1 }];
      await fixture.#admin.createTopics({ topics, waitForLeaders: false });
      await fixture.#known();
      await fixture.#admin.setOffsets({
        groupId: group,
        topic,
        partitions: [{ partition: 0, offset: "0" }],
      });
      return fixture;
    } catch (error) {
      // A connection that stays open would keep the test runner from ending.
      await fixture.#admin.disconnect();
      throw error;
    }
  }

  /** Waits until the broker knows the topic, which kafkajs itself gives up on at once. */
  async #known(): Promise<void> {
    const deadline = performance.now() + 10_000;
    for (;;) {
      try {
        const { topics } = await this.#admin.fetchTopicMetadata({ topics: [this.topic] });
        if (topics[0]?.partitions.every((partition) => partition.leader >= 0)) return;
      } catch (error) {
        if (performance.now() > deadline) throw error;
      }
      assert.ok(performance.now() < deadline, "the topic has leaders in time");
      await setTimeout(50);
    }
  }

  /** Writes records to the partition that the group is behind in. */
  async write(count: number): Promise<void> {
    const producer = this.#kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
    await producer.connect();
    try {
      const messages = Array.from({ length: count }, (_, number) => ({ value: `${number}`, partition: 0 }));
      await producer.send({ topic: this.topic, messages });
    } finally {
      await producer.disconnect();
    }
  }

  async remove(): Promise<void> {
    await this.#admin.deleteGroups([this.group]);
    await this.#admin.deleteTopics({ topics: [this.topic] });
    await this.#admin.disconnect();
  }
}
