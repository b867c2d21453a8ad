package io.serin.schemas.start;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.schemas.topics.Topics;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.PatternType;
import org.junit.jupiter.api.Test;

class ServiceTest {

  @Test
  void shouldLetOnlyTheWorkerReadPrompts() {
    assertThat(readers(Topics.PAYLOADS.name())).containsExactly(Service.WORKER);
    assertThat(readers(Topics.SHADOW_EXAMPLES.name())).isEmpty();
  }

  @Test
  void shouldLetOnlyAnalyticsCommandRouters() {
    assertThat(writers(Topics.COMMANDS.name())).containsExactly(Service.ANALYTICS);
    assertThat(writers(Topics.ACTIONS.name())).containsExactly(Service.ANALYTICS);
  }

  @Test
  void shouldHaveOneServiceThatWritesEachTopic() {
    assertThat(Topics.all())
        .allSatisfy(topic -> assertThat(writers(topic.name())).as(topic.name()).hasSize(1));
  }

  @Test
  void shouldLetAnalyticsDeleteWhatItsRepartitionTopicsHaveProcessed() {
    assertThat(Service.ANALYTICS.needs())
        .filteredOn(need -> need.operations().contains(AclOperation.DELETE))
        .extracting(Permission::name)
        .containsExactly("serin-decide-", "serin-measure-");
    assertThat(Service.ANALYTICS.needs())
        .filteredOn(need -> need.operations().contains(AclOperation.DELETE))
        .allSatisfy(need -> assertThat(need.pattern()).isEqualTo(PatternType.PREFIXED));
  }

  @Test
  void shouldPrintALineOfShellForEachNeed() {
    assertThat(Permission.topic("serin.requests", AclOperation.WRITE).script("User:r"))
        .isEqualTo(
            "\"${KAFKA_ACLS[@]}\" --add --allow-principal 'User:r' --operation Write"
                + " --resource-pattern-type literal --topic 'serin.requests'");
  }

  private static List<Service> readers(String topic) {
    return having(topic, AclOperation.READ);
  }

  private static List<Service> writers(String topic) {
    return having(topic, AclOperation.WRITE);
  }

  private static List<Service> having(String topic, AclOperation operation) {
    return Stream.of(Service.values())
        .filter(
            service ->
                service.needs().stream()
                    .anyMatch(
                        need ->
                            need.operations().contains(operation)
                                && (need.pattern() == PatternType.PREFIXED
                                    ? topic.startsWith(need.name())
                                    : topic.equals(need.name()))))
        .toList();
  }
}
