import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.DescribeClusterResult;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.QuorumInfo;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.ReplicaInfo;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicCollection;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Does with the Java Admin client what there is to do with topics and nodes, right and wrong, and prints
 * what comes back, one line each. What differs from cluster to cluster is left out.
 *
 * <p>Usage: AdminTopics BROKERS PREFIX, with which the names of all topics begin
 */
public class AdminTopics {
    private static final long TIME = 1_767_225_600_000L;

    private final String brokers;
    private final String prefix;
    private final String topic;
    private final String missing;
    private final Admin admin;

    private AdminTopics(String brokers, String prefix) {
        this.brokers = brokers;
        this.prefix = prefix;
        topic = prefix + "orders";
        missing = prefix + "missing";
        admin = Admin.create(Map.of("bootstrap.servers", brokers));
    }

    public static void main(String[] arguments) throws Exception {
        AdminTopics all = new AdminTopics(arguments[0], arguments[1]);
        all.nodes();
        all.creating();
        all.describing();
        all.settings();
        all.growing();
        all.records();
        all.deleting();
        all.admin.close();
    }

    /** Prints the answer, or the error that came instead. */
    private void show(String what, Callable<Object> question) throws Exception {
        Object answer;
        try {
            answer = question.call();
            answer = answer == null ? "done" : answer;
        } catch (ExecutionException error) {
            // The words of the message are the cluster's own.
            answer = error.getCause().getClass().getSimpleName();
        }
        System.out.println((what + ": " + answer).replace(prefix, ""));
    }

