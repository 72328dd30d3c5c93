import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Writes in transactions with the Java client, reads what becomes of them, and prints what it has seen,
 * one line a step.
 *
 * <p>Usage: Transactions BROKERS SOURCE TARGET, where both are topics of one partition
 */
public class Transactions {
    private static final long LIMIT = 30;

    private final String brokers;
    private final TopicPartition source;
    private final TopicPartition target;
    private final KafkaProducer<String, String> producer;
    private final Admin admin;

    private Transactions(String brokers, String source, String target) {
        this.brokers = brokers;
        this.source = new TopicPartition(source, 0);
        this.target = new TopicPartition(target, 0);
        producer = producer();
        admin = Admin.create(settings());
    }

    public static void main(String[] arguments) throws Exception {
        Transactions transactions = new Transactions(arguments[0], arguments[1], arguments[2]);
        transactions.endInBothWays();
        transactions.areDescribed();
        for (String protocol : List.of("classic", "consumer")) {
            transactions.takeOffsetsAlong(protocol);
        }
        transactions.areFenced();
        transactions.admin.close();
    }

    private void endInBothWays() throws Exception {
        producer.initTransactions();
        write("one", "two");
        end(true);
        write("never");
        end(false);
        write("three");
        end(true);
        System.out.println("committed: " + readAll("read_committed"));
        System.out.println("all: " + readAll("read_uncommitted"));
    }

    private void areDescribed() throws Exception {
        write("four");
        System.out.println("while open: " + readAll("read_committed"));
        System.out.println("described: " + described());
        System.out.println("listed: " + states(admin.listTransactions().all().get(LIMIT, TimeUnit.SECONDS)));
        List<ProducerState> active =
                admin.describeProducers(Set.of(target)).partitionResult(target).get(LIMIT, TimeUnit.SECONDS).activeProducers();
        for (ProducerState state : active) {
            System.out.println(
                    "producer: last sequence " + state.lastSequence() + ", transaction from "
                            + state.currentTransactionStartOffset());
        }
        end(true);
        System.out.println("after that: " + readAll("read_committed"));
        System.out.println("described: " + described());
    }

    private String described() throws Exception {
        TransactionDescription found = description();
        return found.state() + ", " + found.topicPartitions().size() + " partitions, timeout " + found.transactionTimeoutMs()
                + " ms, began " + found.transactionStartTimeMs().isPresent();
    }

    private TransactionDescription description() throws Exception {
        String id = target.topic();
        return admin.describeTransactions(Set.of(id)).description(id).get(LIMIT, TimeUnit.SECONDS);
    }

    private List<String> states(Collection<TransactionListing> listings) {
        List<String> states = new ArrayList<>();
        listings.stream()
                .filter(listing -> listing.transactionalId().equals(target.topic()))
                .forEach(listing -> states.add(listing.state().toString()));
        return states;
    }

    /** Reads the source with a group whose offsets are committed with what is written to the target. */
    private void takeOffsetsAlong(String protocol) throws Exception {
        Map<String, Object> settings = settings();
        settings.put("group.id", target.topic() + "-" + protocol);
        settings.put("group.protocol", protocol);
        settings.put("auto.offset.reset", "earliest");
        settings.put("enable.auto.commit", "false");
        try (KafkaConsumer<String, String> consumer = consumer(settings)) {
            consumer.subscribe(List.of(source.topic()));
            long deadline = deadline();
            while (consumer.assignment().isEmpty()) {
                consumer.poll(Duration.ofMillis(50));
                ensure(System.nanoTime() < deadline, "nothing is assigned");
            }
            for (long offset = 1; offset <= 2; offset++) {
                write(protocol + " " + offset);
                Map<TopicPartition, OffsetAndMetadata> offsets = Map.of(source, new OffsetAndMetadata(offset, "note"));
                producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
                end(offset == 2);
                OffsetAndMetadata committed = consumer.committed(Set.of(source)).get(source);
                System.out.println(protocol + " offset " + offset + ": " + (committed == null ? null : committed.offset()));
            }
        }
        System.out.println(protocol + ": " + readAll("read_committed"));
    }

    private void areFenced() throws Exception {
        try (KafkaProducer<String, String> newer = producer()) {
            newer.initTransactions();
            try {
                write("too late");
                producer.commitTransaction();
                System.out.println("fenced: no");
            } catch (Exception error) {
                Throwable cause = error instanceof KafkaException ? error : error.getCause();
                System.out.println("fenced: " + cause.getClass().getSimpleName());
            }
        }
        producer.close();
        System.out.println("in the end: " + readAll("read_uncommitted"));
    }

    /** Begins a transaction whose records are in the log before it ends. */
    private void write(String... values) throws Exception {
        producer.beginTransaction();
        List<Future<?>> sent = new ArrayList<>();
        for (String value : values) {
            sent.add(producer.send(new ProducerRecord<>(target.topic(), value)));
        }
        producer.flush();
        for (Future<?> future : sent) {
            future.get();
        }
    }

    /** Ends the transaction, and waits until it has ended everywhere. */
    private void end(boolean commits) throws Exception {
        if (commits) {
            producer.commitTransaction();
        } else {
            producer.abortTransaction();
        }
        TransactionState ended = commits ? TransactionState.COMPLETE_COMMIT : TransactionState.COMPLETE_ABORT;
        long deadline = deadline();
        while (description().state() != ended) {
            ensure(System.nanoTime() < deadline, "the transaction does not end");
        }
    }

    private List<String> readAll(String isolation) {
        Map<String, Object> settings = settings();
        settings.put("isolation.level", isolation);
        settings.put("fetch.max.wait.ms", 50);
        List<String> values = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer = consumer(settings)) {
            consumer.assign(List.of(target));
            consumer.seekToBeginning(List.of(target));
            long end = consumer.endOffsets(List.of(target)).get(target);
            long deadline = deadline();
            while (consumer.position(target) < end) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(50))) {
                    values.add(record.value());
                }
                ensure(System.nanoTime() < deadline, "the end is not reached: " + values);
            }
        }
        return values;
    }

    private KafkaProducer<String, String> producer() {
        Map<String, Object> settings = settings();
        settings.put("transactional.id", target.topic());
        return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
    }

    private static KafkaConsumer<String, String> consumer(Map<String, Object> settings) {
        return new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
    }

    private Map<String, Object> settings() {
        return new HashMap<>(Map.of("bootstrap.servers", brokers));
    }

    private static long deadline() {
        return System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT);
    }

    private static void ensure(boolean holds, String complaint) {
        if (!holds) {
            throw new IllegalStateException(complaint);
        }
    }
}
