package io.serin.schemas.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TopicsTest {

  @Test
  void shouldGiveUnitTopicsOnePartitionCount() {
    Partitions partitions = new Partitions(6, 2);

    assertThat(
            Topics.all().stream()
                .filter(topic -> topic.key() == Topic.Key.UNIT)
                .map(partitions::of)
                .distinct())
        .containsExactly(6);
  }

  @Test
  void shouldSendAUnitWhereKafkasPartitionerDoes() {
    Partitions partitions = new Partitions(6, 2);
    var cluster =
        org.apache.kafka.clients.producer.internals.BuiltInPartitioner.partitionForKey(
            "u-17".getBytes(java.nio.charset.StandardCharsets.UTF_8), 6);

    assertThat(partitions.ofUnit("u-17")).isEqualTo(cluster);
  }

  @Test
  void shouldNameTheSettingThatIsOutOfBounds() {
    assertThatThrownBy(() -> new Partitions(0, 1)).hasMessageContaining("unit-partitions is 0");
    assertThatThrownBy(() -> new Partitions(1, -1))
        .hasMessageContaining("rollout-partitions is -1");
  }

  @Test
  void shouldKeepOnlyTheNewestCommandOfARollout() {
    assertThat(Topics.COMMANDS.config()).containsEntry("cleanup.policy", "compact");
    assertThat(Topics.ACTIONS.config())
        .containsEntry("cleanup.policy", "delete")
        .containsEntry("retention.ms", "-1");
  }

  @Test
  void shouldStampEveryEventWhenItIsAppended() {
    assertThat(Topics.all())
        .allSatisfy(
            topic ->
                assertThat(topic.config())
                    .containsEntry("message.timestamp.type", "LogAppendTime"));
  }
}
