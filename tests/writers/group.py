"""Writes ten records to each partition of a topic with librdkafka, reads them with two consumers of a
group that share the partitions, commits, and prints what each had and how many records came.

Usage: group.py BROKERS TOPIC GROUP PARTITIONS [SETTING=VALUE...]
"""

import json
import sys
import time

from confluent_kafka import Consumer, Producer

brokers, topic, group, partitions, *settings = sys.argv[1:]
partitions = int(partitions)
settings = dict(setting.split("=", 1) for setting in settings)
protocol = settings.pop("group.protocol", "classic")
common = {"bootstrap.servers": brokers, **settings}

producer = Producer({**common, "enable.idempotence": True})
for partition in range(partitions):
    for number in range(10):
        producer.produce(topic, value=str(number), partition=partition)
if producer.flush(30) > 0:
    sys.exit("not all records were written")


def consumer():
    mine = Consumer(
        {
            **common,
            "group.id": group,
            "group.protocol": protocol,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    mine.subscribe([topic])
    return mine


consumers = [consumer(), consumer()]
seen = set()
deadline = time.monotonic() + 60
while True:
    for one in consumers:
        message = one.poll(0.05)
        if message is not None and message.error() is None:
            seen.add((message.partition(), message.offset()))
    shares = [len(one.assignment()) for one in consumers]
    if len(seen) == 10 * partitions and sum(shares) == partitions and all(shares):
        break
    if time.monotonic() > deadline:
        sys.exit(f"{len(seen)} records, {shares} partitions")

for one in consumers:
    # What a consumer had before the other joined, it has not read itself.
    ends = one.assignment()
    for partition in ends:
        partition.offset = one.get_watermark_offsets(partition, timeout=30)[1]
    one.commit(offsets=ends, asynchronous=False)
    one.close()
print(json.dumps({"read": len(seen), "shares": sorted(shares)}))
