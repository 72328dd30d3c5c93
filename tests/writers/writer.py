"""Writes a fixed set of records with librdkafka and prints them, one JSON object a line.

Usage: writer.py BROKERS TOPIC CODEC..., where a codec may be "transactions"
"""

import base64
import json
import sys

from confluent_kafka import Producer



def encoded(data):
    return None if data is None else base64.b64encode(data).decode()


def report(error, message):
    if error is not None:
        sys.exit(str(error))


def write(producer, topic, key, value, headers=(), timestamp=1_767_225_600_000, shown=True):
    producer.produce(
        topic,
        key=key,
        value=value,
        headers=list(headers),
        timestamp=timestamp,
        partition=0,
        on_delivery=report,
    )
    if shown:
        print(
            json.dumps(
                {
                    "topic": topic,
                    "key": encoded(key),
                    "value": encoded(value),
                    "headers": [[name, encoded(content)] for name, content in headers],
                    "timestamp": timestamp,
                }
            )
        )


def write_records(brokers, topic, codec):
    producer = Producer(
        {"bootstrap.servers": brokers, "compression.type": codec, "linger.ms": 50, "acks": "all"}
    )
    write(producer, topic, b"k", "grüße".encode())
    write(producer, topic, None, bytes(range(256)))
    write(producer, topic, b"tombstone", None)
    write(producer, topic, b"", b"")
    headers = [
        ("twice", b"1"),
        ("twice", b"2"),
        ("null", None),
        ("empty", b""),
        ("binary", b"\xff\x00"),
    ]
    write(producer, topic, b"headers", b"1", headers)
    write(producer, topic, b"large", b"0123456789" * 10_000)
    producer.flush(30)


def write_transactions(brokers, topic):
    producer = Producer({"bootstrap.servers": brokers, "transactional.id": topic})
    producer.init_transactions(30)
    for number, kept in enumerate([True, False, True, False]):
        producer.begin_transaction()
        for part in range(3):
            write(producer, topic, None, f"{number}-{part}".encode(), shown=kept)
        if kept:
            producer.commit_transaction(30)
        else:
            # Aborting drops what was not sent yet; it has to be in the log.
            producer.flush(30)
            producer.abort_transaction(30)


brokers, *jobs = sys.argv[1:]
for topic, codec in zip(jobs[::2], jobs[1::2]):
    if codec == "transactions":
        write_transactions(brokers, topic)
    else:
        write_records(brokers, topic, codec)
