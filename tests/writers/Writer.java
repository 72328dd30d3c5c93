import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Writes a fixed set of records with the Java client and prints them, one JSON object a line.
 *
 * <p>Usage: Writer BROKERS TOPIC CODEC..., where a codec may be "transactions"
 */
public class Writer {
    private static final long TIMESTAMP = 1_767_225_600_000L;

    private final String topic;
    private final KafkaProducer<byte[], byte[]> producer;
    private final List<Future<?>> sent = new ArrayList<>();

    private Writer(String brokers, String topic, String setting, String value) {
        this.topic = topic;
        Map<String, Object> config =
                Map.of("bootstrap.servers", brokers, "linger.ms", 50, setting, value);
        producer = new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
    }

    public static void main(String[] arguments) throws Exception {
        for (int i = 1; i + 1 < arguments.length; i += 2) {
            String topic = arguments[i];
            String codec = arguments[i + 1];
            if (codec.equals("transactions")) {
                new Writer(arguments[0], topic, "transactional.id", topic).writeTransactions();
            } else {
                new Writer(arguments[0], topic, "compression.type", codec).writeRecords();
            }
        }
    }

    private void writeRecords() throws Exception {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        write(bytes("k"), bytes("grüße"), List.of(), true);
        write(null, all, List.of(), true);
        write(bytes("tombstone"), null, List.of(), true);
        write(bytes(""), bytes(""), List.of(), true);
        List<Header> headers =
                Arrays.asList(
                        new RecordHeader("twice", bytes("1")),
                        new RecordHeader("twice", bytes("2")),
                        new RecordHeader("null", (byte[]) null),
                        new RecordHeader("empty", bytes("")),
                        new RecordHeader("binary", new byte[] {(byte) 0xff, 0}));
        write(bytes("headers"), bytes("1"), headers, true);
        write(bytes("large"), bytes("0123456789".repeat(10_000)), List.of(), true);
        finish();
    }

    private void writeTransactions() throws Exception {
        producer.initTransactions();
        boolean[] kept = {true, false, true, false};
        for (int number = 0; number < kept.length; number++) {
            producer.beginTransaction();
            for (int part = 0; part < 3; part++) {
                write(null, bytes(number + "-" + part), List.of(), kept[number]);
            }
            if (kept[number]) {
                producer.commitTransaction();
            } else {
                // Aborting drops what was not sent yet; it has to be in the log.
                producer.flush();
                producer.abortTransaction();
            }
        }
        finish();
    }

    private void finish() throws Exception {
        producer.flush();
        for (Future<?> future : sent) {
            future.get();
        }
        producer.close();
    }

    private void write(byte[] key, byte[] value, List<Header> headers, boolean shown) {
        sent.add(producer.send(new ProducerRecord<>(topic, 0, TIMESTAMP, key, value, headers)));
        if (!shown) {
            return;
        }
        List<String> pairs = new ArrayList<>();
        for (Header header : headers) {
            pairs.add("[\"" + header.key() + "\"," + encoded(header.value()) + "]");
        }
        System.out.println(
                "{\"topic\":\"" + topic + "\",\"key\":" + encoded(key) + ",\"value\":" + encoded(value) + ",\"headers\":["
                        + String.join(",", pairs) + "],\"timestamp\":" + TIMESTAMP + "}");
    }

    private static String encoded(byte[] data) {
        return data == null ? "null" : '"' + Base64.getEncoder().encodeToString(data) + '"';
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
