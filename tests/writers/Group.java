import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Writes ten records to each partition of a topic with the Java client, whose producer is idempotent
 * unless told otherwise, reads them with two consumers of a group that share the partitions, commits,
 * and prints what each had and how many records came.
 *
 * <p>Usage: Group BROKERS TOPIC GROUP PARTITIONS [SETTING=VALUE...], with settings of consumers
 */
public class Group {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final String brokers;
    private final String topic;
    private final int partitions;
    private final List<KafkaConsumer<String, String>> consumers = new ArrayList<>();
    private final Set<String> seen = new HashSet<>();

    private Group(String brokers, String topic, int partitions) {
        this.brokers = brokers;
        this.topic = topic;
        this.partitions = partitions;
    }

    public static void main(String[] arguments) throws Exception {
        Group group = new Group(arguments[0], arguments[1], Integer.parseInt(arguments[3]));
        group.write();
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", arguments[0]);
        settings.put("group.id", arguments[2]);
        settings.put("auto.offset.reset", "earliest");
        settings.put("enable.auto.commit", "false");
        for (int i = 4; i < arguments.length; i++) {
            String[] setting = arguments[i].split("=", 2);
            settings.put(setting[0], setting[1]);
        }
        group.join(settings);
        group.join(settings);
        group.read();
        List<Integer> shares = group.shares();
        group.leave();
        System.out.println("{\"read\":" + group.seen.size() + ",\"shares\":" + shares + "}");
    }

    private void write() throws Exception {
        Map<String, Object> settings = Map.of("bootstrap.servers", brokers);
        StringSerializer text = new StringSerializer();
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(settings, text, text)) {
            List<Future<?>> sent = new ArrayList<>();
            for (int partition = 0; partition < partitions; partition++) {
                for (int number = 0; number < 10; number++) {
                    sent.add(producer.send(new ProducerRecord<>(topic, partition, null, "" + number)));
                }
            }
            for (Future<?> future : sent) {
                future.get();
            }
        }
    }

    private void join(Map<String, Object> settings) {
        StringDeserializer text = new StringDeserializer();
        KafkaConsumer<String, String> consumer = new KafkaConsumer<>(settings, text, text);
        consumer.subscribe(List.of(topic));
        consumers.add(consumer);
    }

    private void read() {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!isDone()) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException(seen.size() + " records, " + shares() + " partitions");
            }
            for (KafkaConsumer<String, String> consumer : consumers) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(50))) {
                    seen.add(record.partition() + "@" + record.offset());
                }
            }
        }
    }

    private boolean isDone() {
        List<Integer> shares = shares();
        int owned = shares.stream().mapToInt(Integer::intValue).sum();
        return seen.size() == 10 * partitions && owned == partitions && !shares.contains(0);
    }

    private List<Integer> shares() {
        return consumers.stream()
                .map(consumer -> consumer.assignment().size())
                .sorted()
                .collect(Collectors.toList());
    }

    private void leave() {
        for (KafkaConsumer<String, String> consumer : consumers) {
            // What a consumer had before the other joined, it has not read itself.
            Map<TopicPartition, OffsetAndMetadata> ends = new HashMap<>();
            consumer.endOffsets(consumer.assignment())
                    .forEach((partition, end) -> ends.put(partition, new OffsetAndMetadata(end)));
            consumer.commitSync(ends);
            consumer.close();
        }
    }
}
