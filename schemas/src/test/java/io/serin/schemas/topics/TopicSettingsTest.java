package io.serin.schemas.topics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TopicSettingsTest {

  @Test
  void shouldAcceptEveryTopicAsTheCatalogueCreatesIt() {
    assertThat(Topics.all())
        .allSatisfy(
            topic -> {
              assertThat(TopicSettings.errors(topic, 4, 4, topic.config())).isEmpty();
              assertThat(TopicSettings.warnings(topic, 3, 3, topic.config())).isEmpty();
            });
  }

  @Test
  void shouldNameTheOptionForOtherPartitions() {
    assertThat(TopicSettings.errors(Topics.REQUESTS, 8, 4, Topics.REQUESTS.config()))
        .containsExactly(
            "topic serin.requests has 4 partitions, the settings say 8: start with"
                + " --unit-partitions 4");
  }

  @Test
  void shouldGiveTheCommandThatMendsASetting() {
    assertThat(
            TopicSettings.errors(
                Topics.COMMANDS, 2, 2, with(Topics.COMMANDS, "cleanup.policy", "delete")))
        .singleElement()
        .asString()
        .contains(
            "cleanup.policy=delete", "must be compact", "--add-config cleanup.policy=compact");
    assertThat(
            TopicSettings.errors(
                Topics.REQUESTS,
                4,
                4,
                with(Topics.REQUESTS, "message.timestamp.type", "CreateTime")))
        .singleElement()
        .asString()
        .contains("must be LogAppendTime");
  }

  @Test
  void shouldWarnOfShorterRetentionOnly() {
    assertThat(
            TopicSettings.warnings(
                Topics.ACTIONS, 1, 1, with(Topics.ACTIONS, "retention.ms", "86400000")))
        .singleElement()
        .asString()
        .contains("must be -1");
    assertThat(
            TopicSettings.warnings(
                Topics.REQUESTS, 1, 1, with(Topics.REQUESTS, "retention.ms", "-1")))
        .isEmpty();
  }

  @Test
  void shouldWarnOfASingleReplicaOnSeveralBrokers() {
    assertThat(TopicSettings.warnings(Topics.ACKS, 1, 3, Topics.ACKS.config()))
        .singleElement()
        .asString()
        .contains("1 replica on 3 brokers");
  }

  private static Map<String, String> with(Topic topic, String name, String value) {
    Map<String, String> config = new HashMap<>(topic.config());
    config.put(name, value);
    return config;
  }
}
