import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Logs in with the Java client by each mechanism, writes a record, reads it, and tries a wrong password;
 * prints both outcomes, one line a mechanism.
 *
 * <p>Usage: Login BROKERS TOPIC USER PASSWORD MECHANISM...
 */
public class Login {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Map<String, Object> settings = new HashMap<>();

    private Login(String brokers, String mechanism, String user, String password) {
        String module = mechanism.equals("PLAIN") ? "plain.PlainLoginModule" : "scram.ScramLoginModule";
        settings.put("bootstrap.servers", brokers);
        settings.put("security.protocol", "SASL_PLAINTEXT");
        settings.put("sasl.mechanism", mechanism);
        settings.put(
                "sasl.jaas.config",
                "org.apache.kafka.common.security." + module + " required username=\"" + user + "\" password=\"" + password
                        + "\";");
    }

    public static void main(String[] arguments) throws Exception {
        for (int i = 4; i < arguments.length; i++) {
            String mechanism = arguments[i];
            Login right = new Login(arguments[0], mechanism, arguments[2], arguments[3]);
            Login wrong = new Login(arguments[0], mechanism, arguments[2], arguments[3] + "-not");
            System.out.println(mechanism + ": " + right.writeAndRead(arguments[1], mechanism) + ", " + wrong.refusal());
        }
    }

    private String writeAndRead(String topic, String value) throws Exception {
        TopicPartition partition = new TopicPartition(topic, 0);
        long offset;
        StringSerializer written = new StringSerializer();
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(settings, written, written)) {
            offset = producer.send(new ProducerRecord<>(topic, 0, null, value)).get().offset();
        }
        StringDeserializer read = new StringDeserializer();
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(settings, read, read)) {
            consumer.assign(List.of(partition));
            consumer.seek(partition, offset);
            for (ConsumerRecord<String, String> record : consumer.poll(LIMIT)) {
                return "read " + record.value();
            }
        }
        return "read nothing";
    }

    private String refusal() throws Exception {
        try (Admin admin = Admin.create(settings)) {
            admin.describeCluster().clusterId().get();
            return "let in";
        } catch (ExecutionException error) {
            return error.getCause().getClass().getSimpleName();
        }
    }
}
