import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.DescribeConsumerGroupsOptions;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.MemberToRemove;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Does with the Java Admin client what there is to do with groups, of the classic protocol and of KIP-848,
 * right and wrong, and prints what comes back, one line each. What differs from cluster to cluster is left
 * out.
 *
 * <p>Usage: AdminGroups BROKERS TOPIC PREFIX, a topic of two partitions and with which the names of all
 * groups begin
 */
public class AdminGroups {
    private final String brokers;
    private final String topic;
    private final String prefix;
    private final TopicPartition first;
    private final TopicPartition second;
    private final Admin admin;

    private AdminGroups(String brokers, String topic, String prefix) {
        this.brokers = brokers;
        this.topic = topic;
        this.prefix = prefix;
        first = new TopicPartition(topic, 0);
        second = new TopicPartition(topic, 1);
        admin = Admin.create(Map.of("bootstrap.servers", brokers));
    }

    public static void main(String[] arguments) throws Exception {
        AdminGroups all = new AdminGroups(arguments[0], arguments[1], arguments[2]);
        for (String protocol : List.of("classic", "consumer")) {
            all.withMembers(protocol);
            all.offsets(protocol);
        }
        all.nothing();
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

    private static <T> T get(KafkaFuture<T> future) throws Exception {
        return future.get(30, TimeUnit.SECONDS);
    }

    /** A group while it has a member: what is seen of it, and what is refused. */
    private void withMembers(String protocol) throws Exception {
        String group = prefix + protocol;
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", brokers);
        settings.put("group.id", group);
        settings.put("group.instance.id", "one");
        settings.put("group.protocol", protocol);
        settings.put("client.id", "reader");
        settings.put("enable.auto.commit", "false");
        StringDeserializer text = new StringDeserializer();
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(settings, text, text)) {
            consumer.subscribe(List.of(topic));
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (consumer.assignment().size() < 2) {
                consumer.poll(Duration.ofMillis(50));
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException("nothing is assigned");
                }
            }
            consumer.commitSync(Map.of(first, new OffsetAndMetadata(0, "note"), second, new OffsetAndMetadata(0)));
            show(group, () -> described(get(admin.describeConsumerGroups(List.of(group)).all()).get(group)));
            show("operations", () -> {
                DescribeConsumerGroupsOptions options = new DescribeConsumerGroupsOptions().includeAuthorizedOperations(true);
                return get(admin.describeConsumerGroups(List.of(group), options).all()).get(group).authorizedOperations().stream()
                        .sorted()
                        .collect(Collectors.toList());
            });
            show("listed", () -> listed(new ListGroupsOptions()));
            show("listed by state", () -> listed(new ListGroupsOptions().inGroupStates(Set.of(GroupState.STABLE))));
            show("listed by type", () -> listed(new ListGroupsOptions().withTypes(Set.of(GroupType.parse(protocol)))));
            show("offset set", () -> get(admin.alterConsumerGroupOffsets(group, offset(1)).all()));
            show("offset removed", () -> get(admin.deleteConsumerGroupOffsets(group, Set.of(first)).all()));
            show("deleted", () -> get(admin.deleteConsumerGroups(List.of(group)).all()));
            MemberToRemove stranger = new MemberToRemove("two");
            show("stranger removed", () -> get(admin.removeMembersFromConsumerGroup(
                    group, new RemoveMembersFromConsumerGroupOptions(List.of(stranger))).all()));
        }
        // A static member that closes is expected back.
        RemoveMembersFromConsumerGroupOptions everybody = new RemoveMembersFromConsumerGroupOptions();
        show("members removed", () -> get(admin.removeMembersFromConsumerGroup(group, everybody).all()));
        show(group, () -> described(get(admin.describeConsumerGroups(List.of(group)).all()).get(group)));
    }

    private static String described(ConsumerGroupDescription found) {
        return found.groupId() + ", " + found.type() + ", " + found.groupState() + ", simple " + found.isSimpleConsumerGroup()
                + ", assignor " + found.partitionAssignor() + ", epochs " + found.groupEpoch().isPresent() + " "
                + found.targetAssignmentEpoch().isPresent() + ", coordinator " + found.coordinator().id() + ", "
                + found.members().stream().map(AdminGroups::described).collect(Collectors.toList());
    }

    private static String described(MemberDescription found) {
        return "client " + found.clientId() + " at " + found.host() + ", instance " + found.groupInstanceId() + ", id "
                + !found.consumerId().isEmpty() + ", has " + found.assignment().topicPartitions().size() + ", is to have "
                + found.targetAssignment().map(target -> target.topicPartitions().size()) + ", epoch "
                + found.memberEpoch().isPresent() + ", upgraded " + found.upgraded();
    }

    private List<String> listed(ListGroupsOptions options) throws Exception {
        List<String> found = new ArrayList<>();
        for (GroupListing group : get(admin.listGroups(options).all())) {
            if (group.groupId().startsWith(prefix)) {
                found.add(group.groupId() + " " + group.type() + " " + group.protocol() + " " + group.groupState());
            }
        }
        found.sort(null);
        return found;
    }

    /** A group whose members have left: its offsets come and go. */
    private void offsets(String protocol) throws Exception {
        String group = prefix + protocol;
        show("offsets", () -> offsets(get(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata())));
        show("offset set", () -> get(admin.alterConsumerGroupOffsets(group, offset(7)).all()));
        ListConsumerGroupOffsetsSpec some =
                new ListConsumerGroupOffsetsSpec().topicPartitions(List.of(first, new TopicPartition(topic, 9)));
        show("offsets of some", () -> offsets(
                get(admin.listConsumerGroupOffsets(Map.of(group, some)).partitionsToOffsetAndMetadata(group))));
        show("offset of no partition set", () -> get(admin.alterConsumerGroupOffsets(
                group, Map.of(new TopicPartition(topic, 9), new OffsetAndMetadata(1))).all()));
        show("offset removed", () -> get(admin.deleteConsumerGroupOffsets(group, Set.of(first)).all()));
        show("offset removed again", () -> get(admin.deleteConsumerGroupOffsets(group, Set.of(first)).all()));
        show("offset of no partition removed", () -> get(admin.deleteConsumerGroupOffsets(
                group, Set.of(new TopicPartition(topic, 9))).all()));
        show("offsets", () -> offsets(get(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata())));
        show("deleted", () -> get(admin.deleteConsumerGroups(List.of(group)).all()));
        show("deleted again", () -> get(admin.deleteConsumerGroups(List.of(group)).all()));
    }

    private Map<TopicPartition, OffsetAndMetadata> offset(long offset) {
        return Map.of(first, new OffsetAndMetadata(offset, "by hand"));
    }

    private static Map<Integer, String> offsets(Map<TopicPartition, OffsetAndMetadata> found) {
        Map<Integer, String> offsets = new TreeMap<>();
        found.forEach((partition, offset) -> offsets.put(
                partition.partition(),
                offset == null ? "none" : offset.offset() + " '" + offset.metadata() + "' epoch " + offset.leaderEpoch()));
        return offsets;
    }

    /** Groups that there are not, and one that has offsets and never had members. */
    private void nothing() throws Exception {
        String group = prefix + "missing";
        show("missing", () -> described(get(admin.describeConsumerGroups(List.of(group)).all()).get(group)));
        show("offsets", () -> offsets(get(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata())));
        show("offset removed", () -> get(admin.deleteConsumerGroupOffsets(group, Set.of(first)).all()));
        show("deleted", () -> get(admin.deleteConsumerGroups(List.of(group)).all()));
        String simple = prefix + "simple";
        show("offset set", () -> get(admin.alterConsumerGroupOffsets(simple, offset(3)).all()));
        show(simple, () -> described(get(admin.describeConsumerGroups(List.of(simple)).all()).get(simple)));
        show("listed", () -> listed(new ListGroupsOptions()));
        show("listed as simple", () -> listed(ListGroupsOptions.forConsumerGroups()));
        show("deleted", () -> get(admin.deleteConsumerGroups(List.of(simple)).all()));
    }
}