    /** Waits until it holds: a broker hears a moment later of what the controller has done. */
    private static void await(String what, Callable<Boolean> question) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (System.nanoTime() < deadline) {
            try {
                if (question.call()) {
                    return;
                }
            } catch (ExecutionException error) {
                // Not yet.
            }
            Thread.sleep(20);
        }
        throw new IllegalStateException(what + " does not come");
    }

    private static <T> T get(KafkaFuture<T> future) throws Exception {
        return future.get(30, TimeUnit.SECONDS);
    }

    private static boolean isKnown(Uuid id) {
        return id != null && !id.equals(Uuid.ZERO_UUID);
    }

    private void nodes() throws Exception {
        DescribeClusterResult cluster = admin.describeCluster();
        show("cluster", () -> {
            Collection<Node> nodes = get(cluster.nodes());
            boolean hasController = nodes.stream().anyMatch(node -> node.id() == id(cluster.controller()));
            return nodes.size() + " nodes, controller among them " + hasController + ", id "
                    + !get(cluster.clusterId()).isEmpty() + ", operations " + get(cluster.authorizedOperations());
        });
        show("operations", () -> {
            DescribeClusterOptions options = new DescribeClusterOptions().includeAuthorizedOperations(true);
            return new TreeSet<>(get(admin.describeCluster(options).authorizedOperations()));
        });
        show("features", () -> {
            Map<String, FinalizedVersionRange> found = get(admin.describeFeatures().featureMetadata()).finalizedFeatures();
            return found.get("group.version").maxVersionLevel() + " of groups, "
                    + found.get("transaction.version").maxVersionLevel() + " of transactions";
        });
        show("quorum", () -> {
            QuorumInfo quorum = get(admin.describeMetadataQuorum().quorumInfo());
            return quorum.voters().size() + " voters, leader among them "
                    + quorum.voters().stream().anyMatch(voter -> voter.replicaId() == quorum.leaderId()) + ", "
                    + quorum.observers().size() + " observers";
        });
    }

    private static int id(KafkaFuture<Node> node) {
        try {
            return get(node).id();
        } catch (Exception error) {
            throw new IllegalStateException(error);
        }
    }

    private void creating() throws Exception {
        NewTopic orders = new NewTopic(topic, 2, (short) 1).configs(Map.of("retention.ms", "3600000"));
        CreateTopicsOptions dry = new CreateTopicsOptions().validateOnly(true);
        show("dry run", () -> get(admin.createTopics(List.of(orders), dry).all()));
        show("dry run makes nothing", () -> get(admin.describeTopics(List.of(topic)).allTopicNames()));
        CreateTopicsResult created = admin.createTopics(List.of(orders));
        show("created", () -> get(created.numPartitions(topic)) + " partitions, " + get(created.replicationFactor(topic))
                + " replicas, id " + isKnown(get(created.topicId(topic))) + ", " + brief(get(created.config(topic))));
        show("again", () -> get(admin.createTopics(List.of(orders)).all()));
        for (String name : List.of("a b", "..", "x".repeat(250))) {
            show("a name of " + name.length() + " letters", () -> get(admin.createTopics(List.of(new NewTopic(name, 1, (short) 1))).all()));
        }
        NewTopic empty = new NewTopic(prefix + "wrong", 0, (short) 1);
        show("no partition", () -> get(admin.createTopics(List.of(empty)).all()));
        NewTopic wide = new NewTopic(prefix + "wrong", 1, (short) 99);
        show("99 replicas", () -> get(admin.createTopics(List.of(wide)).all()));
        for (Map<String, String> configs : List.of(Map.of("no.such", "1"), Map.of("retention.ms", "soon"))) {
            NewTopic wrong = new NewTopic(prefix + "wrong", 1, (short) 1).configs(configs);
            show("with " + configs, () -> get(admin.createTopics(List.of(wrong)).all()));
        }
        NewTopic assigned = new NewTopic(prefix + "assigned", Map.of(0, List.of(1), 1, List.of(1)));
        show("assigned", () -> get(admin.createTopics(List.of(assigned)).numPartitions(prefix + "assigned")));
        await("a new topic", () -> count(topic) == 2 && count(prefix + "assigned") == 2);
        NewTopic nowhere = new NewTopic(prefix + "wrong", Map.of(0, List.of(98)));
        show("assigned to nobody", () -> get(admin.createTopics(List.of(nowhere)).all()));
    }

    private void describing() throws Exception {
        show("topic", () -> described(get(admin.describeTopics(List.of(topic)).allTopicNames()).get(topic)));
        DescribeTopicsOptions options = new DescribeTopicsOptions().includeAuthorizedOperations(true);
        show("operations", () -> {
            Set<AclOperation> found =
                    get(admin.describeTopics(List.of(topic), options).allTopicNames()).get(topic).authorizedOperations();
            return new TreeSet<>(found);
        });
        show("in pages of one", () -> {
            DescribeTopicsOptions paged = new DescribeTopicsOptions().partitionSizeLimitPerResponse(1);
            List<String> both = List.of(topic, prefix + "assigned");
            return get(admin.describeTopics(both, paged).allTopicNames()).values().stream()
                    .map(found -> found.name() + " " + found.partitions().size())
                    .sorted()
                    .collect(Collectors.toList());
        });
        Uuid id = get(admin.describeTopics(List.of(topic)).allTopicNames()).get(topic).topicId();
        show("by id", () -> get(admin.describeTopics(TopicCollection.ofTopicIds(List.of(id))).allTopicIds()).get(id).name());
        Uuid unknown = new Uuid(1, 1);
        show("by an unknown id", () -> get(admin.describeTopics(TopicCollection.ofTopicIds(List.of(unknown))).allTopicIds()));
        show("missing", () -> get(admin.describeTopics(List.of(missing)).allTopicNames()));
        show("listed", () -> get(admin.listTopics().names()).contains(topic));
        show("log directories", () -> {
            int node = get(admin.describeCluster().nodes()).iterator().next().id();
            List<String> found = new ArrayList<>();
            for (LogDirDescription directory : get(admin.describeLogDirs(List.of(node)).allDescriptions()).get(node).values()) {
                ReplicaInfo replica = directory.replicaInfos().get(new TopicPartition(topic, 0));
                found.add("error " + directory.error() + ", size " + replica.size() + ", lag " + replica.offsetLag()
                        + ", future " + replica.isFuture() + ", total " + directory.totalBytes().isPresent());
            }
            return found;
        });
    }

    private int count(String name) throws Exception {
        return get(admin.describeTopics(List.of(name)).allTopicNames()).get(name).partitions().size();
    }

    private static String described(TopicDescription found) {
        return found.name() + ", internal " + found.isInternal() + ", id " + isKnown(found.topicId()) + ", "
                + found.partitions().stream()
                        .map(partition -> partition.partition() + " led by " + partition.leader().id() + " replicas "
                                + ids(partition.replicas()) + " in sync " + ids(partition.isr()) + " eligible "
                                + ids(partition.elr()) + " last " + ids(partition.lastKnownElr()))
                        .collect(Collectors.toList());
    }

    private static List<Integer> ids(List<Node> nodes) {
        return nodes == null ? null : nodes.stream().map(Node::id).collect(Collectors.toList());
    }

    private void settings() throws Exception {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        change(resource, "retention.ms", "7200000", OpType.SET);
        change(resource, "cleanup.policy", "compact", OpType.APPEND);
        await("a setting", () -> setting(resource, "cleanup.policy").equals("delete,compact"));
        show("settings", () -> brief(settings(resource)));
        change(resource, "cleanup.policy", "delete", OpType.SUBTRACT);
        change(resource, "retention.ms", "", OpType.DELETE);
        await("a default", () -> setting(resource, "retention.ms").equals("604800000"));
        show("settings", () -> brief(settings(resource)));
        change(resource, "retention.ms", "soon", OpType.SET);
        change(resource, "retention.ms", "1", OpType.APPEND);
        change(resource, "no.such", "1", OpType.SET);
        change(new ConfigResource(ConfigResource.Type.TOPIC, missing), "retention.ms", "1", OpType.SET);
        ConfigResource other = new ConfigResource(ConfigResource.Type.TOPIC, missing);
        show("settings of none", () -> settings(other));
        int node = get(admin.describeCluster().nodes()).iterator().next().id();
        ConfigResource broker = new ConfigResource(ConfigResource.Type.BROKER, "" + node);
        show("settings of a node", () -> {
            ConfigEntry entry = settings(broker).get("node.id");
            return entry.name() + "=" + entry.value() + " " + entry.source() + ", read only " + entry.isReadOnly() + ", "
                    + entry.type();
        });
    }

    private Config settings(ConfigResource resource) throws Exception {
        return get(admin.describeConfigs(List.of(resource)).all()).get(resource);
    }

    private String setting(ConfigResource resource, String name) throws Exception {
        return settings(resource).get(name).value();
    }

    private void change(ConfigResource resource, String name, String value, OpType how) throws Exception {
        AlterConfigOp change = new AlterConfigOp(new ConfigEntry(name, value), how);
        show(how + " " + name + " " + value, () -> get(admin.incrementalAlterConfigs(Map.of(resource, List.of(change))).all()));
    }

    /** What was set for the topic, with the number of entries: the others are compared elsewhere. */
    private static String brief(Config config) {
        List<String> own = config.entries().stream()
                .filter(entry -> entry.source() == ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG)
                .map(entry -> entry.name() + "=" + entry.value())
                .sorted()
                .collect(Collectors.toList());
        return config.entries().size() + " settings, own " + own;
    }

    private void growing() throws Exception {
        show("grown", () -> get(admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(4))).all()));
        await("more partitions", () -> count(topic) == 4);
        show("as before", () -> get(admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(4))).all()));
        show("fewer", () -> get(admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(3))).all()));
        show("none grown", () -> get(admin.createPartitions(Map.of(missing, NewPartitions.increaseTo(3))).all()));
        NewPartitions assigned = NewPartitions.increaseTo(5, List.of(List.of(98)));
        show("grown at nobody", () -> get(admin.createPartitions(Map.of(topic, assigned)).all()));
    }

    private void records() throws Exception {
        Map<String, Object> settings = Map.of("bootstrap.servers", brokers);
        StringSerializer text = new StringSerializer();
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(settings, text, text)) {
            for (long time : List.of(10, 30, 20, 40)) {
                producer.send(new ProducerRecord<>(topic, 0, TIME + time, "key", "value")).get();
            }
        }
        TopicPartition partition = new TopicPartition(topic, 0);
        offset("earliest", partition, OffsetSpec.earliest());
        offset("latest", partition, OffsetSpec.latest());
        offset("of the latest time", partition, OffsetSpec.maxTimestamp());
        offset("from a time on", partition, OffsetSpec.forTimestamp(TIME + 15));
        offset("from a later time on", partition, OffsetSpec.forTimestamp(TIME + 41));
        offset("earliest here", partition, OffsetSpec.earliestLocal());
        offset("latest elsewhere", partition, OffsetSpec.latestTiered());
        offset("of no records", new TopicPartition(topic, 1), OffsetSpec.maxTimestamp());
        remove("removed from what is compacted", partition, 2);
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        change(resource, "cleanup.policy", "compact,delete", OpType.SET);
        Map<TopicPartition, RecordsToDelete> none = Map.of(partition, RecordsToDelete.beforeOffset(0));
        await("a setting", () -> get(admin.deleteRecords(none).all()) == null);
        remove("removed", partition, 2);
        offset("earliest", partition, OffsetSpec.earliest());
        remove("removed before that", partition, 1);
        remove("more than there are", partition, 9);
        remove("all", partition, -1);
        offset("earliest", partition, OffsetSpec.earliest());
    }

    private void offset(String what, TopicPartition partition, OffsetSpec which) throws Exception {
        show("offset " + what, () -> {
            ListOffsetsResultInfo found = get(admin.listOffsets(Map.of(partition, which)).partitionResult(partition));
            long time = found.timestamp() < 0 ? found.timestamp() : found.timestamp() - TIME;
            return found.offset() + ", time " + time + ", epoch " + found.leaderEpoch();
        });
    }

    private void remove(String what, TopicPartition partition, long before) throws Exception {
        show(what, () -> {
            Map<TopicPartition, RecordsToDelete> records = Map.of(partition, RecordsToDelete.beforeOffset(before));
            return get(admin.deleteRecords(records).lowWatermarks().get(partition)).lowWatermark();
        });
    }

    private void deleting() throws Exception {
        show("deleted", () -> get(admin.deleteTopics(List.of(topic)).all()));
        show("deleted again", () -> get(admin.deleteTopics(List.of(topic)).all()));
        Uuid id = get(admin.describeTopics(List.of(prefix + "assigned")).allTopicNames()).get(prefix + "assigned").topicId();
        show("deleted by id", () -> get(admin.deleteTopics(TopicCollection.ofTopicIds(List.of(id))).all()));
        show("again by id", () -> get(admin.deleteTopics(TopicCollection.ofTopicIds(List.of(id))).all()));
        await("the end", () -> !get(admin.listTopics().names()).contains(topic));
        show("gone", () -> get(admin.describeTopics(List.of(topic)).allTopicNames()));
    }
}
